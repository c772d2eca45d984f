"""Summaries that are to come: what rides in them, what they will say, and having a say in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from inbox_app.domain.decision import Decision, Outcome, Rule
from inbox_app.domain.delivery import Delivery, DeliveryStatus
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Conflict, NotFound
from inbox_app.domain.event import EventKind
from inbox_app.domain.json_document import moment_text
from inbox_app.domain.user import User
from inbox_app.lib import ids
from inbox_app.pipeline import composing, mail_links, recheck
from inbox_app.pipeline.news import ONE_STEP, tell
from inbox_app.pipeline.outbox import EVERY_TYPE
from inbox_app.pipeline.recheck import Going
from inbox_app.pipeline.told import Told, read_told
from inbox_app.runtime import Runtime
from inbox_app.services.centre_views import RiderView, UpcomingView
from inbox_app.storage import (
    deliveries,
    digests,
    environments,
    inbox,
    notifications,
    outbox,
    users,
    waiting,
)
from inbox_app.storage.engine import Transaction

MOST_LISTED = 50
TAKEN_OUT = "You took it out of the summary."
PUT_BACK = "You put it back into the summary."


@dataclass(frozen=True)
class TakenOut:
    """A notification that was taken out of a summary, as it stood there before."""

    rider: Delivery
    decision: Decision


async def upcoming(rt: Runtime, user_id: int) -> list[UpcomingView]:
    """The person's summaries that something rides in, the next first."""
    async with rt.database.read() as tx:
        environment, user = await _person(rt, tx, user_id)
        coming = await digests.coming(tx, user_id)
        riding = await digests.first_members(tx, [each.id for each in coming], MOST_LISTED)
        names = {e.tracking_id for first, _ in riding.values() for e in first if e.tracking_id}
        told = await read_told(tx, environment, list(names), {user.id: user})
    return [
        _view(_going(environment, user, each, riding[each.id][0], told), riding[each.id][1])
        for each in coming
        if each.id in riding
    ]


async def preview(rt: Runtime, user_id: int, digest_id: str) -> dict[str, Any]:
    """The fields of the message as it would leave now, its links without effect.

    Raises:
        NotFound: there is no such summary of this person's, or nothing rides in it.
        InvalidInput: the content cannot be used.
    """
    async with rt.database.read() as tx:
        environment, user = await _person(rt, tx, user_id)
        digest = await _found(tx, user_id, digest_id)
        riders = await digests.members(tx, [digest.id])
        names = [each.tracking_id for each in riders if each.tracking_id]
        told = await read_told(tx, environment, names, {user.id: user})
    going = _going(environment, user, digest, riders, told)
    if not going.parts:
        raise _gone()
    ends = mail_links.unsubscribe_url(rt, going, example=True)
    changes = mail_links.preferences_url(rt, going, example=True)
    return dict(composing.render(going, ends, changes).fields)


async def send_now(rt: Runtime, user_id: int, digest_id: str) -> None:
    """Sends a summary before it is due, in spite of a pause or quiet hours.

    Raises:
        NotFound: there is no such summary of this person's.
        Conflict: it is just going out.
    """
    async with rt.database.write() as tx:
        reached = await inbox.advance(tx, {user_id: ONE_STEP})
        digest = await _held(tx, user_id, digest_id)
        await digests.hasten(tx, digest.id, rt.clock.now(), Rule.ASKED.value)
    await rt.engine.wake()
    await tell(rt, reached)


async def remove(rt: Runtime, user_id: int, digest_id: str, *tracking_ids: str) -> list[TakenOut]:
    """Takes notifications out of a summary, all of them when none is named; what `put_back` takes.

    They stay in the inbox. The summary still goes when something else comes to ride in it.

    Raises:
        NotFound: there is no such summary of this person's.
        Conflict: it is just going out.
    """
    now = rt.clock.now()
    async with rt.database.write() as tx:
        reached = await inbox.advance(tx, {user_id: ONE_STEP})
        digest = await _held(tx, user_id, digest_id)
        riding = await digests.members(tx, [digest.id])
        out = [e for e in riding if not tracking_ids or e.tracking_id in tracking_ids]
        rule, data = Rule.REMOVED, {"rule": Rule.REMOVED.value}
        taken = [TakenOut(each, await _decision(tx, each)) for each in out]
        ended = [
            replace(
                each,
                status=DeliveryStatus.SKIPPED,
                rule=rule.value,
                detail=TAKEN_OUT,
                updated_at=now,
            )
            for each in out
        ]
        for each in ended:
            decision = Decision(each.channel, Outcome.SKIP, rule, TAKEN_OUT)
            await waiting.decide(tx, each.tracking_id or "", [decision])
        await deliveries.save(tx, ended)
        events = recheck.told_of(ended, now, EventKind.SKIPPED, TAKEN_OUT, data)
        await outbox.tell(tx, events)
    await tell(rt, reached)
    return taken


async def put_back(rt: Runtime, user_id: int, digest_id: str, taken: Sequence[TakenOut]) -> int:
    """Puts notifications back into the summary they were taken out of; how many.

    Raises:
        NotFound: there is no such summary of this person's any more.
        Conflict: it is just going out.
    """
    now = rt.clock.now()
    async with rt.database.write() as tx:
        reached = await inbox.advance(tx, {user_id: ONE_STEP})
        digest = await _held(tx, user_id, digest_id)
        await deliveries.keep_notifications(tx, [each.rider.id for each in taken])
        stand = {
            each.id: each for each in await deliveries.get_many(tx, [e.rider.id for e in taken])
        }
        fits = [
            each
            for each in taken
            if each.rider.digest_id == digest.id
            and each.rider.id in stand
            and stand[each.rider.id].rule == Rule.REMOVED
        ]
        back = [replace(each.rider, due_at=digest.due_at, updated_at=now) for each in fits]
        for each in fits:
            await waiting.decide(tx, each.rider.tracking_id or "", [each.decision])
        await deliveries.save(tx, back)
        await outbox.tell(tx, recheck.told_of(back, now, EventKind.HELD, PUT_BACK, {}))
    await tell(rt, reached)
    return len(back)


async def _decision(tx: Transaction, rider: Delivery) -> Decision:
    """What was decided about a rider before it is taken out."""
    made = await notifications.decisions(tx, rider.tracking_id or "")
    return next(each for each in made if each.channel is rider.channel)


def _view(going: Going, count: int) -> UpcomingView:
    digest, parts = going.delivery, going.parts
    mixed = digest.type_id == EVERY_TYPE or not parts
    titles = zip(parts, composing.titles(going), strict=True)
    return UpcomingView(
        id=str(digest.id),
        channel=digest.channel.value,
        label=digest.channel.label,
        type="" if mixed else parts[0].kind.type.title,
        option=digest.option.value,
        due=moment_text(digest.due_at),
        count=count,
        riders=[
            RiderView(part.send.tracking_id, title, moment_text(part.send.accepted_at))
            for part, title in titles
        ],
    )


def _going(
    environment: Environment,
    user: User,
    digest: Delivery,
    riders: Sequence[Delivery],
    told: Mapping[str, Told],
) -> Going:
    names = dict.fromkeys(each.tracking_id for each in riders if each.tracking_id)
    parts = tuple(told[name] for name in names if name in told)
    return Going(digest, environment, user, parts, tuple(riders))


async def _person(rt: Runtime, tx: Transaction, user_id: int) -> tuple[Environment, User]:
    user = await users.get(tx, user_id)
    place = await environments.by_id(tx, user.environment_id, rt.sealer) if user else None
    if user is None or place is None:
        raise NotFound("There is no such person any more.")
    return place, user


async def _held(tx: Transaction, user_id: int, digest_id: str) -> Delivery:
    """A summary that no worker takes until the transaction ends."""
    digest = await _found(tx, user_id, digest_id)
    stands = (await deliveries.standing(tx, [digest.id])).get(digest.id)
    if stands is None or stands.status is not DeliveryStatus.PENDING:
        raise Conflict("This summary is just going out.")
    return digest


async def _found(tx: Transaction, user_id: int, digest_id: str) -> Delivery:
    key = ids.read(digest_id)
    coming = await digests.coming(tx, user_id, key) if key is not None else []
    if not coming:
        raise _gone()
    return coming[0]


def _gone() -> NotFound:
    return NotFound("There is no such summary any more.", fix="It has gone out, or holds nothing.")
