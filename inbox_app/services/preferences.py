"""Preferences: what a person chose, and the history of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from inbox_app.domain import preference
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InvalidInput, NotFound
from inbox_app.domain.horizon import FARTHEST_YEARS, within_horizon
from inbox_app.domain.json_document import Change
from inbox_app.domain.preference import Preferences
from inbox_app.domain.user import User
from inbox_app.pipeline.news import ONE_STEP, tell
from inbox_app.pipeline.plan import undisturbed
from inbox_app.runtime import Runtime
from inbox_app.storage import digests, inbox, types, users
from inbox_app.storage import preferences as history
from inbox_app.storage.engine import Transaction
from inbox_app.storage.preferences import Entry

log = logging.getLogger(__name__)


async def get(rt: Runtime, environment: Environment, user_id: str) -> Preferences:
    """What a user chose; somebody unknown chose nothing."""
    async with rt.database.read() as tx:
        user = await users.find(tx, environment.id, user_id)
    return user.preferences if user else preference.NOBODY_CHOSE


@dataclass(frozen=True)
class Changed:
    """What a change came to.

    Attributes:
        user: The person as they are now.
        before: What they had chosen.
        entry: The change in the history; None when nothing was changed.
        reached: The change number that the person is at.
        due: When what waited for them goes now, None: nothing of that was moved.
    """

    user: User
    before: Preferences
    entry: Entry | None = None
    reached: Mapping[int, int] = field(default_factory=dict[int, int])
    due: datetime | None = None

    @property
    def number(self) -> int:
        """The person's change number since; 0 when nothing was changed."""
        return self.reached.get(self.user.id, 0)


Edit = Callable[[Preferences], Preferences]


async def patch(
    rt: Runtime, environment: Environment, user_id: str, change: Mapping[str, Any], by: str
) -> Preferences:
    """Merges a change (RFC 7396) into what a user chose and adds it to the history.

    Raises:
        InvalidInput: it cannot be read, or a type does not offer what it asks for.
        NotFound: there is no such user.
    """

    def edit(before: Preferences) -> Preferences:
        return preference.patched(before, change)

    return (await edited(rt, (environment.id, user_id), edit, by)).user.preferences


async def edited(rt: Runtime, key: users.Key, edit: Edit, by: str) -> Changed:
    """Edits what a user chose, adds it to the history, and tells their open pages.

    Raises:
        InvalidInput: a type does not offer what was chosen.
        NotFound: there is no such user.
    """
    now = rt.clock.now()
    async with rt.database.write() as tx:
        changed = await edited_in(tx, key, edit, by, now)
    await follow_up(rt, changed, now)
    return changed


async def edited_in(tx: Transaction, key: users.Key, edit: Edit, by: str, now: datetime) -> Changed:
    """The part of `edited` that is stored; `follow_up` once it is committed.

    Raises:
        InvalidInput, NotFound: as `edited`.
    """
    user = (await users.find_many(tx, [key], to_change=True)).get(key)
    if user is None:
        raise NotFound(f"There is no user {key[1]!r} in this environment.")
    chosen = edit(user.preferences)
    made = preference.changes(user.preferences, chosen)
    if not made:
        return Changed(user, user.preferences)
    await _check(tx, user, chosen, made, now)
    changed = replace(user, preferences=chosen, updated_at=now)
    await users.save(tx, [changed])
    entry = await history.add(tx, user.id, now, by, made)
    reached = await inbox.advance(tx, {user.id: ONE_STEP})
    # What quiet hours or a pause held goes when the person wants it by now.
    due = undisturbed(changed, now) or now
    moved = await digests.move(tx, user.id, due)
    return Changed(changed, user.preferences, entry, reached, due if moved else None)


async def follow_up(rt: Runtime, changed: Changed, now: datetime) -> None:
    """Lets go what no longer waits, and tells the person's open pages."""
    if changed.user.preferences.zone != changed.before.zone:
        # Their pages show the clock of the new one.
        rt.visits.forget_where(lambda visit: visit.user.id == changed.user.id)
    if changed.due and changed.due <= now:
        await rt.engine.wake()
    if changed.entry:
        await tell(rt, changed.reached)


async def _check(
    tx: Transaction, user: User, chosen: Preferences, made: Sequence[Change], now: datetime
) -> None:
    """Refuses what cannot be chosen; what stood there before stays as it is."""
    if chosen.paused_until and not within_horizon(chosen.paused_until, now):
        raise InvalidInput(
            f"pausedUntil is more than {FARTHEST_YEARS} years ahead.",
            fix=f"Name a moment within {FARTHEST_YEARS} years.",
        )
    asked = preference.restored(
        preference.NOBODY_CHOSE,
        [
            Change(each.path, each.after, None)
            for each in made
            if each.path.startswith("/types/") and each.after is not None
        ],
    )
    place = user.environment_id
    kinds = await types.find_many(tx, {(place, name) for name in asked.cells})
    refused = preference.refusals(asked, {kind.name: kind for kind in kinds.values()})
    if refused:
        raise InvalidInput(" ".join(refused), fix="Choose among what the type offers.")
