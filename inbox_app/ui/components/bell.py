"""The bell of a page's header."""

from __future__ import annotations

import reflex as rx

from inbox_app.services.views import CountsView, RowView
from inbox_app.ui.components.specs import nothing, several
from inbox_app.ui.states.bell import BellState
from inbox_app.ui.states.feed import FeedState
from inbox_app.ui.states.flash import Trouble


class Bell(rx.Component):
    """A button with the number of unseen notifications, and a panel with the newest."""

    library = "$/public/react/bell.jsx"
    tag = "Bell"

    counts: rx.Var[CountsView]
    change: rx.Var[int]
    all: rx.Var[list[RowView]]
    unread: rx.Var[list[RowView]]
    phase: rx.Var[str]
    trouble: rx.Var[Trouble]
    on_load: rx.EventHandler[nothing]
    on_seen: rx.EventHandler[several]


def bell() -> rx.Component:
    """For pages without the list; they need `LiveState.follow`, whose counters it follows."""
    return Bell.create(
        counts=FeedState.counts,
        change=FeedState.change,
        all=BellState.all,
        unread=BellState.unread,
        phase=BellState.phase,
        trouble=BellState.trouble,
        on_load=BellState.load,
        on_seen=FeedState.see,
    )
