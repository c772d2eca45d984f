"""Acts that can be undone, on some items or on all that a filter holds.

What an act changes is kept beside it, in the same transaction. Undoing puts exactly that back, on
items that nobody changed since, from any tab and after a restart.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from inbox_app.domain.act import Act, change_of
from inbox_app.domain.errors import InvalidInput, NotFound
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.domain.item_state import StateChange
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services.inbox import muting
from inbox_app.services.inbox.finding import Stretch, resolve, stretch
from inbox_app.services.inbox.indexing import prepare
from inbox_app.services.inbox.moving import Moved, moved_in, owned, put
from inbox_app.services.inbox.reading import state
from inbox_app.storage import inbox, undos
from inbox_app.storage.undos import Step

UNDOABLE = timedelta(seconds=60)
"""From the end of an act."""
PORTION = 500
"""Items moved in one transaction."""


@dataclass(frozen=True)
class Done:
    """What an act did.

    Attributes:
        count: How many items it moved.
        change: The change number reached.
        undo: Handle for `undo`; "" when nothing moved.
    """

    count: int
    change: int
    undo: str


@dataclass(frozen=True)
class Progress:
    """How far an act on many items is.

    Attributes:
        count: How many items it moved so far.
        undo: Handle for `undo`; "" while nothing has moved.
        ended: Nothing is left to do.
    """

    count: int
    undo: str
    ended: bool


@dataclass(frozen=True)
class Undone:
    """What undoing did.

    Attributes:
        count: How many items are as they were.
        left: How many were left alone because they changed since, or are gone.
    """

    count: int
    left: int


async def perform(
    rt: Runtime,
    user_id: int,
    act: Act,
    tracking_ids: Collection[str],
    until: datetime | None = None,
    handle: str = "",
) -> Done:
    """Does something to items, to all or none.

    Args:
        tracking_ids: At most `PORTION`.
        until: When a snooze ends.
        handle: The caller's own handle for `undo`. An act that comes twice under one handle is
            done once, while it can be undone.

    Raises:
        InvalidInput: too many items, or a snooze without an end that lies ahead.
        NotFound: one of the items is not in this inbox.
    """
    if len(set(tracking_ids)) > PORTION:
        raise InvalidInput(
            f"{len(set(tracking_ids)):,} notifications are too many at once.",
            fix=f"Name {PORTION} at most, or act on all that match.",
        )
    change = change_of(act, rt.clock.now(), until)
    async with rt.database.write() as tx:
        was = await inbox.lock(tx, user_id)
        known = handle and await undos.last(tx, user_id, handle, rt.clock.now() - UNDOABLE)
        if known:
            return Done(len(known.before), was.change, handle)
        items = await owned(tx, user_id, tracking_ids)
        moved = await moved_in(tx, was, items, change, rt.clock.now())
        handle = (handle or ids.token()) if moved.before else ""
        if moved.before:
            await undos.add(tx, user_id, handle, rt.clock.now(), _step(moved))
    if moved.before:
        await rt.hub.publish({user_id: moved.change})
    return Done(len(moved.before), moved.change, handle)


async def perform_all(
    rt: Runtime,
    user_id: int,
    act: Act,
    wanted: InboxFilter,
    until: datetime | None = None,
    handle: str = "",
) -> AsyncGenerator[Progress]:
    """Does something to all items that a filter holds now, `PORTION` at a time.

    Close the generator between two portions to stop; what is done by then can be undone. What
    arrives or changes after the start is left alone.

    Args:
        until: When a snooze ends.
        handle: The caller's own handle for `undo`.

    Raises:
        InvalidInput: the search cannot be read, or a snooze has no end that lies ahead.
    """
    change = change_of(act, rt.clock.now(), until)
    part = await resolve(rt, user_id, wanted)
    if not part.complete:
        # All that match, and not only what the index holds by now.
        await prepare(rt, user_id, seconds=float("inf"))
    top = (await state(rt, user_id)).change
    handle, count, place = handle or ids.token(), 0, None
    while True:
        met = await stretch(rt, user_id, part, place, PORTION)
        count += await _portion(rt, user_id, (met, top), change, handle)
        place = met.next
        yield Progress(count, handle if count else "", ended=place is None)
        if place is None:
            return


async def _portion(
    rt: Runtime,
    user_id: int,
    chosen: tuple[Stretch, int],
    change: StateChange,
    handle: str,
) -> int:
    """Moves those of a stretch that nobody changed since the start; how many that were."""
    met, top = chosen
    names = [spot.tracking_id for spot in met.spots if spot.change <= top]
    if not names:
        return 0
    now = rt.clock.now()
    async with rt.database.write() as tx:
        was = await inbox.lock(tx, user_id)
        found = await inbox.get_many(tx, user_id, names)
        items = [item for item in found if item.change <= top]
        moved = await moved_in(tx, was, items, change, now)
        if moved.before:
            await undos.add(tx, user_id, handle, now, _step(moved))
    if moved.before:
        await rt.hub.publish({user_id: moved.change})
    return len(moved.before)


def _step(moved: Moved) -> Step:
    return Step(moved.change, {item.tracking_id: item.state for item in moved.before})


async def undo(rt: Runtime, user_id: int, handle: str) -> Undone:
    """Takes an act back, the last portion first.

    Raises:
        NotFound: it was taken back already, or its time is over.
    """
    total = Undone(0, 0)
    step = await _undo_step(rt, user_id, handle)
    if step is None:
        raise NotFound("This can no longer be undone.", fix="Change it by hand.")
    while step is not None:
        total = Undone(total.count + step.count, total.left + step.left)
        step = await _undo_step(rt, user_id, handle)
    return total


async def _undo_step(rt: Runtime, user_id: int, handle: str) -> Undone | None:
    async with rt.database.write() as tx:
        was = await inbox.lock(tx, user_id)
        now = rt.clock.now()
        step = await undos.last(tx, user_id, handle, now - UNDOABLE)
        if step is None:
            return None
        await undos.remove(tx, user_id, handle, step.number, now)
        found = await inbox.get_many(tx, user_id, step.before.keys())
        same = [item for item in found if item.change == step.change]
        reached = await put(tx, was, [(i, step.before[i.tracking_id]) for i in same])
    if same:
        await rt.hub.publish({user_id: reached})
    if step.muted:
        await muting.take_back(rt, user_id, step.muted)
    return Undone(len(same), len(step.before) - len(same))
