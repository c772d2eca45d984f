"""What plans depend on, read for a whole group of sends with one query each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from inbox_app.domain import limits
from inbox_app.domain.limits import Past
from inbox_app.domain.notification import OpenBatch, Send
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.template import Template
from inbox_app.domain.user import User
from inbox_app.pipeline.plan import channels
from inbox_app.storage import inbox, notifications, outbox, types
from inbox_app.storage.engine import Transaction

Place = tuple[int, int]
"""User and type, internal keys."""
BatchPlace = tuple[int, str]
"""User and what the items have in common."""
LONGEST_KEY = 200
"""Characters of what items have in common; of a longer one the hash is kept."""


@dataclass(frozen=True)
class Kind:
    """A notification type with its templates."""

    type: NotificationType
    templates: tuple[Template, ...] = ()


@dataclass(frozen=True)
class Open:
    """A send that is to be decided, with its user and its type."""

    index: int
    send: Send
    user: User
    kind: Kind


@dataclass
class History:
    """What happened before, and what this group adds to it while it is planned.

    Attributes:
        suppressed: Addresses of each user that must not be used.
        past: Earlier notifications of each place whose type has limits.
        batches: Inbox items that others still become part of.
    """

    suppressed: Mapping[int, frozenset[tuple[Channel, str]]]
    past: dict[Place, list[Past]] = field(default_factory=dict[Place, list[Past]])
    batches: dict[BatchPlace, OpenBatch] = field(default_factory=dict[BatchPlace, OpenBatch])


async def kinds(
    tx: Transaction, known: Mapping[types.Key, NotificationType]
) -> dict[types.Key, Kind]:
    """Types with their templates."""
    if not known:
        return {}
    found: dict[int, list[Template]] = {}
    for template in await types.templates(tx, {each.id for each in known.values()}):
        found.setdefault(template.type_id, []).append(template)
    return {key: Kind(each, tuple(found.get(each.id, ()))) for key, each in known.items()}


async def history(tx: Transaction, group: Sequence[Open]) -> History:
    """Everything earlier that the plans of a group look at; nothing is asked in vain."""
    return History(
        suppressed=await suppressions(tx, group),
        past=await _past(tx, group),
        batches=await _batches(tx, group),
    )


async def suppressions(
    tx: Transaction, group: Iterable[Open]
) -> dict[int, frozenset[tuple[Channel, str]]]:
    """The addresses of each user (internal key) that must not be used."""
    asked = {
        (each.send.environment.id, channel, address): each.user.id
        for each in group
        # Most sends are for the inbox alone, which has no address.
        if not _inbox_alone(each)
        for channel in channels(each.send, each.kind.type)
        if channel is not Channel.INAPP_WEB
        for address in each.user.profile.addresses(channel)
    }
    found: dict[int, set[tuple[Channel, str]]] = {
        each.user.id: set(each.user.profile.dead) for each in group if each.user.profile.stored
    }
    if asked:
        dead = await outbox.suppressed(tx, asked.keys())
        for each in group:
            profile, place = each.user.profile, each.send.environment.id
            for channel in Channel:
                for address in profile.addresses(channel):
                    if (place, channel, address) in dead:
                        found.setdefault(each.user.id, set()).add((channel, address))
    return {user: frozenset(addresses) for user, addresses in found.items()}


def _inbox_alone(opened: Open) -> bool:
    told = (Channel.INAPP_WEB,)
    meant = opened.send.forced_channels or opened.kind.type.channels
    return meant == told and opened.send.channels_with_content in {(), told}


async def _past(tx: Transaction, group: Sequence[Open]) -> dict[Place, list[Past]]:
    starts: dict[Place, datetime] = {}
    for each in group:
        start = limits.lookback(each.kind.type, each.send.wanted_at)
        if start is not None:
            place = (each.user.id, each.kind.type.id)
            starts[place] = min(start, starts.get(place, start))
    if not starts:
        return {}
    return await notifications.past(tx, starts.keys(), min(starts.values()))


async def _batches(tx: Transaction, group: Sequence[Open]) -> dict[BatchPlace, OpenBatch]:
    places = {place: each for each in group if (place := batch_place(each))}
    if not places:
        return {}
    # All states that the group may move on: to lock some now and others later is a deadlock.
    await inbox.lock_many(tx, {each.user.id for each in group})
    users: Collection[int] = {user for user, _ in places}
    found = await inbox.open_batches(tx, users, {key for _, key in places})
    return {(each.user_id, each.key): each for each in found}


def batch_place(opened: Open) -> BatchPlace | None:
    """What a send's inbox item has in common with others, None when it stands for itself.

    A send without the value that its type goes by has nothing in common with others.
    """
    kind = opened.kind.type
    batching = kind.on(Channel.INAPP_WEB).batching
    if batching is None:
        return None
    value = opened.send.parameters.get(batching.key) if batching.key else ""
    if value is None or (batching.key and value == ""):
        return None
    key = f"{kind.id}:{value}"
    if len(key) > LONGEST_KEY:
        key = f"{kind.id}:{limits.fingerprint({batching.key: value})}"
    return opened.user.id, key
