"""Snoozed items come back when their time has come."""

from __future__ import annotations

from datetime import datetime

from inbox_app.domain.item_state import Counters
from inbox_app.runtime import Runtime
from inbox_app.storage import inbox

PEOPLE, ITEMS = 200, 500
"""At a time: of people, and of items of one person."""


async def wake(rt: Runtime) -> datetime | None:
    """Brings back what is due; when to look again, None when nothing is snoozed.

    Safe side by side: what is due is read anew under the lock of the person's inbox.
    """
    now = rt.clock.now()
    async with rt.database.read() as tx:
        first = await inbox.first_to_wake(tx)
        if first is None or first > now:
            return first
        people = await inbox.sleepers(tx, now, PEOPLE)
    for user_id in people:
        await _wake(rt, user_id, now)
    return now


async def _wake(rt: Runtime, user_id: int, now: datetime) -> None:
    async with rt.database.write() as tx:
        await inbox.lock(tx, user_id)
        due = await inbox.due_items(tx, user_id, now, ITEMS)
        if not due:
            return
        after = [(item.tracking_id, item.state.woken()) for item in due]
        delta = Counters()
        for item in due:
            delta = delta + Counters.of(item.state.woken()) - Counters.of(item.state)
        changes = await inbox.advance(tx, {user_id: (1, delta)})
        await inbox.save_states(tx, after, changes[user_id])
        await inbox.raise_items(tx, [name for name, _ in after], now)
    await rt.hub.publish(changes)
