"""A batch of work: take what is due, ask again, send, write down what came of it.

No transaction is open while a provider is called. A worker that dies leaves leases that run out;
what it had taken is then sent by another, so that each delivery is sent at least once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from inbox_app.domain.delivery import Delivery, DeliveryStatus, Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InboxError, Unavailable
from inbox_app.domain.event import EventKind
from inbox_app.domain.notification import Planned
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.gathering import Gatherer
from inbox_app.pipeline import digest, facts, items, news, outcomes, recheck, sending, waking
from inbox_app.pipeline.accept import BATCH
from inbox_app.pipeline.facts import Open
from inbox_app.pipeline.planning import Merged, plan_one
from inbox_app.pipeline.recheck import Checked, Going, told_of
from inbox_app.pipeline.sending import MISTAKE, Sent
from inbox_app.pipeline.told import Told
from inbox_app.rendering import in_app
from inbox_app.runtime import Runtime
from inbox_app.storage import deliveries, digests, environments, inbox, notifications, outbox
from inbox_app.storage.engine import Transaction

RENEWALS = 3
"""How often a lease is renewed in its time."""
MOST_RIDERS = 1_000
"""Of the digests that are worked on together; more in one digest are worked on by themselves."""
MISTAKES = (
    *(InboxError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError),
    *(AssertionError, RecursionError),
)
"""What this server raises over data it did not expect; the same data brings it again."""

log = logging.getLogger(__name__)


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
            await deliveries.renew(tx, rt.leases, rt.worker, now + _lease(rt))
    async with rt.database.read() as tx:
        first = await deliveries.first_due(tx)
        lost = await deliveries.any_lost(tx, now)
    if lost:
        async with rt.database.write() as tx:
            await deliveries.release(tx, now)
        first = {0: now}
    if any(due <= now for due in first.values()):
        await rt.engine.wake()
    coming = await waking.wake(rt)
    later = now + _lease(rt)
    next_due = min(*first.values(), coming or later, later)
    return min(max(0.0, (next_due - now).total_seconds()), rt.settings.lease_seconds / RENEWALS)


def _lease(rt: Runtime) -> timedelta:
    return timedelta(seconds=rt.settings.lease_seconds)


async def _claim(rt: Runtime, environment_id: int, now: datetime) -> list[Delivery]:
    # Not in one transaction with the check, which locks digests of the same people: two workers,
    # each with a digest the other one looks for, would wait for each other for ever.
    async with rt.database.write() as tx:
        until = now + _lease(rt)
        claimed = await deliveries.claim(tx, environment_id, rt.worker, now, until, BATCH)
        mine = await _manageable(tx, claimed)
        if len(mine) < len(claimed):
            await deliveries.unclaim(tx, [each.id for each in claimed[len(mine) :]])
    return mine


async def _manageable(tx: Transaction, claimed: Sequence[Delivery]) -> list[Delivery]:
    """The first of them, until the digests among them hold too many riders to work on at once."""
    waiting = [each.id for each in claimed if each.is_digest]
    many = await deliveries.riders(tx, waiting) if waiting else {}
    mine, riders = list[Delivery](), 0
    for each in claimed:
        riders += many.get(each.id, 0)
        if mine and riders > MOST_RIDERS:
            break
        mine.append(each)
    return mine


async def _deliver(rt: Runtime, claimed: Sequence[Delivery], now: datetime) -> None:
    """Sends what was claimed; whatever goes wrong, no lease is left behind."""
    mine = {each.id for each in claimed}
    left = set(mine)
    rt.leases.update(mine)
    try:
        batch = await _checked(rt, claimed, now)
        left &= {each.delivery.id for each in batch.checked.going}
        await news.tell(rt, batch.changes)
        integrations = await _integrations(rt, batch)
        # Written down as they end, many at a time: what a dying worker takes with it unwritten is
        # sent again by another.
        written = Gatherer(partial(outcomes.write_down, rt))
        sent = (_send(rt, each, integrations, written, left) for each in batch.checked.going)
        # All of them end before what was not written down is given back.
        for error in await asyncio.gather(*sent, return_exceptions=True):
            if isinstance(error, BaseException):
                raise error
    finally:
        if left:
            await asyncio.shield(_give_back(rt, left))
        rt.leases.difference_update(mine)


async def _give_back(rt: Runtime, left: set[int]) -> None:
    async with rt.database.write() as tx:
        await deliveries.release(tx, rt.clock.now(), left, rt.worker)


async def _integrations(rt: Runtime, batch: _Batch) -> tuple[Integration, ...]:
    """All of the environment, as they were a few seconds ago at most."""
    if not batch.checked.going:
        return ()
    place, now = batch.environment.id, rt.clock.now()
    known = rt.integrations.get(place, now)
    if known is None:
        async with rt.database.read() as tx:
            known = tuple(await outbox.integrations(tx, place, rt.sealer))
        rt.integrations.put(place, known, now)
    return known


async def _checked(rt: Runtime, claimed: Sequence[Delivery], now: datetime) -> _Batch:
    """Asks again; when one of them cannot be asked about, the others still are."""
    try:
        return await _check(rt, claimed, now)
    except Unavailable:
        raise
    except MISTAKES:
        log.exception("A batch of %d deliveries is checked one by one.", len(claimed))
    whole = _Batch(_nowhere(claimed[0]), Checked(), {})
    for each in claimed:
        try:
            one = await _check(rt, [each], now)
        except Unavailable:
            raise
        except MISTAKES:
            log.exception("Delivery %d cannot be checked.", each.id)
            await _fail(rt, each, now)
            continue
        whole.checked.going.extend(one.checked.going)
        whole = _Batch(one.environment, whole.checked, whole.changes | one.changes)
    return whole


async def _fail(rt: Runtime, delivery: Delivery, now: datetime) -> None:
    """Ends a delivery that cannot be read, with what rides in it."""
    async with rt.database.write() as tx:
        await deliveries.keep_notifications(tx, [delivery.id])
        riders = await digests.members(tx, [delivery.id]) if delivery.is_digest else []
        ended = [
            replace(each, status=DeliveryStatus.FAILED, detail=MISTAKE, updated_at=now)
            for each in (delivery, *riders)
        ]
        await deliveries.save(tx, ended)
        await outbox.tell(tx, told_of(ended, now, EventKind.FAILED, MISTAKE, {}))


async def _check(rt: Runtime, claimed: Sequence[Delivery], now: datetime) -> _Batch:
    async with rt.database.write() as tx:
        environment = await environments.by_id(tx, claimed[0].environment_id, rt.sealer)
        if environment is None:
            gone = [_gone(each, now) for each in claimed]
            await deliveries.save(tx, gone)
            return _Batch(_nowhere(claimed[0]), Checked(), {})
        checked = await recheck.check(tx, environment, claimed, now)
        changes = await _show(tx, checked, now)
        await deliveries.keep_notifications(tx, [each.id for each in claimed])
        held = await digest.join(tx, checked.holding)
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
    # In the order they were sent in: of those that become one item the newest gives it its words.
    due = sorted(checked.in_app, key=lambda each: each[0].id)
    opened = [appearing(told, now) for _, told in due]
    history = await facts.history(tx, opened)
    planned: list[Planned] = []
    merged: list[Merged] = []
    for (delivery, _), each in zip(due, opened, strict=True):
        try:
            rendered = each.send.in_app and in_app.render(
                each.send.in_app, each.send.parameters, each.send.replacements
            )
            one, grown = plan_one(each, history, rendered, again=True)
        except InboxError as error:
            checked.settle(delivery, DeliveryStatus.FAILED, error.message, now)
            continue
        planned.append(one)
        merged += [grown] if grown else []
        checked.settle(delivery, DeliveryStatus.SENT, "Delivered to the inbox.", now)
    changes, numbered = await items.number(tx, planned, merged)
    await inbox.add_items(tx, numbered)
    await items.grow(tx, merged, changes)
    await notifications.became_part(tx, planned)
    return changes


def appearing(told: Told, now: datetime) -> Open:
    """What is planned when the time of an inbox item has come."""
    # The item's date is when it appears, not when its sender asked for it.
    send = replace(told.send, accepted_at=now, forced_channels=(Channel.INAPP_WEB,))
    return Open(0, send, told.user, told.kind)


async def _send(
    rt: Runtime,
    going: Going,
    integrations: tuple[Integration, ...],
    written: Gatherer[Sent, None],
    left: set[int],
) -> None:
    # Rendering a hundred messages at a stretch would hold up everything else in this process, the
    # renewal of leases as well.
    await asyncio.sleep(0)
    await written.submit(await sending.send(rt, going, integrations))
    left.discard(going.delivery.id)
