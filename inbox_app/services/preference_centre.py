"""The preference centre: what a person chose and can choose, and one call for each choice.

Whoever calls has made sure that the person is who they say. Each change is stored by itself, with
an entry in the history by which it can be taken back as long as nothing of it was changed again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from inbox_app.domain import preference, preference_edits
from inbox_app.domain.delivery_option import DeliveryOption, DigestTime
from inbox_app.domain.errors import InvalidInput, NotFound
from inbox_app.domain.json_document import Change, keys_of, leaf, moment_text
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.preference import LONGEST_ESCALATION, Preferences
from inbox_app.domain.preference_edits import Patch
from inbox_app.domain.quiet_hours import Span
from inbox_app.domain.user import User
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import centre_parts, centre_where, preferences
from inbox_app.services.centre_views import (
    CentreView,
    ChangedLeafView,
    EditedView,
    HistoryView,
)
from inbox_app.storage import inbox, types, users
from inbox_app.storage import preferences as history
from inbox_app.storage.engine import Transaction
from inbox_app.storage.preferences import Entry

BY_PERSON = "user"
"""Who changed it, in the history."""
LARGEST_PAGE = 100


@dataclass(frozen=True)
class _Person:
    """Someone with the types that are theirs to choose about."""

    user: User
    kinds: Sequence[NotificationType]


async def centre(rt: Runtime, user_id: int) -> CentreView:
    """Everything the page shows.

    Raises:
        NotFound: there is no such person.
    """
    now = rt.clock.now()
    async with rt.database.read() as tx:
        person = await _person(tx, user_id)
        where = await centre_where.where(rt, tx, person.user)
        reached = (await inbox.state(tx, user_id)).change
    user, kinds = person.user, person.kinds
    return CentreView(
        summary=centre_parts.summary(user, kinds, now),
        where=where,
        when=centre_parts.when(user, kinds, now),
        columns=centre_parts.columns(user.preferences, kinds),
        categories=centre_parts.categories(user.preferences, kinds),
        change=reached,
    )


async def choose(
    rt: Runtime,
    user_id: int,
    type_name: str,
    channel: Channel,
    option: DeliveryOption | None,
    *,
    sub: str = "",
) -> EditedView:
    """Chooses for a type, or for a subject within it; None goes back to the default.

    Raises:
        InvalidInput: the type does not offer it.
        NotFound: there is no such type or subject.
    """
    person = await _read(rt, user_id)
    kind = next((each for each in person.kinds if each.name == type_name), None)
    if kind is None or (sub and sub not in kind.sub_notifications):
        raise NotFound(f"There is no type {type_name!r} with {sub!r} to choose about.")
    return await _patch(rt, person, preference_edits.cell(type_name, sub, channel, option))


async def choose_category(
    rt: Runtime, user_id: int, category: str, channel: Channel, option: DeliveryOption | None
) -> EditedView:
    """Chooses for every type of a category that offers it; the view names those that do not."""
    person = await _read(rt, user_id)
    meant = [k for k in person.kinds if k.category == category and channel in k.channels]
    patch, refused = preference_edits.whole(meant, channel, option)
    return await _patch(rt, person, patch, refused=sorted(kind.title for kind in refused))


async def switch_channel(rt: Runtime, user_id: int, channel: Channel, *, on: bool) -> EditedView:
    """Switches a channel on or off everywhere; what is required still goes."""
    person = await _read(rt, user_id)
    return await _patch(rt, person, preference_edits.channel(channel, on=on))


async def set_quiet(
    rt: Runtime, user_id: int, weekdays: Sequence[int], span: Span | None
) -> EditedView:
    """Sets the quiet that starts on some days, 0 is Monday; None: these days have none."""
    patch: Patch = {}
    for day in weekdays:
        if not 0 <= day < len(preference.WEEKDAYS):
            raise InvalidInput(f"There is no weekday {day}.", fix="Use 0 (Monday) to 6 (Sunday).")
        patch = preference_edits.joined(patch, preference_edits.quiet_day(day, span))
    return await _patch(rt, await _read(rt, user_id), patch)


async def set_digest(rt: Runtime, user_id: int, times: DigestTime | None) -> EditedView:
    """Sets when digests are due; None: when their types say."""
    return await _patch(rt, await _read(rt, user_id), preference_edits.digest(times))


async def set_zone(rt: Runtime, user_id: int, zone: str | None) -> EditedView:
    """Sets the zone the person lives by; None: the one that is detected.

    Raises:
        InvalidInput: it is no IANA name.
    """
    return await _patch(rt, await _read(rt, user_id), preference_edits.zone(zone))


async def pause(rt: Runtime, user_id: int, until: datetime | None) -> EditedView:
    """Holds everything that is not required until a moment; None ends the pause.

    Raises:
        InvalidInput: the moment has passed or is too far ahead.
    """
    if until is not None and until <= rt.clock.now():
        raise InvalidInput("That moment has passed.", fix="Pick a later one.")
    return await _patch(rt, await _read(rt, user_id), preference_edits.pause(until))


async def set_escalation(rt: Runtime, user_id: int, delay: timedelta | None) -> EditedView:
    """Sets how long e-mail waits for the inbox to be read; None: as each type says.

    Raises:
        InvalidInput: it is negative or more than `LONGEST_ESCALATION`.
    """
    if delay is not None and not timedelta() <= delay <= LONGEST_ESCALATION:
        raise InvalidInput("E-mail cannot wait that long.", fix="Pick at most a year.")
    return await _patch(rt, await _read(rt, user_id), preference_edits.escalation(delay))


async def reset_type(rt: Runtime, user_id: int, type_name: str) -> EditedView:
    """Takes back every choice about a type and the subjects within it."""
    return await _patch(rt, await _read(rt, user_id), preference_edits.no_type(type_name))


async def reset_everything(rt: Runtime, user_id: int) -> EditedView:
    """Takes back every choice there is."""
    return await _patch(rt, await _read(rt, user_id), preference_edits.everything())


async def undo(rt: Runtime, user_id: int, entry_id: str) -> EditedView:
    """Takes a change back; that is a change of its own, which can be taken back too.

    Raises:
        NotFound: there is no such change of this person's.
        Conflict: something of it has been changed since.
    """
    async with rt.database.read() as tx:
        person = await _person(tx, user_id)
        entry = await history.find(tx, user_id, ids.read(entry_id) or 0)
    if entry is None:
        raise NotFound("There is no such change of yours.")
    return await _edit(rt, person, lambda now: preference.restored(now, entry.changes))


async def past(
    rt: Runtime, user_id: int, limit: int = 20, *, before: str = ""
) -> list[HistoryView]:
    """What was changed, the latest first.

    Args:
        before: The id of the last one of the page before.
    """
    most = max(1, min(limit, LARGEST_PAGE))
    async with rt.database.read() as tx:
        user = await users.get(tx, user_id)
        found = await history.latest(tx, user_id, most, (ids.read(before) or 0) if before else None)
    document = preference.as_document(user.preferences) if user else {}
    return [_entry(each, document) for each in found]


def _entry(entry: Entry, document: object) -> HistoryView:
    held = (leaf(document, keys_of(each.path)) == each.after for each in entry.changes)
    return HistoryView(
        id=str(entry.id),
        at=moment_text(entry.at),
        by=entry.by,
        changes=[_leaf(each) for each in entry.changes],
        undoable=all(held),
    )


def _leaf(change: Change) -> ChangedLeafView:
    before, after = (
        "" if value is None else json.dumps(value) for value in (change.before, change.after)
    )
    return ChangedLeafView(list(keys_of(change.path)), before, after)


async def _patch(
    rt: Runtime, person: _Person, patch: Patch, *, refused: Sequence[str] = ()
) -> EditedView:
    return await _edit(rt, person, lambda now: preference.patched(now, patch), refused=refused)


async def _edit(
    rt: Runtime,
    person: _Person,
    edit: Callable[[Preferences], Preferences],
    *,
    refused: Sequence[str] = (),
) -> EditedView:
    key = (person.user.environment_id, person.user.external_id)
    made = await preferences.edited(rt, key, edit, BY_PERSON)
    now, chosen, kinds = rt.clock.now(), made.user.preferences, person.kinds
    return EditedView(
        undo=str(made.entry.id) if made.entry else "",
        refused=list(refused),
        summary=centre_parts.summary(made.user, kinds, now),
        when=centre_parts.when(made.user, kinds, now),
        columns=centre_parts.columns(chosen, kinds),
        categories=centre_parts.edited(made.before, chosen, kinds),
        change=made.number,
    )


async def _read(rt: Runtime, user_id: int) -> _Person:
    async with rt.database.read() as tx:
        return await _person(tx, user_id)


async def _person(tx: Transaction, user_id: int) -> _Person:
    user = await users.get(tx, user_id)
    if user is None:
        raise NotFound("There is no such person any more.")
    kinds = await types.of_environment(tx, user.environment_id)
    return _Person(user, [each for each in kinds if each.enabled])
