"""How items move: states, counters and replies in one transaction, one change number further."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from inbox_app.domain.errors import NotFound
from inbox_app.domain.item_state import Counters, InboxState, ItemState, Mark, StateChange
from inbox_app.domain.notification import InboxItem, Reply
from inbox_app.runtime import Runtime
from inbox_app.services.inbox.replying import opened_by, unknown
from inbox_app.storage import inbox
from inbox_app.storage.engine import Transaction


async def move(
    rt: Runtime,
    user_id: int,
    tracking_ids: Collection[str],
    change: StateChange,
    replies: Sequence[Reply] = (),
    *,
    lenient: bool = False,
) -> int:
    """The one way in which items move: states, counters and replies in one transaction."""
    async with rt.database.write() as tx:
        before = await inbox.lock(tx, user_id)
        items = await owned(tx, user_id, tracking_ids, lenient=lenient)
        fresh = await unknown(tx, replies)
        change = opened_by(fresh, change)
        replied = {each.tracking_id for each in fresh}
        moved = [
            (item, after)
            for item in items
            if (after := _checked(item, change)) != item.state or item.tracking_id in replied
        ]
        delta = _delta(moved)
        reached = await advance(tx, user_id, before, delta, len(moved))
        await inbox.save_states(tx, [(item.tracking_id, s) for item, s in moved], reached)
        if fresh:
            await inbox.add_replies(tx, fresh)
    if reached != before.change:
        await rt.hub.publish({user_id: reached})
    return reached


async def advance(
    tx: Transaction, user_id: int, before: InboxState, delta: Counters, moved: int
) -> int:
    """One change number further when something moved; the number reached."""
    if not moved:
        return before.change
    return (await inbox.advance(tx, {user_id: (1, delta)}))[user_id]


def _delta(moved: Sequence[tuple[InboxItem, ItemState]]) -> Counters:
    total = Counters()
    for item, after in moved:
        total = total + Counters.of(after) - Counters.of(item.state)
    return total


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
