"""Writing down what came of deliveries: all of it, once, and nothing that another worker wrote."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from inbox_app.domain.address import GIVEN_OUT
from inbox_app.domain.delivery import Delivery, DeliveryStatus
from inbox_app.domain.errors import Unavailable
from inbox_app.domain.event import Event, EventKind
from inbox_app.pipeline import news, receipts
from inbox_app.pipeline.recheck import told_of
from inbox_app.pipeline.sending import Sent
from inbox_app.runtime import Runtime
from inbox_app.storage import addresses, deliveries, outbox
from inbox_app.storage.addresses import Fared
from inbox_app.storage.deliveries import Standing
from inbox_app.storage.engine import Transaction

PAUSES = (0.2, 1.0, 3.0)
"""Seconds between tries to reach the database: what is not written down is sent again."""
FATES = {
    DeliveryStatus.SENT: EventKind.SENT,
    DeliveryStatus.FAILED: EventKind.FAILED,
    DeliveryStatus.UNKNOWN: EventKind.UNKNOWN,
}

log = logging.getLogger(__name__)


async def write_down(rt: Runtime, sent: Sequence[Sent]) -> Sequence[Exception | None]:
    """Keeps a group of outcomes; an exception for each that could not be kept.

    When the group cannot be stored each is tried by itself: one that the database refuses must not
    let the others be sent again.
    """
    try:
        await _patiently(rt, sent)
    except Unavailable as error:
        return [error] * len(sent)
    except Exception:
        log.exception("A group of %d outcomes is written down one by one.", len(sent))
        return [await _alone(rt, each) for each in sent]
    return [None] * len(sent)


async def _patiently(rt: Runtime, sent: Sequence[Sent]) -> None:
    for pause in PAUSES:
        try:
            return await _store(rt, sent)
        except Unavailable:
            await asyncio.sleep(pause)
    return await _store(rt, sent)


async def _alone(rt: Runtime, sent: Sent) -> Exception | None:
    """Keeps one outcome, without its details when these are what cannot be kept."""
    bare = Sent(replace(sent.delivery, detail="", message_id=""), sent.riders)
    for each in (sent, bare):
        try:
            await _store(rt, [each])
        except Exception as error:
            log.exception("The outcome of delivery %d cannot be kept.", sent.delivery.id)
            failure = error
        else:
            return None
    return failure


async def _store(rt: Runtime, sent: Sequence[Sent]) -> None:
    async with rt.database.write() as tx:
        rides = [rider for each in sent for rider in each.riders]
        ids = [each.id for each in (*(one.delivery for one in sent), *rides)]
        found = await deliveries.standing(tx, ids)
        mine = [_known(each, found) for each in sent if _may_write(rt, each, found)]
        stand = await _settled(tx, mine, rt.clock.now())
        await deliveries.save(tx, [each.delivery for each in stand])
        await deliveries.save(tx, [one for each in stand for one in each.riders if _final(each)])
        await deliveries.add_attempts(tx, [one for each in mine for one in each.attempts])
        await outbox.capture(tx, [each.captured for each in mine if each.captured])
        await outbox.suppress(tx, [each.suppression for each in mine if each.suppression])
        await outbox.tell(tx, [event for each in mine for event in _events(each)])
    await _note(rt, [each.fared for each in mine if each.fared])
    await _note_problems(rt, mine)
    await receipts.catch_up(rt, [each.delivery for each in mine])


async def _note(rt: Runtime, fared: Sequence[Fared]) -> None:
    """Keeps how addresses fare; after the rest, for they come before it in the order of locks.

    What is lost of it by a crash the next message finds out anew.
    """
    told = [each for each in fared if each.channel in GIVEN_OUT]
    if told:
        async with rt.database.write() as tx:
            lost = await addresses.note(tx, told)
        await news.move_on(rt, lost)


async def _note_problems(rt: Runtime, mine: Sequence[Sent]) -> None:
    """Keeps how integrations fare where that has changed; the last to end has the word."""
    problems = {key: told for each in mine for key, told in each.problems.items()}
    if not problems:
        return
    async with rt.database.write() as tx:
        await outbox.note_problems(tx, problems)
    for environment_id in {each.delivery.environment_id for each in mine if each.problems}:
        rt.integrations.forget(environment_id)


async def _settled(tx: Transaction, mine: Sequence[Sent], now: datetime) -> list[Sent]:
    """The same where they stand by what was reported before this was written down."""
    stands = await receipts.settle(tx, [each.delivery for each in mine], now)
    return [_standing(each, stands.get(each.delivery.id, each.delivery)) for each in mine]


def _standing(sent: Sent, delivery: Delivery) -> Sent:
    riders = tuple(replace(each, status=delivery.status) for each in sent.riders)
    changed = delivery.status is not sent.delivery.status
    return replace(sent, delivery=delivery, riders=riders) if changed else sent


def _may_write(rt: Runtime, sent: Sent, found: Mapping[int, Standing]) -> bool:
    """Whether the delivery is still there, and this worker's.

    One whose lease ran out has been put back. That it went out is still worth writing down, as
    long as nobody else has taken it: it is not sent again then.
    """
    stands = found.get(sent.delivery.id)
    if stands is None:
        return False
    if stands.status is DeliveryStatus.SENDING and stands.worker == rt.worker:
        return True
    late = sent.delivery.status is DeliveryStatus.SENT and stands.status is DeliveryStatus.PENDING
    log.warning(
        "The lease on delivery %d had run out when it came to %r; %s.",
        sent.delivery.id,
        sent.delivery.status.value,
        "it is kept" if late else "another worker has it",
    )
    return late


def _known(sent: Sent, found: Mapping[int, Standing]) -> Sent:
    """The same without riders that are gone or were taken back meanwhile."""
    held = {name for name, each in found.items() if each.status is DeliveryStatus.HELD}
    return replace(sent, riders=tuple(each for each in sent.riders if each.id in held))


def _final(sent: Sent) -> bool:
    return sent.delivery.status.is_final


def _events(sent: Sent) -> list[Event]:
    delivery = sent.delivery
    kind = FATES.get(delivery.status)
    if kind is None:
        return []
    data = {"detail": delivery.detail, "warnings": list(sent.warnings)}
    told = sent.riders if delivery.is_digest else (delivery,)
    known = {name: value for name, value in data.items() if value}
    return told_of(told, delivery.updated_at, kind, _sentence(delivery), known)


def _sentence(delivery: Delivery) -> str:
    name = delivery.channel.label
    match delivery.status:
        case DeliveryStatus.SENT:
            return f"Sent by {name}" + (" with a summary." if delivery.is_digest else ".")
        case DeliveryStatus.UNKNOWN:
            return f"{name}: the line broke while it was sent; it may have arrived."
        case _:
            return f"{name} could not be sent: {delivery.detail}"
