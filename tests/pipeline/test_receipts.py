"""Reports in any order, repeated, late, before it is written down that a message went out."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from inbox_app.config import Settings
from inbox_app.domain.delivery import Delivery, DeliveryStatus, Integration, SuppressionReason
from inbox_app.domain.environment import Environment
from inbox_app.domain.event import EventKind
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.receipt import Receipt, ReceiptKind, status_after
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.pipeline import receipts
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, outgoing, suppressions
from inbox_app.storage import outbox
from tests.clock import START, SetClock
from tests.factories import make_environment, send
from tests.standins.http import Do, HttpStandIn, Respond

NUMBER = "+34600000001"
K = ReceiptKind


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, allow_hosts=("127.0.0.1",))


@pytest.fixture
async def gateway() -> AsyncIterator[HttpStandIn]:
    async with HttpStandIn() as server:
        yield server


async def texting(rt: Runtime, environment: Environment, gateway: HttpStandIn) -> Integration:
    """Texts go through the gateway."""
    made = Integration(
        *(ids.row_id(), environment.id, Channel.SMS, "http_sms", "Texts"), {"url": gateway.url()}
    )
    async with rt.database.write() as tx:
        await outbox.put_integration(tx, made, rt.sealer, rt.clock.now())
    return made


async def text(rt: Runtime, environment: Environment, number: str = NUMBER) -> str:
    return await send(
        *(rt, environment),
        channels_with_content=(Channel.SMS,),
        in_app=None,
        content={Channel.SMS: {"message": "Hello"}},
        profile=Profile(number=number),
    )


async def drain(rt: Runtime) -> None:
    while await delivering.work(rt):
        pass


async def status(rt: Runtime, environment: Environment, tracking_id: str) -> DeliveryStatus:
    return (await outgoing.story(rt, environment, tracking_id)).deliveries[0].status


async def told(rt: Runtime, environment: Environment, tracking_id: str) -> list[EventKind]:
    return [e.kind for e in (await outgoing.story(rt, environment, tracking_id)).events]


async def suppressed(rt: Runtime, environment: Environment) -> list[SuppressionReason]:
    page = await suppressions.page(rt, environment, Channel.SMS, 10, "")
    return [each.reason for each in page]


def report(kind: ReceiptKind, key: str = "", minutes: int = 0, **more: object) -> Receipt:
    fields: dict[str, object] = {"message_id": "m-1", **more}
    return Receipt(key or kind.value, kind, START + timedelta(minutes=minutes), **fields)  # pyright: ignore[reportArgumentType]


Arriving = list[tuple[ReceiptKind, str, bool]]
"""Kind, which of its kind, and whether it names the delivery and not only the message.

After the second of a kind the number is not to be used again.
"""
STATES = [K.SENT, K.DELAYED, K.DELIVERED, K.FAILED, K.COMPLAINED]


def arriving(kinds: Sequence[ReceiptKind]) -> st.SearchStrategy[Arriving]:
    each = st.tuples(st.sampled_from(kinds), st.sampled_from("ab"), st.booleans())
    return st.lists(each, max_size=6)


async def take(rt: Runtime, through: Integration, delivery: Delivery, arriving: Arriving) -> None:
    for kind, which, named in arriving:
        owner = delivery.id if named else None
        dead = which == "b" and kind in {K.FAILED, K.COMPLAINED}
        one = report(kind, f"{kind} {which}", delivery_id=owner, dead_address=dead)
        await receipts.take(rt, through, [one])


@bounds(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=arriving(STATES), after=arriving(STATES))
@pytest.mark.parametrize("backend", ["sqlite"])
async def test_the_order_of_reports_does_not_matter(
    runtime: Runtime, before: Arriving, after: Arriving
):
    # One place for each example: what an earlier one reported is not this one's.
    environment = await make_environment(runtime)
    async with HttpStandIn(Respond(body=json.dumps({"id": "m-1"}).encode())) as gateway:
        through = await texting(runtime, environment, gateway)
        tracking_id = await text(runtime, environment)
        [delivery] = (await outgoing.story(runtime, environment, tracking_id)).deliveries
        # The first reports come while the gateway has not even answered.
        gateway.script(Do.STALL)
        sending = asyncio.create_task(drain(runtime))
        await gateway.arrived(1)
        await take(runtime, through, delivery, before)
        gateway.release()
        await sending
        await take(runtime, through, delivery, after)
    reported = {(kind, which) for kind, which, _ in [*before, *after]}
    expected = status_after(DeliveryStatus.SENT, [kind for kind, _ in reported])
    assert await status(runtime, environment, tracking_id) is expected
    events = Counter(await told(runtime, environment, tracking_id))
    shown = [EventKind(kind) for kind, _ in reported if kind is not K.SENT]
    assert events == Counter(shown) + Counter([EventKind.SENT])
    dead = {(K.FAILED, "b"), (K.COMPLAINED, "b")} & reported
    assert bool(await suppressed(runtime, environment)) is bool(dead)


async def test_a_report_that_comes_too_early_waits_for_its_message(
    runtime: Runtime, environment: Environment, gateway: HttpStandIn
):
    gateway.usual = Respond(body=b'{"id": "m-1"}')
    through = await texting(runtime, environment, gateway)
    await receipts.take(runtime, through, [report(K.DELIVERED), report(K.CLICKED, url="https://a")])
    tracking_id = await text(runtime, environment)
    await drain(runtime)
    assert await status(runtime, environment, tracking_id) is DeliveryStatus.DELIVERED
    kinds = set(await told(runtime, environment, tracking_id))
    assert kinds == {EventKind.SENT, EventKind.DELIVERED, EventKind.CLICKED}


async def test_a_late_report_of_an_earlier_try_ends_nothing(
    runtime: Runtime, environment: Environment, gateway: HttpStandIn
):
    gateway.script(Respond(body=b'{"id": "m-1"}'), Respond(body=b'{"id": "m-2"}'))
    through = await texting(runtime, environment, gateway)
    tracking_id = await text(runtime, environment)
    await drain(runtime)
    await receipts.take(runtime, through, [report(K.FAILED, "first")])
    [failed] = (await outgoing.story(runtime, environment, tracking_id)).deliveries
    assert failed.status is DeliveryStatus.FAILED
    await outgoing.replay(runtime, environment, [failed.id])
    await drain(runtime)
    late = report(K.FAILED, "again", delivery_id=failed.id)
    await receipts.take(runtime, through, [late])
    assert await status(runtime, environment, tracking_id) is DeliveryStatus.SENT


async def test_nobody_reports_of_what_others_have_sent(
    runtime: Runtime, environment: Environment, gateway: HttpStandIn
):
    gateway.usual = Respond(body=b'{"id": "m-1"}')
    await texting(runtime, environment, gateway)
    tracking_id = await text(runtime, environment)
    await drain(runtime)
    [sent] = (await outgoing.story(runtime, environment, tracking_id)).deliveries
    other = await make_environment(runtime)
    stranger = await texting(runtime, other, gateway)
    forged = report(K.FAILED, delivery_id=sent.id, address=NUMBER, dead_address=True)
    await receipts.take(runtime, stranger, [forged])
    assert await status(runtime, environment, tracking_id) is DeliveryStatus.SENT
    assert await suppressed(runtime, environment) == []


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1)])
async def test_the_last_wish_counts(
    runtime: Runtime, environment: Environment, gateway: HttpStandIn, order: tuple[int, ...]
):
    through = await texting(runtime, environment, gateway)
    tracking_id = await text(runtime, environment)
    await drain(runtime)
    wishes = [
        report(kind, str(number), number, address=NUMBER, message_id="")
        for number, kind in enumerate([K.UNSUBSCRIBED, K.RESUBSCRIBED, K.UNSUBSCRIBED])
    ]
    for number in order:
        await receipts.take(runtime, through, [wishes[number]])
    assert await suppressed(runtime, environment) == [SuppressionReason.UNSUBSCRIBE]
    back = report(K.RESUBSCRIBED, "back", 9, address=NUMBER, message_id="")
    await receipts.take(runtime, through, [back, wishes[0]])
    assert await suppressed(runtime, environment) == []
    kinds = Counter(await told(runtime, environment, tracking_id))
    assert (kinds[EventKind.UNSUBSCRIBED], kinds[EventKind.RESUBSCRIBED]) == (2, 2)


async def test_one_report_that_comes_many_times_at_once_is_told_once(
    runtime: Runtime, environment: Environment, gateway: HttpStandIn
):
    gateway.usual = Respond(body=b'{"id": "m-1"}')
    through = await texting(runtime, environment, gateway)
    tracking_id = await text(runtime, environment)
    await drain(runtime)
    one = [report(K.DELIVERED), report(K.FAILED, dead_address=True)]
    await asyncio.gather(*(receipts.take(runtime, through, one) for _ in range(8)))
    kinds = Counter(await told(runtime, environment, tracking_id))
    assert (kinds[EventKind.DELIVERED], kinds[EventKind.FAILED]) == (1, 1)
    assert await suppressed(runtime, environment) == [SuppressionReason.BOUNCE]


async def test_what_was_reported_before_a_line_broke_counts(
    runtime: Runtime, environment: Environment, gateway: HttpStandIn
):
    runtime = replace(runtime, tools=replace(runtime.tools, timeout=1))
    gateway.script(Do.STALL)
    through = await texting(runtime, environment, gateway)
    tracking_id = await text(runtime, environment)
    [delivery] = (await outgoing.story(runtime, environment, tracking_id)).deliveries
    sending = asyncio.create_task(drain(runtime))
    await gateway.arrived(1)
    await receipts.take(runtime, through, [report(K.DELIVERED, delivery_id=delivery.id)])
    await sending
    assert await status(runtime, environment, tracking_id) is DeliveryStatus.DELIVERED
    assert EventKind.UNKNOWN in await told(runtime, environment, tracking_id)


async def test_an_old_report_without_a_name_does_not_fail_what_is_sent_again(
    runtime: Runtime, environment: Environment, gateway: HttpStandIn, clock: SetClock
):
    gateway.usual = Respond(body=b"{}")
    through = await texting(runtime, environment, gateway)
    tracking_id = await text(runtime, environment)
    await drain(runtime)
    [sent] = (await outgoing.story(runtime, environment, tracking_id)).deliveries
    failed = report(K.FAILED, delivery_id=sent.id, message_id="")
    await receipts.take(runtime, through, [failed])
    assert await status(runtime, environment, tracking_id) is DeliveryStatus.FAILED
    clock.advance(minutes=1)
    await outgoing.replay(runtime, environment, [sent.id])
    await drain(runtime)
    await receipts.take(runtime, through, [failed])
    assert await status(runtime, environment, tracking_id) is DeliveryStatus.SENT


async def test_a_report_of_a_message_is_not_taken_for_one_of_another_to_the_same_number(
    runtime: Runtime, environment: Environment, gateway: HttpStandIn
):
    gateway.script(Respond(body=b'{"id": "m-1"}'), Respond(body=b'{"id": "m-2"}'))
    through = await texting(runtime, environment, gateway)
    first = await text(runtime, environment)
    await drain(runtime)
    second = await text(runtime, environment)
    early = report(K.DELIVERED, message_id="m-2", address=NUMBER)
    await receipts.take(runtime, through, [early])
    await drain(runtime)
    assert await status(runtime, environment, first) is DeliveryStatus.SENT
    assert await status(runtime, environment, second) is DeliveryStatus.DELIVERED
