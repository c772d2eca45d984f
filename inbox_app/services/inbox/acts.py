"""Acts that can be undone, on some items or on all that a filter holds.

What an act changes is kept beside it, in the same transaction. Undoing puts exactly that back, on
items that nobody changed since, from any tab and after a restart. The caller may name an act: one
that comes again under its name, within `REMEMBERED`, is not done again.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from inbox_app.domain.act import UNDOABLE, Act, change_of
from inbox_app.domain.errors import InvalidInput, NotFound
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.domain.item_state import Mark, StateChange
from inbox_app.domain.late import meant_at, undone_fields
from inbox_app.domain.notification import InboxItem
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services.inbox import muting
from inbox_app.services.inbox.asking import JUST_NOW, Asked
from inbox_app.services.inbox.finding import Stretch, resolve, stretch
from inbox_app.services.inbox.indexing import prepare
from inbox_app.services.inbox.moving import Moved, moved_in, owned, put
from inbox_app.storage import handled, inbox, intents, undos
from inbox_app.storage.handled import Handled
from inbox_app.storage.undos import Step

REMEMBERED = timedelta(days=1)
"""How long it is known which acts were done."""
ALWAYS = datetime.min.replace(tzinfo=UTC)
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
    asked: Asked = JUST_NOW,
) -> Done:
    """Does something to items, to all or none.

    Args:
        tracking_ids: At most `PORTION`. Of an act that comes late, those that are gone meanwhile
            are passed over.
        until: When a snooze ends.

    Raises:
        InvalidInput: too many items, or a snooze without an end that lies ahead.
        NotFound: one of the items is not in this inbox.
    """
    if len(set(tracking_ids)) > PORTION:
        raise InvalidInput(
            f"{len(set(tracking_ids)):,} notifications are too many at once.",
            fix=f"Name {PORTION} at most, or act on all that match.",
        )
    now, handle = rt.clock.now(), asked.name
    async with rt.database.write() as tx:
        was = await inbox.lock(tx, user_id)
        if handle and (known := await handled.find(tx, user_id, handle)):
            undoable = await undos.last(tx, user_id, handle, now - UNDOABLE)
            return Done(known.count, was.change, handle if undoable else "")
        # Not before: what was done in time may come again when its end is over.
        change = change_of(act, now, until, meant_at(now, asked.age))
        items = await owned(tx, user_id, tracking_ids, lenient=change.meant is not None)
        moved = await moved_in(tx, was, items, change, now)
        handle = handle or ids.token()
        await handled.add(tx, user_id, handle, now, Handled(len(moved.before)))
        if moved.before:
            await undos.add(tx, user_id, handle, now, _step(moved))
    if moved.before:
        await rt.hub.publish({user_id: moved.change})
    return Done(len(moved.before), moved.change, handle if moved.before else "")


async def perform_all(
    rt: Runtime,
    user_id: int,
    act: Act,
    wanted: InboxFilter,
    until: datetime | None = None,
    asked: Asked = JUST_NOW,
) -> AsyncGenerator[Progress]:
    """Does something to all items that a filter holds now, `PORTION` at a time.

    Close the generator between two portions to stop; what is done by then can be undone. What
    arrives or changes after the start is left alone, also when an act that was cut off goes on; of
    one that comes late, what arrived after it was meant.

    Args:
        until: When a snooze ends.

    Raises:
        InvalidInput: the search cannot be read, or a snooze has no end that lies ahead.
    """
    handle, place = asked.name or ids.token(), None
    so_far = await _begun(rt, user_id, handle)
    if so_far.ended:
        yield Progress(so_far.count, handle if so_far.count else "", ended=True)
        return
    now = rt.clock.now()
    change = change_of(act, now, until, meant_at(now, asked.age))
    part = await resolve(rt, user_id, wanted)
    if not part.complete:
        # All that match, and not only what the index holds by now.
        await prepare(rt, user_id, seconds=float("inf"))
    while not so_far.ended:
        met = await stretch(rt, user_id, part, place, PORTION)
        so_far = await _portion(rt, user_id, met, change, (handle, so_far))
        place = met.next
        yield Progress(so_far.count, handle if so_far.count else "", so_far.ended)


async def _begun(rt: Runtime, user_id: int, handle: str) -> Handled:
    """How far an act is that comes again, else that it begins."""
    async with rt.database.write() as tx:
        was = await inbox.lock(tx, user_id)
        known = await handled.find(tx, user_id, handle)
        if known is not None:
            return known
        now = rt.clock.now()
        begun = Handled(top=was.change, ended=False, began=now)
        await handled.add(tx, user_id, handle, now, begun)
    return begun


async def _portion(
    rt: Runtime,
    user_id: int,
    met: Stretch,
    change: StateChange,
    act: tuple[str, Handled],
) -> Handled:
    """Moves those of a stretch that nobody changed since the start; how far the act is then.

    Args:
        act: Its handle, and how far it was.
    """
    handle, before = act
    names = [spot.tracking_id for spot in met.spots]
    now = rt.clock.now()
    async with rt.database.write() as tx:
        was = await inbox.lock(tx, user_id)
        found = await inbox.get_many(tx, user_id, names)
        items = [item for item in found if _was_there(item, before, change.meant)]
        moved = await moved_in(tx, was, items, change, now)
        after = replace(before, count=before.count + len(moved.before), ended=met.next is None)
        await handled.go_on(tx, user_id, handle, after)
        if moved.before:
            await undos.add(tx, user_id, handle, now, _step(moved))
    if moved.before:
        await rt.hub.publish({user_id: moved.change})
    return after


def _was_there(item: InboxItem, act: Handled, meant: datetime | None) -> bool:
    """Whether an act is about an item: it was there, and nobody changed it since the start."""
    if meant is not None and item.at > meant:
        return False
    return item.change <= act.top or _only_seen(item, act)


def _only_seen(item: InboxItem, act: Handled) -> bool:
    """Whether an item was there when an act began, and only shown since: nobody changed it."""
    if act.began is None or item.at >= act.began:
        return False
    times = {name: getattr(item.state, name) for name in (*Mark, "snoozed_at")}
    return {name for name, at in times.items() if at and at >= act.began} == {Mark.SEEN}


def _step(moved: Moved) -> Step:
    return Step(moved.change, {item.tracking_id: item.state for item in moved.before})


async def undo(rt: Runtime, user_id: int, handle: str, name: str = "") -> Undone:
    """Takes an act back, the last portion first.

    Args:
        name: The caller's own name for the undoing.

    Raises:
        NotFound: it was taken back already, or its time is over.
    """
    again = await _is_handled(rt, user_id, name)
    # What was begun in time is finished.
    since = ALWAYS if again else rt.clock.now() - UNDOABLE
    if await muting.undo(rt, user_id, (handle, name), since):
        return Undone(0, 0)
    total = Undone(0, 0)
    step = await _undo_step(rt, user_id, (handle, name), since)
    if step is None and not again:
        raise NotFound("This can no longer be undone.", fix="Change it by hand.")
    while step is not None:
        total = Undone(total.count + step.count, total.left + step.left)
        step = await _undo_step(rt, user_id, (handle, name), ALWAYS)
    return total


async def _is_handled(rt: Runtime, user_id: int, name: str) -> bool:
    async with rt.database.read() as tx:
        return await handled.find(tx, user_id, name) is not None


async def _undo_step(
    rt: Runtime, user_id: int, names: tuple[str, str], since: datetime
) -> Undone | None:
    (handle, name), now = names, rt.clock.now()
    async with rt.database.write() as tx:
        was = await inbox.lock(tx, user_id)
        step = await undos.last(tx, user_id, handle, since)
        if step is None:
            return None
        await undos.remove(tx, user_id, handle, step.number, now)
        if await handled.find(tx, user_id, name) is None:
            await handled.add(tx, user_id, name, now, Handled())
        found = await inbox.get_many(tx, user_id, step.before.keys())
        same = [item for item in found if item.change == step.change]
        back = {i.tracking_id: undone_fields(i.state, step.before[i.tracking_id]) for i in same}
        await intents.note(tx, back, now)
        reached = await put(tx, was, [(i, step.before[i.tracking_id]) for i in same])
    if same:
        await rt.hub.publish({user_id: reached})
    return Undone(len(same), len(step.before) - len(same))
