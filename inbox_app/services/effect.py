"""The effect of settings: a person's last weeks once more, as they are and as they would be."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inbox_app.domain import limits
from inbox_app.domain.decision import Rule
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound
from inbox_app.domain.limits import Past
from inbox_app.domain.notification import InAppContent, Send
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.preference import Preferences
from inbox_app.domain.user import User
from inbox_app.pipeline import facts, outbox, replay
from inbox_app.pipeline.facts import Kind, Place
from inbox_app.pipeline.replay import Happened, Replayed, Traffic
from inbox_app.runtime import Runtime
from inbox_app.services.centre_views import EffectView, LaterView
from inbox_app.storage import environments, happenings, notifications, types, users
from inbox_app.storage import outbox as rows
from inbox_app.storage.engine import Transaction
from inbox_app.storage.happenings import Happening

DAYS = 30
MOST = 5_000
"""Notifications that are replayed."""
UNASKED = frozenset({Rule.ENVIRONMENT_OFF, Rule.TYPE_DISABLED, Rule.NO_CONTENT})
"""Rules that say nothing of whether there was content, or that there was none."""


@dataclass(frozen=True)
class Read:
    """What a replay stands on, as it was read.

    Attributes:
        kinds: By the internal key of the type.
        found: The oldest first.
        past: What limits look back at from before the start.
        start: Since when; of what was cut, the moment of the first that is there.
        cut: There was more than can be replayed.
    """

    environment: Environment
    user: User
    kinds: Mapping[int, Kind]
    found: Sequence[Happening]
    suppressed: outbox.Suppressed
    past: Mapping[Place, Sequence[Past]]
    start: datetime
    cut: bool


async def chosen(rt: Runtime, user_id: int) -> Preferences:
    """What a person chose.

    Raises:
        NotFound: there is no such person.
    """
    return (await _user(rt, user_id)).preferences


async def of_person(rt: Runtime, user_id: int, before: Preferences, days: int = DAYS) -> EffectView:
    """What a person's settings mean, compared with others that held before.

    Raises:
        NotFound: there is no such person.
    """
    user = await _user(rt, user_id)
    return await effect(rt, replace(user, preferences=before), user.preferences, days)


async def effect(rt: Runtime, user: User, edited: Preferences, days: int = DAYS) -> EffectView:
    """Replays the person's last days, at most `DAYS`, with their settings and with others.

    A pause is for once, so it is left out on both sides. What waited when the days began is not
    seen, and neither is what a type says now but did not then.
    """
    now = rt.clock.now()
    start = now - timedelta(days=min(days, DAYS))
    async with rt.database.read() as tx:
        environment = await environments.by_id(tx, user.environment_id, rt.sealer)
        assert environment  # noqa: S101 - its user is there
        read = await look_up(tx, environment, user, start)
    # Seconds of computing; whoever is served by the loop must not wait for it.
    return await asyncio.to_thread(_effect, read, edited, now)


def _effect(read: Read, edited: Preferences, now: datetime) -> EffectView:
    past, user = traffic(read), read.user
    present = replay.replayed(past, _lasting(user, user.preferences), now)
    other = replay.replayed(past, _lasting(user, edited), now)
    return EffectView(
        days=(now - read.start) / timedelta(days=1),
        notifications=len(past.happened),
        cut=read.cut,
        now=_counts(present),
        then=_counts(other),
        later=_later(past, present, other),
    )


async def _user(rt: Runtime, user_id: int) -> User:
    async with rt.database.read() as tx:
        user = await users.get(tx, user_id)
    if user is None:
        raise NotFound("There is no such person any more.")
    return user


def _lasting(user: User, chosen: Preferences) -> User:
    return replace(user, preferences=replace(chosen, paused_until=None))


def _counts(replayed: Replayed) -> dict[str, int]:
    return {channel.value: replayed.messages[channel] for channel in Channel}


def _later(traffic: Traffic, present: Replayed, other: Replayed) -> list[LaterView]:
    groups: dict[str, list[Send]] = {}
    titles = {each.send.type_name: each.kind.type.title for each in traffic.happened}
    for each in traffic.happened:
        groups.setdefault(each.send.type_name, []).append(each.send)
    found = [_type_later(name, titles[name], s, present, other) for name, s in groups.items()]
    different = [each for each in found if each]
    return sorted(different, key=lambda each: (-each.average, each.title))


def _type_later(
    name: str, title: str, sends: Sequence[Send], present: Replayed, other: Replayed
) -> LaterView | None:
    names = {each.tracking_id for each in sends}
    was, will = names & present.told.keys(), names & other.told.keys()
    delays = [(other.told[n] - present.told[n]).total_seconds() for n in was & will]
    silenced, added = len(was - will), len(will - was)
    if not any(delays) and not silenced and not added:
        return None
    average = sum(delays) / len(delays) if delays else 0.0
    return LaterView(name, title, average, max(delays, default=0.0), silenced, added)


async def look_up(tx: Transaction, environment: Environment, user: User, start: datetime) -> Read:
    """Everything that a replay since a moment stands on."""
    known = await types.of_environment(tx, environment.id)
    kinds = await facts.kinds(tx, {(each.environment_id, each.name): each for each in known})
    by_id = {kind.type.id: _without_words(kind) for kind in kinds.values()}
    found = await happenings.since(tx, user.id, by_id.keys(), start, MOST + 1)
    cut, found = len(found) > MOST, found[-MOST:]
    first = found[0].kept.accepted_at if cut else start
    return Read(
        environment=environment,
        user=user,
        kinds=by_id,
        found=found,
        suppressed=await _suppressed(tx, environment, user),
        past=await _past(tx, user, by_id, first),
        start=first,
        cut=cut,
    )


def traffic(read: Read) -> Traffic:
    """What happened, as a replay takes it."""
    return Traffic(
        environment=read.environment,
        user=read.user,
        happened=[_happened(read, each) for each in read.found],
        suppressed=read.suppressed,
        past=read.past,
    )


def _without_words(kind: Kind) -> Kind:
    """Whether there is a template decides; what it says costs time to render."""
    return replace(kind, templates=tuple(replace(each, content={}) for each in kind.templates))


def _happened(read: Read, happening: Happening) -> Happened:
    kept, kind = happening.kept, read.kinds[happening.kept.type_id]
    send = outbox.as_sent(read.environment, kept, read.user.external_id, kind.type.name)
    if not kept.payload:
        send = _guessed(send, happening, kind)
    send = replace(send, fingerprint=happening.fingerprint)
    return Happened(send, kind, happening.read_at, kept.cancelled_at)


def _guessed(send: Send, happening: Happening, kind: Kind) -> Send:
    """A send of which no content was kept, for nothing had to be sent later: from its decisions."""
    meant = tuple(channel for channel in Channel if channel in happening.rules)
    told = tuple(each for each in meant if happening.rules[each] not in UNASKED)
    batching = kind.type.on(Channel.INAPP_WEB).batching
    shared: Mapping[str, str] = {}
    if batching and batching.key and happening.batch:
        shared = {batching.key: happening.batch.partition(":")[2]}
    return replace(
        send,
        forced_channels=meant,
        channels_with_content=told,
        content={channel: {} for channel in told if channel is not Channel.INAPP_WEB},
        in_app=InAppContent("") if Channel.INAPP_WEB in told else None,
        parameters=shared,
    )


async def _suppressed(
    tx: Transaction, environment: Environment, user: User
) -> frozenset[tuple[Channel, str]]:
    addresses = {
        (environment.id, channel, address)
        for channel in Channel
        if channel is not Channel.INAPP_WEB
        for address in user.profile.addresses(channel)
    }
    found = await rows.suppressed(tx, addresses)
    return user.profile.dead | {(channel, address) for _, channel, address in found}


async def _past(
    tx: Transaction, user: User, kinds: Mapping[int, Kind], start: datetime
) -> Mapping[Place, list[Past]]:
    """What limits look back at from before the days that are replayed."""
    starts = {
        (user.id, key): back
        for key, kind in kinds.items()
        if (back := limits.lookback(kind.type, start)) is not None
    }
    if not starts:
        return {}
    found = await notifications.past(tx, starts.keys(), min(starts.values()))
    return {place: [p for p in past if p.at <= start] for place, past in found.items()}
