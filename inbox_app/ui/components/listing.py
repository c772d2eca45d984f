"""The middle pane: heading, tools and the list."""

from __future__ import annotations

import reflex as rx

from inbox_app.ui.components.account import account_button
from inbox_app.ui.components.icons import icon
from inbox_app.ui.components.react import Feed
from inbox_app.ui.components.values import capped
from inbox_app.ui.states.actions import ActionState
from inbox_app.ui.states.feed import FeedState
from inbox_app.ui.words import say


def list_pane() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.h1(
                say("heading." + FeedState.box),
                id="view-title",
                tab_index=-1,
            ),
            _unread_badge(),
            rx.el.span(class_name="push"),
            _mark_all(),
            account_button("phone-only"),
            class_name="bar",
        ),
        Feed.create(
            page=FeedState.page,
            fresh=FeedState.fresh,
            patch=FeedState.patch,
            counts=FeedState.counts,
            box=FeedState.box,
            phase=FeedState.phase,
            trouble=FeedState.trouble,
            more=FeedState.more,
            older=FeedState.older,
            on_more=FeedState.load_more,
            on_older=FeedState.show_older,
            on_newest=FeedState.show_newest,
            on_retry=FeedState.retry,
            on_seen=FeedState.see,
        ),
        class_name="list",
        id="list",
        aria_labelledby="view-title",
        tab_index=-1,
    )


def _unread_badge() -> rx.Component:
    unread = FeedState.counts.unread
    return rx.cond(
        unread > 0,
        rx.el.span(
            rx.el.span(capped(unread), custom_attrs={"aria-hidden": "true"}),
            rx.el.span(say("list.unread_count", n=unread), class_name="sr"),
            class_name="badge",
            data_testid="unread-badge",
        ),
    )


def _mark_all() -> rx.Component:
    return rx.cond(
        (FeedState.counts.unread > 0) & (FeedState.box != "archived"),
        rx.el.button(
            icon("check-all"),
            type="button",
            class_name="icon-button",
            on_click=ActionState.mark_all_read,
            aria_label=say("list.mark_all_read"),
            title=say("list.mark_all_read"),
        ),
    )
