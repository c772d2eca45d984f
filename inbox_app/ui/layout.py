"""What surrounds the panes: the rail on wide screens, the tab bar on phones."""

from __future__ import annotations

import reflex as rx

from inbox_app.ui import words
from inbox_app.ui.components.account import account, account_button
from inbox_app.ui.components.icons import icon
from inbox_app.ui.components.react import ViewLink
from inbox_app.ui.components.values import capped
from inbox_app.ui.states.feed import FeedState
from inbox_app.ui.states.session import ViewerState

VIEW_ICONS = {"all": "inbox", "unread": "mail", "archived": "archive"}
COUNTS = {
    "all": FeedState.counts.all,
    "unread": FeedState.counts.unread,
    "archived": FeedState.counts.archived,
}


def rail() -> rx.Component:
    """Brand, views and the person; shrinks to icons on a tablet."""
    return rx.el.nav(
        rx.el.div(
            rx.el.span(icon("bell"), class_name="logo"),
            rx.el.span(ViewerState.viewer.brand, class_name="brand-name"),
            class_name="brand",
        ),
        *(_rail_link(view) for view in words.VIEWS),
        account(),
        account_button("narrow-only rail-menu"),
        class_name="rail",
        aria_label=words.VIEWS_LABEL,
    )


def tabbar() -> rx.Component:
    """The views at the bottom of a phone."""
    return rx.el.nav(
        *(_tab(view) for view in words.VIEWS),
        class_name="tabbar",
        aria_label=words.VIEWS_LABEL,
    )


def _rail_link(view: str) -> rx.Component:
    count = COUNTS[view]
    return ViewLink.create(
        icon(VIEW_ICONS[view]),
        rx.el.span(words.VIEWS[view], class_name="nav-label"),
        rx.cond(count > 0, rx.el.span(count, class_name="count")),
        view=view,
        class_name="nav",
        tip=words.VIEWS[view],
    )


def _tab(view: str) -> rx.Component:
    unread = COUNTS["unread"]
    count = rx.cond(unread > 0, rx.el.span(capped(unread), class_name="count"))
    return ViewLink.create(
        icon(VIEW_ICONS[view]),
        rx.el.span(words.VIEWS[view]),
        count if view == "unread" else rx.fragment(),
        view=view,
        class_name="tab",
    )
