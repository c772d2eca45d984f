"""How items move: states, counters and replies in one transaction, one change number further."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from inbox_app.domain.errors import NotFound
from inbox_app.domain.item_state import Counters, InboxState, ItemState, Mark, StateChange
from inbox_app.domain.late import Intents, decided_by, still_meant
from inbox_app.domain.notification import InboxItem, Reply
from inbox_app.runtime import Runtime
from inbox_app.services.inbox.replying import add_to_threads, opened_by, unknown
from inbox_app.storage import inbox, intents
from inbox_app.storage.engine import Transaction


@dataclass(frozen=True)
class Moved:
    """What moved.

    Attributes:
        before: The items that did, as they were.
        change: The change number reached.
    """

    before: list[InboxItem]
    change: int


async def move(
    rt: Runtime,
    user_id: int,
    tracking_ids: Collection[str],
    change: StateChange,
    replies: Sequence[Reply] = (),
) -> int:
    """Moves items in a transaction of its own; the change number reached."""
    async with rt.database.write() as tx:
        was = await inbox.lock(tx, user_id)
        items = await owned(tx, user_id, tracking_ids)
        moved = await moved_in(tx, was, items, change, rt.clock.now(), replies)
    if moved.before:
        await rt.hub.publish({user_id: moved.change})
    return moved.change


async def moved_in(
    tx: Transaction,
    was: InboxState,
    items: Sequence[InboxItem],
    change: StateChange,
    now: datetime,
    replies: Sequence[Reply] = (),
) -> Moved:
    """The one way in which items of one person move.

    Args:
        was: The state of the inbox, locked.
    """
    fresh = await unknown(tx, replies)
    change = opened_by(fresh, change)
    known = await _intents(tx, items, change, now)
    replied = {each.tracking_id for each in fresh}
    answered = {each.tracking_id for each in fresh if not each.from_user}
    states = [
        (item, after)
        for item in items
        if (after := _next(item, _left_of(change, item, known), answered)) != item.state
        or item.tracking_id in replied
    ]
    reached = await put(tx, was, states)
    called = [item.tracking_id for item, after in states if _is_called(item.state, after)]
    await inbox.raise_items(tx, called, now)
    if fresh:
        await add_to_threads(tx, items[0].user_id, fresh)
    return Moved([item for item, _ in states], reached)


async def put(
    tx: Transaction, was: InboxState, states: Sequence[tuple[InboxItem, ItemState]]
) -> int:
    """Gives items of one person other states, all under one change number; the number reached."""
    if not states:
        return was.change
    delta = Counters()
    for item, after in states:
        delta = delta + Counters.of(after) - Counters.of(item.state)
    reached = await advance(tx, states[0][0].user_id, was, delta, len(states))
    await inbox.save_states(tx, [(item.tracking_id, after) for item, after in states], reached)
    return reached


async def let_go(tx: Transaction, user_id: int, items: Sequence[InboxItem]) -> dict[int, int]:
    """Takes items that are about to be deleted off the counters; hold the state row.

    Returns:
        The change number reached, by user; none when nothing was counted.
    """
    gone = Counters()
    for item in items:
        gone = gone - Counters.of(item.state)
    return await inbox.advance(tx, {user_id: (1, gone)}) if gone != Counters() else {}


async def advance(
    tx: Transaction, user_id: int, before: InboxState, delta: Counters, moved: int
) -> int:
    """One change number further when something moved; the number reached."""
    if not moved:
        return before.change
    return (await inbox.advance(tx, {user_id: (1, delta)}))[user_id]


async def _intents(
    tx: Transaction, items: Sequence[InboxItem], change: StateChange, now: datetime
) -> Mapping[str, Intents]:
    """Keeps what a change decides; for one that comes late, what was decided before, by item."""
    names = [item.tracking_id for item in items]
    known = await intents.of_items(tx, names) if change.meant else {}
    fields = decided_by(change)
    if fields:
        await intents.note(tx, dict.fromkeys(names, fields), change.meant or now)
    return known


def _left_of(change: StateChange, item: InboxItem, known: Mapping[str, Intents]) -> StateChange:
    """What of a change is for an item."""
    renewed = item.at if item.batch_size > 1 else None
    return still_meant(change, item.state, known.get(item.tracking_id, {}), renewed)


def _next(item: InboxItem, change: StateChange, answered: Collection[str]) -> ItemState:
    """An item's next state; an answer of its sender brings back what is snoozed."""
    after = _checked(item, change)
    return after.woken() if after.snoozed and item.tracking_id in answered else after


def _is_called(before: ItemState, after: ItemState) -> bool:
    """Whether an item was snoozed and is new again."""
    return before.snoozed is not None and after.seen is None


def _checked(item: InboxItem, change: StateChange) -> ItemState:
    """The item's next state; refuses the choice of a button it does not have."""
    for number, mark in enumerate((Mark.ACTIONED1, Mark.ACTIONED2), start=1):
        if mark in change.sets and item.content.actions and number > len(item.content.actions):
            raise NotFound(f"The notification {item.tracking_id} has no button {number}.")
    return item.state.after(change)


async def owned(
    tx: Transaction, user_id: int, tracking_ids: Collection[str], *, lenient: bool = False
) -> list[InboxItem]:
    """The named items of this person.

    Raises:
        NotFound: one of them is not in this inbox. Somebody else's is reported just the same.
    """
    found = await inbox.get_many(tx, user_id, set(tracking_ids))
    missing = set(tracking_ids) - {item.tracking_id for item in found}
    if missing and not lenient:
        raise NotFound(
            f"There is no notification {min(missing)!r} in this inbox.",
            fix="Check the tracking id and the user it was sent to.",
        )
    return found
