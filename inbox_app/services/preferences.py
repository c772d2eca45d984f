"""Preferences: what a person chose, and the history of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from inbox_app.domain import preference
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InvalidInput, NotFound
from inbox_app.domain.horizon import FARTHEST_YEARS, within_horizon
from inbox_app.domain.preference import Preferences
from inbox_app.pipeline.plan import undisturbed
from inbox_app.runtime import Runtime
from inbox_app.storage import digests, types, users
from inbox_app.storage import preferences as history


async def get(rt: Runtime, environment: Environment, user_id: str) -> Preferences:
    """What a user chose; somebody unknown chose nothing."""
    async with rt.database.read() as tx:
        user = await users.find(tx, environment.id, user_id)
    return user.preferences if user else preference.NOBODY_CHOSE


async def patch(
    rt: Runtime, environment: Environment, user_id: str, change: Mapping[str, Any], by: str
) -> Preferences:
    """Merges a change (RFC 7396) into what a user chose and adds it to the history.

    Raises:
        InvalidInput: it cannot be read, or a type does not offer what it asks for.
        NotFound: there is no such user.
    """
    now = rt.clock.now()
    async with rt.database.write() as tx:
        key = (environment.id, user_id)
        user = (await users.find_many(tx, [key], to_change=True)).get(key)
        if user is None:
            raise NotFound(f"There is no user {user_id!r} in this environment.")
        chosen = preference.patched(user.preferences, change)
        made = preference.changes(user.preferences, chosen)
        if not made:
            return chosen
        if chosen.paused_until and not within_horizon(chosen.paused_until, now):
            raise InvalidInput(
                f"pausedUntil is more than {FARTHEST_YEARS} years ahead.",
                fix=f"Name a moment within {FARTHEST_YEARS} years.",
            )
        asked = preference.patched(preference.NOBODY_CHOSE, change)
        kinds = await types.find_many(tx, {(environment.id, name) for name in asked.cells})
        refused = preference.refusals(asked, {kind.name: kind for kind in kinds.values()})
        if refused:
            raise InvalidInput(" ".join(refused), fix="Choose among what the type offers.")
        changed = replace(user, preferences=chosen, updated_at=now)
        await users.save(tx, [changed])
        await history.add(tx, user.id, now, by, made)
        # What quiet hours or a pause held goes when the person wants it by now.
        due = undisturbed(changed, now) or now
        moved = await digests.move(tx, user.id, due)
    # Not before it is committed: who wakes earlier finds nothing.
    if moved and due <= now:
        await rt.engine.wake()
    return chosen
