"""Deleting a person, however much is theirs, without keeping everybody else waiting.

First nobody is signed in as them any more, then their notifications go a portion at a time, and
last the person. When that breaks off in between they are still there, with less: `resume` ends it,
as does whoever asks for it again.
"""

from __future__ import annotations

from dataclasses import replace

from inbox_app.runtime import Runtime
from inbox_app.services.inbox.moving import let_go
from inbox_app.storage import inbox, notifications, personal, retention, sessions, users

PORTION = 500
"""Notifications deleted in one transaction."""


async def erase(rt: Runtime, user_id: int) -> None:
    """Deletes a person (internal key) with everything that is theirs."""
    async with rt.database.write() as tx:
        own = await personal.get(tx, user_id, to_change=True)
        await personal.save(tx, user_id, replace(own, leaving=True))
        await sessions.remove_all(tx, user_id)
    await _leave(rt, user_id)
    while await _portion(rt, user_id):
        pass
    async with rt.database.write() as tx:
        await users.remove(tx, user_id)
    # Who signed in meanwhile.
    await _leave(rt, user_id)


async def resume(rt: Runtime) -> None:
    """Goes on with deletions that broke off."""
    async with rt.database.read() as tx:
        begun = await personal.leaving(tx)
    for user_id in begun:
        await erase(rt, user_id)


async def _portion(rt: Runtime, user_id: int) -> bool:
    """Deletes the next notifications; whether there may be more."""
    async with rt.database.write() as tx:
        await inbox.lock(tx, user_id)
        chosen = await notifications.some_of(tx, user_id, PORTION)
        changes = await let_go(tx, user_id, await inbox.get_many(tx, user_id, chosen))
        await retention.remove(tx, chosen)
    await rt.hub.publish(changes)
    return len(chosen) == PORTION


async def _leave(rt: Runtime, user_id: int) -> None:
    """Lets every browser of the person leave at once."""
    rt.visits.forget_where(lambda visit: visit.user.id == user_id)
    await rt.hub.end_session(user_id, None)
