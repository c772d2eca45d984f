"""A batch of work: take what is due, ask again, send, write down what came of it.

No transaction is open while a provider is called. A worker that dies leaves leases that run out;
what it had taken is then sent by another, so that each delivery is sent at least once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from inbox_app.domain.delivery import Delivery, DeliveryStatus, Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InboxError
from inbox_app.domain.event import Event, EventKind
from inbox_app.domain.notification import Planned
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.gathering import Gatherer
from inbox_app.pipeline import digest, facts, items, recheck, sending
from inbox_app.pipeline.accept import BATCH
from inbox_app.pipeline.facts import Open
from inbox_app.pipeline.planning import Merged, plan_one
from inbox_app.pipeline.recheck import Checked, Going, Told, told_of
from inbox_app.pipeline.sending import Sent
from inbox_app.rendering import in_app
from inbox_app.runtime import Runtime
from inbox_app.storage import deliveries, environments, inbox, outbox
from inbox_app.storage.engine import Transaction

RENEWALS = 3
"""How often a lease is renewed in its time."""
FATES = {
    DeliveryStatus.SENT: EventKind.SENT,
    DeliveryStatus.FAILED: EventKind.FAILED,
    DeliveryStatus.UNKNOWN: EventKind.UNKNOWN,
}


@dataclass(frozen=True)
class _Batch:
    environment: Environment
    checked: Checked
    changes: dict[int, int]


async def work(rt: Runtime) -> bool:
    """Delivers one batch, of the environment whose turn it is; whether more may be due."""
    now = rt.clock.now()
    async with rt.database.read() as tx:
        first = await deliveries.first_due(tx)
    ready = {environment: 1 for environment, due in first.items() if due <= now}
    if not ready:
        return False
    claimed = await _claim(rt, rt.fair.pick(ready), now)
    if claimed:
        await _deliver(rt, claimed, now)
    return True


async def sweep(rt: Runtime) -> float:
    """Finds what nobody was told of, and wakes workers for it; seconds until it is due again."""
    now = rt.clock.now()
    if rt.leases:
        async with rt.database.write() as tx:
            await deliveries.renew(tx, rt.worker, now + _lease(rt))
    async with rt.database.read() as tx:
        first = await deliveries.first_due(tx)
        lost = await deliveries.any_lost(tx, now)
    if lost:
        async with rt.database.write() as tx:
            await deliveries.release(tx, now)
        first = {0: now}
    if any(due <= now for due in first.values()):
        await rt.engine.wake()
    next_due = min(first.values(), default=now + _lease(rt))
    return min(max(0.0, (next_due - now).total_seconds()), rt.settings.lease_seconds / RENEWALS)


def _lease(rt: Runtime) -> timedelta:
    return timedelta(seconds=rt.settings.lease_seconds)


async def _claim(rt: Runtime, environment_id: int, now: datetime) -> list[Delivery]:
    # Not in one transaction with the check, which locks digests of the same people: two workers,
    # each with a digest the other one looks for, would wait for each other for ever.
    async with rt.database.write() as tx:
        return await deliveries.claim(tx, environment_id, rt.worker, now, now + _lease(rt), BATCH)


async def _deliver(rt: Runtime, claimed: Sequence[Delivery], now: datetime) -> None:
    """Sends what was claimed; whatever goes wrong, no lease is left behind."""
    mine = {each.id for each in claimed}
    rt.leases.update(mine)
    try:
        batch = await _check(rt, claimed, now)
        await rt.hub.publish(batch.changes)
        integrations = await _integrations(rt, batch)
        # Written down as they end, many at a time: what a dying worker takes with it unwritten is
        # sent again by another.
        written = Gatherer(partial(_write_down, rt))
        await asyncio.gather(
            *(_send(rt, each, integrations, written) for each in batch.checked.going)
        )
    except BaseException:
        await asyncio.shield(_give_back(rt, mine))
        raise
    finally:
        rt.leases.difference_update(mine)


async def _give_back(rt: Runtime, mine: set[int]) -> None:
    async with rt.database.write() as tx:
        await deliveries.release(tx, rt.clock.now(), mine)


async def _integrations(rt: Runtime, batch: _Batch) -> tuple[Integration, ...]:
    """Those that are enabled, as they were a few seconds ago at most."""
    if not batch.checked.going:
        return ()
    place, now = batch.environment.id, rt.clock.now()
    enabled = rt.integrations.get(place, now)
    if enabled is None:
        async with rt.database.read() as tx:
            known = await outbox.integrations(tx, place, rt.sealer)
        enabled = tuple(each for each in known if each.enabled)
        rt.integrations.put(place, enabled, now)
    return enabled


async def _check(rt: Runtime, claimed: Sequence[Delivery], now: datetime) -> _Batch:
    async with rt.database.write() as tx:
        environment = await environments.by_id(tx, claimed[0].environment_id, rt.sealer)
        if environment is None:
            gone = [_gone(each, now) for each in claimed]
            await deliveries.save(tx, gone)
            return _Batch(_nowhere(claimed[0]), Checked(), {})
        checked = await recheck.check(tx, environment, claimed, now)
        held = await digest.join(tx, checked.holding)
        changes = await _show(tx, checked, now)
        await deliveries.save(tx, [*checked.settled, *held])
        await outbox.tell(tx, checked.events)
    return _Batch(environment, checked, changes)


def _gone(delivery: Delivery, now: datetime) -> Delivery:
    return replace(delivery, status=DeliveryStatus.SKIPPED, detail=recheck.GONE, updated_at=now)


def _nowhere(delivery: Delivery) -> Environment:
    return Environment(delivery.environment_id, "", "", "")


async def _show(tx: Transaction, checked: Checked, now: datetime) -> dict[int, int]:
    """Puts notifications whose time has come into the inbox; the new change numbers."""
    if not checked.in_app:
        return {}
    opened = [_opened(told, now) for _, told in checked.in_app]
    history = await facts.history(tx, opened)
    planned: list[Planned] = []
    merged: list[Merged] = []
    for (delivery, _), each in zip(checked.in_app, opened, strict=True):
        try:
            rendered = each.send.in_app and in_app.render(
                each.send.in_app, each.send.parameters, each.send.replacements
            )
            one, grown = plan_one(each, history, rendered, again=True)
        except InboxError as error:
            checked.settled.append(_shown(delivery, DeliveryStatus.FAILED, error.message, now))
            continue
        planned.append(one)
        merged += [grown] if grown else []
        checked.settled.append(
            _shown(delivery, DeliveryStatus.SENT, "Delivered to the inbox.", now)
        )
    changes, numbered = await items.number(tx, planned, merged)
    await inbox.add_items(tx, numbered)
    return changes


def _opened(told: Told, now: datetime) -> Open:
    # The item's date is when it appears, not when its sender asked for it.
    send = replace(told.send, accepted_at=now, forced_channels=(Channel.INAPP_WEB,))
    return Open(0, send, told.user, told.kind)


def _shown(delivery: Delivery, status: DeliveryStatus, detail: str, now: datetime) -> Delivery:
    return replace(delivery, status=status, detail=detail, updated_at=now)


async def _send(
    rt: Runtime,
    going: Going,
    integrations: tuple[Integration, ...],
    written: Gatherer[Sent, None],
) -> None:
    await written.submit(await sending.send(rt, going, integrations))


async def _write_down(rt: Runtime, sent: Sequence[Sent]) -> Sequence[None]:
    async with rt.database.write() as tx:
        await deliveries.save(tx, [each.delivery for each in sent])
        await deliveries.save(tx, [rider for each in sent for rider in each.riders if _final(each)])
        await deliveries.add_attempts(tx, [one for each in sent for one in each.attempts])
        await outbox.capture(tx, [each.captured for each in sent if each.captured])
        await outbox.suppress(tx, [each.suppression for each in sent if each.suppression])
        await outbox.tell(tx, [event for each in sent for event in _events(each)])
    return [None] * len(sent)


def _final(sent: Sent) -> bool:
    return sent.delivery.status.is_final


def _events(sent: Sent) -> list[Event]:
    delivery = sent.delivery
    kind = FATES.get(delivery.status)
    if kind is None:
        return []
    sentence = _sentence(delivery)
    told = sent.riders if sent.riders else (delivery,)
    return told_of(told, delivery.updated_at, kind, sentence, {"detail": delivery.detail})


def _sentence(delivery: Delivery) -> str:
    name = delivery.channel.label
    match delivery.status:
        case DeliveryStatus.SENT:
            return f"Sent by {name}" + (" with a summary." if delivery.is_digest else ".")
        case DeliveryStatus.UNKNOWN:
            return f"{name}: the line broke while it was sent; it may have arrived."
        case _:
            return f"{name} could not be sent: {delivery.detail}"
