"""The middle pane: heading, tools and the list."""

from __future__ import annotations

from typing import Any

import reflex as rx

from inbox_app.ui.components.account import account_button
from inbox_app.ui.components.react import Feed, Heading, ReadAll, Search, ViewLine
from inbox_app.ui.components.values import capped
from inbox_app.ui.states.actions import ActionState
from inbox_app.ui.states.calm import CalmState
from inbox_app.ui.states.feed import FeedState
from inbox_app.ui.states.rail import RailState
from inbox_app.ui.words import say


def list_pane(views: list[dict[str, Any]]) -> rx.Component:
    """The list of what the address names.

    Args:
        views: Links to the views, for a phone.
    """
    return rx.el.section(
        rx.el.header(
            Heading.create(filters=RailState.filters),
            _badge(),
            rx.el.span(class_name="push"),
            _mark_all(),
            account_button("phone-only"),
            class_name="bar",
        ),
        Search.create(
            categories=RailState.categories.categories,
            types=RailState.kinds,
            trouble=FeedState.trouble,
            on_prepare=[FeedState.index, RailState.know_kinds],
        ),
        ViewLine.create(
            views=views,
            categories=RailState.categories.categories,
            filters=RailState.filters,
            label=say("frame.views"),
        ),
        _feed(),
        class_name="list",
        id="list",
        aria_labelledby="view-title",
        tab_index=-1,
    )


def _feed() -> rx.Component:
    return Feed.create(
        page=FeedState.page,
        fresh=FeedState.fresh,
        patch=FeedState.patch,
        counts=FeedState.counts,
        shown=FeedState.shown,
        phase=FeedState.phase,
        trouble=FeedState.trouble,
        more=FeedState.more,
        older=FeedState.older,
        beyond=FeedState.beyond,
        complete=FeedState.complete,
        calm=CalmState.view,
        job=ActionState.job,
        matching=ActionState.matching,
        capped=ActionState.matching_capped,
        on_index=FeedState.index,
        on_count=ActionState.count_matching,
        on_stop=ActionState.stop,
        on_more=FeedState.load_more,
        on_older=FeedState.show_older,
        on_newest=FeedState.show_newest,
        on_retry=FeedState.retry,
        on_seen=FeedState.see,
        on_calm=CalmState.look,
        on_test=CalmState.send_test,
    )


def _badge() -> rx.Component:
    """The number that the tab's title, its icon and the bell show, too."""
    unseen = FeedState.counts.unseen
    return rx.cond(
        unseen > 0,
        rx.el.span(
            rx.el.span(capped(unseen), custom_attrs={"aria-hidden": "true"}),
            rx.el.span(say("list.unseen_count", n=unseen), class_name="sr"),
            class_name="badge",
            data_testid="badge",
        ),
    )


def _mark_all() -> rx.Component:
    return rx.cond(
        FeedState.counts.unread > 0,
        ReadAll.create(class_name="icon-button"),
    )
