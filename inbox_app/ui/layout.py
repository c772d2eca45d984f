"""The frame of every page: the rail on wide screens, the tabs on phones, and what lies above."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from inbox_app.ui.components.account import account, account_button, account_menu
from inbox_app.ui.components.bell import bell
from inbox_app.ui.components.icons import icon, sprite
from inbox_app.ui.components.kept import slots
from inbox_app.ui.components.react import (
    Connection,
    Flash,
    LinkGroup,
    OwnLinks,
    Shell,
    SkipLink,
    TabLinks,
    Update,
)
from inbox_app.ui.states.account import AccountState
from inbox_app.ui.states.actions import ActionState
from inbox_app.ui.states.detail import DetailState
from inbox_app.ui.states.feed import FeedState
from inbox_app.ui.states.flash import FlashState
from inbox_app.ui.states.live import LiveState
from inbox_app.ui.states.rail import RailState
from inbox_app.ui.states.session import ViewerState
from inbox_app.ui.words import say

SIGNED_OUT: Final = "/signed-out/"
VIEW_ICONS: Final = {
    "all": "inbox",
    "unread": "mail",
    "saved": "save",
    "snoozed": "snooze",
    "archived": "check",
}

viewer = ViewerState.viewer
counts = FeedState.counts


def frame(title: str, *panes: rx.Component, label: rx.Var[str], class_name: str) -> rx.Component:
    """A page: its panes with everything around them.

    Args:
        title: Key of the page's title.
        label: Name of the main part, for screen readers.
        class_name: How the panes are laid out.
    """
    return Shell.create(
        sprite(),
        _without_scripts(),
        SkipLink.create(say("frame.skip"), class_name="skip"),
        rail(_own_links()),
        rx.el.main(
            # Not in a pane, which another one may hide on a phone.
            rx.el.div(
                Connection.create(), Update.create(line=LiveState.line), class_name="notices"
            ),
            *panes,
            id="main",
            class_name=class_name,
            aria_label=label,
        ),
        tabbar(),
        account_menu(),
        Flash.create(message=FlashState.message, undo_key=viewer.key_of["undo"]),
        title=title,
        viewer=viewer,
        unseen=counts.unseen,
        ended=ViewerState.ended,
        signed_out=SIGNED_OUT,
        line=LiveState.line,
        settled=ActionState.settled,
        outcome=DetailState.outcome,
        change=FeedState.change,
        slots=slots(),
        on_act=ActionState.act,
        on_act_on_all=ActionState.act_on_all,
        on_mute=ActionState.mute,
        on_undo=ActionState.undo,
        on_choose=ActionState.choose,
        on_reply=DetailState.reply,
        on_switch=AccountState.switch,
    )


def lone(title: str, *panes: rx.Component, label: rx.Var[str], over: str) -> rx.Component:
    """A page by itself, for those who may see nothing else.

    Args:
        over: Where it leads once that is over.
    """
    return Shell.create(
        sprite(),
        _without_scripts(),
        rx.el.main(
            Connection.create(),
            *panes,
            id="main",
            class_name="pane",
            aria_label=label,
        ),
        Flash.create(message=FlashState.message, undo_key=""),
        title=title,
        viewer=viewer,
        unseen=0,
        ended=ViewerState.ended,
        signed_out=over,
        lone=True,
    )


def _without_scripts() -> rx.Component:
    """What a browser that runs no scripts shows: without them nothing would ever come."""
    return rx.el.noscript(rx.el.p(say("frame.no_scripts"), class_name="no-scripts"))


def page(title: str, heading: str, lead: str, *cards: rx.Component) -> rx.Component:
    """A page of cards under a heading, in the frame; all texts by key."""
    return frame(
        title,
        rx.el.section(
            rx.el.header(
                rx.el.h1(say(heading), id="view-title", tab_index=-1),
                rx.el.span(class_name="push"),
                bell(),
                account_button("phone-only"),
                class_name="bar",
            ),
            rx.el.div(rx.el.p(say(lead), class_name="lead"), *cards, class_name="cards"),
            id="content",
            class_name="page",
            tab_index=-1,
            aria_labelledby="view-title",
        ),
        label=say(heading),
        class_name="pane",
    )


def card(heading: str, *content: rx.Component, anchor: str = "") -> rx.Component:
    """A part of a page with its own heading, by key.

    Args:
        anchor: Its id, for links that lead to it.
    """
    named: dict[str, Any] = {"id": anchor} if anchor else {}
    return rx.el.section(rx.el.h2(say(heading)), *content, class_name="card", **named)


def link(
    to: str,
    icon_name: str,
    label: rx.Var[str],
    count: rx.Var[int] | int = 0,
    *,
    strong: rx.Var[bool] | bool = False,
) -> dict[str, Any]:
    """A link of the rail.

    Args:
        count: Shown beside it, unless 0.
        strong: Whether the count calls for attention.
    """
    return {"to": to, "icon": icon_name, "label": label, "count": count, "strong": strong}


def views() -> list[dict[str, Any]]:
    """The inbox in its views."""
    return [
        link("/inbox/", VIEW_ICONS["all"], say("view.all"), counts.all),
        link(
            "/inbox/?view=unread",
            VIEW_ICONS["unread"],
            say("view.unread"),
            counts.unread,
            strong=True,
        ),
        link("/inbox/?view=saved", VIEW_ICONS["saved"], say("view.saved"), counts.saved),
        link("/inbox/?view=snoozed", VIEW_ICONS["snoozed"], say("view.snoozed"), counts.snoozed),
        link("/inbox/?view=archived", VIEW_ICONS["archived"], say("view.archived")),
    ]


def _own_links() -> rx.Component:
    """Categories and saved filters."""
    return OwnLinks.create(
        categories=RailState.categories.categories,
        filters=RailState.filters,
        counts=counts,
        outcome=RailState.outcome,
        on_refresh=RailState.refresh,
        on_keep=RailState.keep,
        on_rename=RailState.rename,
        on_arrange=RailState.arrange,
        on_remove=RailState.remove,
    )


def rail(*groups: rx.Component) -> rx.Component:
    """Brand, views, further groups of links, and the person; shrinks to icons on a tablet."""
    return rx.el.nav(
        _brand(),
        LinkGroup.create(label=say("frame.views"), links=views(), hide_label=True),
        *groups,
        account(),
        account_button("narrow-only rail-menu"),
        class_name="rail",
        aria_label=say("frame.rail"),
    )


def tabbar() -> rx.Component:
    """The views at the bottom of a phone."""
    all_link, unread, saved, *_ = views()
    return rx.el.nav(
        # Only what is unread calls for attention.
        TabLinks.create(links=[all_link | {"count": 0}, unread, saved | {"count": 0}]),
        class_name="tabbar",
        aria_label=say("frame.rail"),
    )


def _brand() -> rx.Component:
    picture = rx.el.img(src=viewer.logo, alt="", referrer_policy="no-referrer", class_name="logo")
    return rx.el.div(
        rx.cond(viewer.logo != "", picture, rx.el.span(icon("bell"), class_name="logo")),
        rx.el.span(viewer.brand, class_name="brand-name", dir="auto"),
        class_name="brand",
    )
