"""The inbox."""

from __future__ import annotations

import reflex as rx

from inbox_app.ui import words
from inbox_app.ui.components.account import account_menu
from inbox_app.ui.components.detail import detail_pane
from inbox_app.ui.components.icons import sprite
from inbox_app.ui.components.listing import list_pane
from inbox_app.ui.components.react import Connection, Flash, Shell, SkipLink
from inbox_app.ui.layout import rail, tabbar
from inbox_app.ui.states.actions import ActionState
from inbox_app.ui.states.feed import FeedState
from inbox_app.ui.states.flash import FlashState
from inbox_app.ui.states.session import ViewerState

SIGNED_OUT = "/signed-out/"


def inbox() -> rx.Component:
    return Shell.create(
        sprite(),
        SkipLink.create(words.SKIP, class_name="skip"),
        rail(),
        rx.el.main(
            # Not in the list, which an open notification hides on a phone.
            Connection.create(),
            list_pane(),
            detail_pane(),
            class_name="panes",
            aria_label=words.PANES_LABEL,
        ),
        tabbar(),
        account_menu(),
        Flash.create(message=FlashState.message, on_undo=ActionState.undo),
        words=words.BROWSER,
        unread=FeedState.counts.unread,
        brand=ViewerState.viewer.brand,
        ended=ViewerState.ended,
        signed_out=SIGNED_OUT,
        on_act=ActionState.act,
        on_choose=ActionState.choose,
    )
