"""Forgetting what has expired, and what was to be deleted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from inbox_app.runtime import Runtime
from inbox_app.services import attachments, erasing
from inbox_app.services import inbox as own
from inbox_app.services.inbox.moving import let_go
from inbox_app.storage import (
    address_codes,
    environments,
    handled,
    inbox,
    notifications,
    proofs,
    receipts,
    retention,
    sessions,
    undos,
)
from inbox_app.storage.retention import Expired

IDEMPOTENCY_KEYS = timedelta(days=7)
"""How long a sender may repeat a request under its idempotency key."""
SANDBOX = timedelta(days=30)
"""How long the sandbox keeps what it captured."""
DIGESTS = timedelta(days=30)
"""How long a digest is kept at least once it has ended."""
LAST_CALL = timedelta(days=1)
"""How long an expired notification that was still in the inbox can be found in the archive."""
ADDRESS_CODES = timedelta(days=1)
"""How long it is known which codes went to an address."""
RECEIPTS = timedelta(days=7)
"""How long a report waits to turn out what it is about."""
BATCH = 500


async def tidy(rt: Runtime) -> None:
    """Drops expired sessions, sign-in links and notifications, and what is kept for a while.

    Also ends deletions of people that broke off.
    """
    now = rt.clock.now()
    async with rt.database.write() as tx:
        await sessions.forget_expired(tx, now)
        await environments.forget_tokens(tx, now)
        await notifications.forget_keys(tx, now - IDEMPOTENCY_KEYS)
        await address_codes.forget(tx, now - ADDRESS_CODES)
        await retention.empty_sandbox(tx, now - SANDBOX)
        await undos.forget(tx, now - own.UNDOABLE)
        await handled.forget(tx, now - own.REMEMBERED)
        await receipts.forget(tx, now - RECEIPTS)
        await proofs.forget(tx, now)
    await attachments.tidy(rt, now)
    while await _expire(rt):
        pass
    while await _forget_digests(rt):
        pass
    await erasing.resume(rt)


async def _forget_digests(rt: Runtime) -> bool:
    """Drops digests of whose notifications none is kept; whether there may be more."""
    async with rt.database.write() as tx:
        gone = await retention.remove_digests(tx, rt.clock.now() - DIGESTS, BATCH)
    return gone == BATCH


async def _expire(rt: Runtime) -> bool:
    """Lets go of notifications that their type keeps no longer; whether there may be more.

    What stands in an inbox is archived first, so that open pages hear of it.
    """
    now = rt.clock.now()
    async with rt.database.read() as tx:
        found = await retention.expired(tx, now, BATCH)
    shown = _by_user(each for each in found if each.shown)
    for user_id, ids in shown.items():
        await own.archive_those_left(rt, user_id, ids)
        async with rt.database.write() as tx:
            await retention.postpone(tx, ids, now + LAST_CALL)
    for user_id, ids in _by_user(each for each in found if not each.shown).items():
        await _remove(rt, user_id, ids)
    return len(found) == BATCH


def _by_user(expired: Iterable[Expired]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for each in expired:
        found.setdefault(each.user_id, []).append(each.tracking_id)
    return found


async def _remove(rt: Runtime, user_id: int, tracking_ids: list[str]) -> None:
    """Deletes notifications of a person, but what was taken out of the archive meanwhile."""
    async with rt.database.write() as tx:
        await inbox.lock(tx, user_id)
        items = await inbox.get_many(tx, user_id, tracking_ids)
        back = {item.tracking_id for item in items if item.state.archived is None}
        gone = [item for item in items if item.tracking_id not in back]
        changes = await let_go(tx, user_id, gone)
        await retention.remove(tx, set(tracking_ids) - back)
    await rt.hub.publish(changes)
