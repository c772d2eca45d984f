"""Bringing a tab up to date: after its own actions, and when the live hub calls."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from reflex.state import BaseState

from inbox_app.domain.errors import NotFound
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.runtime import Runtime
from inbox_app.services import inbox
from inbox_app.services.access import Viewer
from inbox_app.services.inbox_views import counts_view
from inbox_app.services.views import ChangesView, ItemView, PageView
from inbox_app.ui import bridge
from inbox_app.ui.states.detail import DetailState
from inbox_app.ui.states.feed import FeedState


@dataclass(frozen=True)
class Position:
    """What a tab shows and knows.

    Attributes:
        epoch: Tells this state from one made anew after it.
        known: Ids of its rows, of a search alone.
        listing: Whether it has a list to keep up to date; else the counters are all it shows.
    """

    epoch: str
    part: InboxFilter
    change: int
    open_id: str
    known: Collection[str]
    listing: bool

    @property
    def place(self) -> tuple[str, InboxFilter, str, bool]:
        """What an update is made for."""
        return self.epoch, self.part, self.open_id, self.listing


@dataclass(frozen=True)
class Update:
    """What brings a tab up to date.

    Attributes:
        changes: What changed since the tab's change number.
        page: The first page when too much changed to tell.
        item: The open item when it changed.
    """

    changes: ChangesView
    page: PageView | None = None
    item: ItemView | None = None


async def position(state: BaseState) -> Position:
    """Where a tab is. Needs the state's lock."""
    return _position(await state.get_state(FeedState), await state.get_state(DetailState))


async def fetch(rt: Runtime, user_id: int, at: Position) -> Update:
    """Reads what a tab does not know yet. Needs no lock."""
    if not at.listing:
        return Update(await _counters(rt, user_id))
    changes = await inbox.changes_since(rt, user_id, at.change)
    page = await inbox.find(rt, user_id, at.part) if changes.reload else None
    if at.part.query and page is None:
        changes = await _found(rt, user_id, at, changes)
    touched = changes.reload or any(row.id == at.open_id for row in changes.rows)
    item = await _open_item(rt, user_id, at.open_id) if at.open_id and touched else None
    return Update(changes, page, item)


async def show_at(state: BaseState, at: Position, update: Update) -> tuple[bool, Position]:
    """Puts an update for a tab that was ``at`` into its states, unless it shows other things now.

    Needs the state's lock.

    Returns:
        Whether it did, and where the tab is then.
    """
    feed = await state.get_state(FeedState)
    detail = await state.get_state(DetailState)
    now = _position(feed, detail)
    # What the tab learned meanwhile is part of the update, and does no harm twice.
    if now.place != at.place or now.change < at.change:
        return False, now
    _show(feed, detail, update)
    return True, _position(feed, detail)


async def catch_up(state: BaseState, viewer: Viewer) -> None:
    """Shows what changed, such as by the action just taken. Needs the state's lock."""
    at = await position(state)
    await show_at(state, at, await fetch(bridge.runtime(), viewer.user_id, at))


def _position(feed: FeedState, detail: DetailState) -> Position:
    window = feed.window
    rows = (*window.page, *window.fresh) if window.part.query else ()
    return Position(
        epoch=feed.epoch,
        part=window.part,
        change=feed.change,
        open_id=detail.id,
        known={row.id for row in rows},
        listing=feed.phase != "new",
    )


def _show(feed: FeedState, detail: DetailState, update: Update) -> None:
    if update.page is not None:
        feed.show(feed.part, update.page)
    else:
        feed.apply(update.changes, detail.id)
    if update.item is not None and update.item.row.id == detail.id:
        detail.show(update.item)


async def _found(rt: Runtime, user_id: int, at: Position, changes: ChangesView) -> ChangesView:
    """The changes without new rows that the search does not find."""
    if all(row.id in at.known for row in changes.rows):
        return changes
    met = {row.id for row in (await inbox.find(rt, user_id, at.part)).rows}
    return replace(changes, rows=[row for row in changes.rows if row.id in {*at.known, *met}])


async def _counters(rt: Runtime, user_id: int) -> ChangesView:
    now = await inbox.state(rt, user_id)
    return ChangesView(reload=False, rows=[], counts=counts_view(now), change=now.change)


async def _open_item(rt: Runtime, user_id: int, tracking_id: str) -> ItemView | None:
    try:
        return await inbox.open_item(rt, user_id, tracking_id)
    except NotFound:
        return None
