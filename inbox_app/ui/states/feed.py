"""The list of one tab."""

from __future__ import annotations

import secrets

import reflex as rx

from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.services import inbox
from inbox_app.services.access import Viewer
from inbox_app.services.views import ChangesView, CountsView, PageView, RowView
from inbox_app.ui import bridge
from inbox_app.ui.states import window
from inbox_app.ui.states.edge import guarded, quietly
from inbox_app.ui.states.flash import Trouble
from inbox_app.ui.states.session import viewer_of
from inbox_app.ui.states.window import RowPatch, Window


class FeedState(rx.State):
    """A window of rows, the counters, and up to which change number both are current.

    ``phase`` is "new" before the first load, then "ready" or "failed".
    """

    page: list[RowView] = []
    fresh: list[RowView] = []
    patch: dict[str, RowPatch] = {}
    counts: CountsView = CountsView()
    # The part of the inbox that the rows are of (`as_shown`).
    shown: dict[str, str] = {}
    phase: str = "new"
    trouble: Trouble = Trouble()
    # There are further rows, and the window may grow to hold them.
    more: bool = False
    # The window starts below the newest row.
    older: bool = False
    # There are further rows, for which it would have to move on.
    beyond: bool = False
    # A search has looked through everything; else its index is still being made.
    complete: bool = True
    # The change number up to which the rows and counters are current.
    change: int = 0
    # In a tuple, because Reflex wraps what it takes for mutable on every read.
    _held: tuple[Window] = (Window(InboxFilter()),)
    # What the address asks for; differs from what is shown after a load that failed.
    _wanted: tuple[InboxFilter] = (InboxFilter(),)
    _epoch: str = ""

    @property
    def epoch(self) -> str:
        """Differs once the server has forgotten this state and made it anew."""
        self._epoch = self._epoch or secrets.token_hex(4)
        return self._epoch

    @property
    def window(self) -> Window:
        return self._held[0]

    @property
    def part(self) -> InboxFilter:
        """What the rows are of."""
        return self.window.part

    def put(self, after: Window) -> None:
        """Stores a window; only fields that differ are sent."""
        before, self._held = self.window, (after,)
        told = {
            "older": after.moved,
            "shown": as_shown(after.part),
            "more": bool(after.cursor) and not after.full,
            "beyond": bool(after.cursor) and after.full,
        }
        for name, value in told.items():
            # An assignment sends a field, whether it differs or not.
            if getattr(self, name) != value:
                setattr(self, name, value)
        if after.page is not before.page:
            self.page = after.page
        for name in ("fresh", "patch"):
            if (news := getattr(after, name)) != getattr(before, name):
                setattr(self, name, news)

    def show(self, part: InboxFilter, view: PageView, *, moved: bool = False) -> None:
        """Shows a page of a part of the inbox in place of all rows."""
        self.put(window.opened(part, view, moved=moved))
        self.complete = view.complete
        self.counts, self.change = view.counts, view.change
        self.phase, self.trouble = "ready", Trouble()

    def apply(self, changes: ChangesView, open_id: str) -> None:
        """Brings rows and counters up to date; what is known already changes nothing."""
        if changes.change <= self.change:
            return
        self.put(window.changed(self.window, changes.rows, open_id))
        self.counts, self.change = changes.counts, changes.change

    def fail(self, trouble: Trouble) -> None:
        """Says what went wrong; rows that are there stay."""
        self.trouble = trouble
        self.phase = "ready" if self.phase == "ready" else "failed"

    async def load(self, viewer: Viewer, part: InboxFilter) -> None:
        self._wanted = (part,)
        async with guarded("search" if part.query else "load", self.fail):
            self.show(part, await inbox.find(bridge.runtime(), viewer.user_id, part))

    @rx.event
    async def load_more(self, wanted: int) -> None:
        """The end of the list came near.

        Args:
            wanted: How many rows the browser showed before the server lost this state, else 0.
        """
        async with guarded("load", self.fail):
            if not self.more:
                return
            missing = min(wanted, window.LARGEST) - len(self.window.page)
            view = await self._next_page(max(inbox.PAGE, missing))
            self.put(window.extended(self.window, view))
            self.trouble = Trouble()

    @rx.event
    async def show_older(self) -> None:
        """Moves the window on to the rows below it."""
        async with guarded("load", self.fail):
            if self.window.cursor:
                self.show(self.part, await self._next_page(), moved=True)

    @rx.event
    async def show_newest(self) -> None:
        """Moves the window back to the top, or tries the first load again."""
        await self.load(await viewer_of(self), self.part)

    @rx.event
    async def retry(self) -> None:
        """Tries again what failed."""
        self.trouble = Trouble()
        if self.phase == "failed" or self._wanted[0] != self.part:
            await self.load(await viewer_of(self), self._wanted[0])

    @rx.event(background=True)
    async def see(self, ids: list[str]) -> None:
        """Rows have been on screen; what somebody asks for does not wait until it is stored."""
        async with guarded("other", quietly):
            async with self:
                viewer = await viewer_of(self)
            await inbox.see(bridge.runtime(), viewer.user_id, ids[: window.LARGEST])

    async def _next_page(self, limit: int = inbox.PAGE) -> PageView:
        viewer, at = await viewer_of(self), self.window
        return await inbox.find(bridge.runtime(), viewer.user_id, at.part, at.cursor, limit)

    @rx.event(background=True)
    async def index(self) -> None:
        """Brings the index of the search up to date, then shows what it finds with it."""
        async with guarded("search", quietly):
            async with self:
                viewer = await viewer_of(self)
                lacking = () if self.complete else (self.part,)
            await inbox.prepare(bridge.runtime(), viewer.user_id, seconds=float("inf"))
            async with self:
                if lacking == (self.part,):
                    await self.load(viewer, self.part)


def as_shown(part: InboxFilter) -> dict[str, str]:
    """A part of the inbox as the browser compares it with its address."""
    return {
        "view": part.box.value,
        "category": part.category,
        "type": part.type_name,
        "query": part.query,
    }
