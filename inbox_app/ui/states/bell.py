"""The bell of one tab: the newest notifications, on pages without the list."""

from __future__ import annotations

from typing import Final

import reflex as rx

from inbox_app.domain.feed import Box
from inbox_app.services import inbox
from inbox_app.services.views import RowView
from inbox_app.ui import bridge
from inbox_app.ui.states.edge import guarded
from inbox_app.ui.states.flash import Trouble
from inbox_app.ui.states.session import viewer_of

NEWEST: Final = 10
"""Rows of each tab."""


class BellState(rx.State):
    """The newest rows of both tabs; ``phase`` is "new", "ready" or "failed"."""

    all: list[RowView] = []
    unread: list[RowView] = []
    phase: str = "new"
    trouble: Trouble = Trouble()

    @rx.event
    async def load(self) -> None:
        """Something has changed, or the bell is new: shows the newest as they are now."""
        async with guarded("load", self._fail):
            viewer = await viewer_of(self)
            rt = bridge.runtime()
            newest, unread = [
                (await inbox.page(rt, viewer.user_id, box, limit=NEWEST)).rows
                for box in (Box.ALL, Box.UNREAD)
            ]
            if newest != self.all:
                self.all = newest
            if unread != self.unread:
                self.unread = unread
            self.phase, self.trouble = "ready", Trouble()

    def _fail(self, trouble: Trouble) -> None:
        """Says what went wrong; rows that are there stay."""
        self.phase, self.trouble = "failed", trouble
