"""Acting on everything at once."""

from __future__ import annotations

from dataclasses import dataclass

from inbox_app.domain.item_state import Counters
from inbox_app.runtime import Runtime
from inbox_app.services.inbox.moving import advance
from inbox_app.storage import inbox


@dataclass(frozen=True)
class BulkView:
    """What a bulk action did: to how many items, under which change number (0: to none)."""

    count: int
    change: int


async def see_all(rt: Runtime, user_id: int, type_name: str | None = None) -> int:
    """Marks everything as seen, or everything of one type; how many items that were."""
    now = rt.clock.now()
    async with rt.database.write() as tx:
        before = await inbox.lock(tx, user_id)
        count = await inbox.see_all(tx, user_id, now, before.change + 1, type_name)
        change = await advance(tx, user_id, before, Counters(unseen=-count), count)
    await rt.hub.publish({user_id: change})
    return count


async def mark_all_read(rt: Runtime, user_id: int) -> BulkView:
    """Marks everything as read, and so as seen."""
    now = rt.clock.now()
    async with rt.database.write() as tx:
        before = await inbox.lock(tx, user_id)
        seen = await inbox.see_all(tx, user_id, now, before.change + 1)
        opened = await inbox.open_all(tx, user_id, now, before.change + 1)
        delta = Counters(unread=-opened, unseen=-seen)
        change = await advance(tx, user_id, before, delta, seen + opened)
    await rt.hub.publish({user_id: change})
    # The number reached before belongs to another change, which undoing this one must not touch.
    return BulkView(opened, change if opened else 0)


async def undo_mark_all_read(rt: Runtime, user_id: int, change: int) -> int:
    """Takes a `mark_all_read` back, except for items that changed since."""
    async with rt.database.write() as tx:
        before = await inbox.lock(tx, user_id)
        count = await inbox.reopen_all(tx, user_id, change, before.change + 1)
        reached = await advance(tx, user_id, before, Counters(unread=count), count)
    await rt.hub.publish({user_id: reached})
    return reached
