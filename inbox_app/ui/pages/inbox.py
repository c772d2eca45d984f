"""The inbox."""

from __future__ import annotations

import reflex as rx

from inbox_app.ui.components.detail import detail_pane
from inbox_app.ui.components.listing import list_pane
from inbox_app.ui.layout import frame, views
from inbox_app.ui.words import say


def inbox() -> rx.Component:
    return frame(
        "title.inbox",
        list_pane(views()),
        detail_pane(),
        label=say("list.panes"),
        class_name="panes",
    )
