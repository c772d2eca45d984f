"""What a gateway does: what is kept of it, and when it goes again."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest

from inbox_app.domain.delivery import AttemptOutcome, DeliveryStatus, Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Permanent, ProviderError, RateLimited, Transient
from inbox_app.domain.event import EventKind
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.retry import RetryPolicy
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.storage import outbox, types
from tests.channels.faults import (
    HTTP_FAULTS,
    HTTP_UNREADABLE,
)
from tests.channels.parcels import CANARY
from tests.clock import START, SetClock
from tests.databases import BOTH
from tests.factories import send
from tests.pipeline.faults.fates import FATES, drain, goes_again, is_as_specified, told
from tests.standins import http
from tests.standins.http import HttpStandIn, Respond


async def integrate(
    rt: Runtime, environment: Environment, *urls: str, provider: str = "http_sms"
) -> list[int]:
    """Integrations in this order of fail-over, stored in the other one; their keys."""
    made = [
        Integration(
            *(ids.row_id(), environment.id, Channel.SMS, provider, f"gateway {position}"),
            {"url": url, "auth_value": f"Bearer {CANARY}", "key_header": "Idempotency-Key"},
            position,
        )
        for position, url in enumerate(urls)
    ]
    async with rt.database.write() as tx:
        for each in reversed(made):
            await outbox.put_integration(tx, each, rt.sealer, rt.clock.now())
    return [each.id for each in made]


async def text_somebody(rt: Runtime, environment: Environment) -> str:
    """A send by SMS alone; its tracking id."""
    return await send(
        *(rt, environment),
        channels_with_content=(Channel.SMS,),
        in_app=None,
        content={Channel.SMS: {"message": "Your order has shipped"}},
        profile=Profile(number="+34600000001"),
    )


@pytest.mark.parametrize(("action", "error"), HTTP_FAULTS)
async def test_what_a_gateway_does_ends_as_specified(
    rt: Runtime,
    environment: Environment,
    clock: SetClock,
    gateway: HttpStandIn,
    action: http.Action,
    error: type[ProviderError],
):
    gateway.script(action)
    await integrate(rt, environment, gateway.url("/sms"))
    tracking_id = await text_somebody(rt, environment)
    await drain(rt)
    asked = float(action.headers.get("Retry-After", 0)) if isinstance(action, Respond) else 0
    story = await told(rt, environment, tracking_id)
    is_as_specified(story, error, asked)
    if isinstance(action, Respond):
        assert story.attempts[0].code == str(action.status)
    if FATES[error].status is DeliveryStatus.PENDING:
        tries = await goes_again(rt, environment, clock, tracking_id)
        assert tries[1].started_at == tries[0].retry_at
    else:
        clock.advance(days=30)
        await drain(rt)
        assert len(gateway.requests) <= 1


@pytest.mark.parametrize("backend", BOTH, indirect=True)
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        # The clock of the test stands at 09:30.
        ("Mon, 02 Mar 2026 09:31:30 GMT", 90),
        ("Monday, 02-Mar-26 10:30:00 GMT", 3600),
        ("Mon, 02 Mar 2026 09:00:00 GMT", 0),
        ("soon", 0),
    ],
)
async def test_a_gateway_that_is_busy_is_left_alone_as_long_as_it_asks(
    rt: Runtime,
    environment: Environment,
    clock: SetClock,
    gateway: HttpStandIn,
    value: str,
    seconds: float,
):
    gateway.script(Respond(429, {"Retry-After": value}))
    await integrate(rt, environment, gateway.url("/sms"))
    tracking_id = await text_somebody(rt, environment)
    await drain(rt)
    is_as_specified(await told(rt, environment, tracking_id), RateLimited, seconds)
    await goes_again(rt, environment, clock, tracking_id)


@pytest.mark.parametrize("answer", [Respond(), *HTTP_UNREADABLE])
async def test_whatever_a_yes_looks_like_it_is_sent_once(
    rt: Runtime, environment: Environment, gateway: HttpStandIn, answer: Respond
):
    gateway.script(answer)
    await integrate(rt, environment, gateway.url("/sms"))
    tracking_id = await text_somebody(rt, environment)
    await drain(rt)
    is_as_specified(await told(rt, environment, tracking_id), None)
    assert len(gateway.requests) == 1


@pytest.mark.parametrize("backend", BOTH, indirect=True)
async def test_where_nobody_listens_nothing_can_have_arrived(
    rt: Runtime, environment: Environment, clock: SetClock, gateway: HttpStandIn
):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    await integrate(rt, environment, f"http://127.0.0.1:{port}/sms")
    tracking_id = await text_somebody(rt, environment)
    await drain(rt)
    story = await told(rt, environment, tracking_id)
    is_as_specified(story, Transient)
    assert story.attempts[0].code == "connect"


@pytest.mark.parametrize(
    "answer", [Respond(500, body=CANARY.encode()), Respond(401, body=f"no: {CANARY}".encode())]
)
async def test_a_gateway_that_repeats_the_secret_leaves_no_trace_of_it(
    rt: Runtime, environment: Environment, gateway: HttpStandIn, answer: Respond
):
    gateway.script(answer)
    await integrate(rt, environment, gateway.url("/sms"))
    tracking_id = await text_somebody(rt, environment)
    await drain(rt)
    story = await told(rt, environment, tracking_id)
    assert "[hidden]" in story.attempts[0].detail
    assert gateway.requests[0].headers["authorization"] == f"Bearer {CANARY}"


@pytest.mark.parametrize("backend", BOTH, indirect=True)
@pytest.mark.parametrize(
    ("action", "error"), [(Respond(500), Transient), (Respond(400), Permanent)]
)
async def test_the_next_integration_in_order_takes_what_one_did_not(
    rt: Runtime,
    environment: Environment,
    gateway: HttpStandIn,
    action: http.Action,
    error: type[ProviderError],
):
    gateway.usual = action
    async with HttpStandIn() as second, HttpStandIn() as third:
        places = [each.url("/sms") for each in (gateway, second, third)]
        first_id, second_id, _ = await integrate(rt, environment, *places)
        tracking_id = await text_somebody(rt, environment)
        await drain(rt)
        assert [len(each.requests) for each in (gateway, second, third)] == [1, 1, 0]
    story = await told(rt, environment, tracking_id)
    assert [(each.number, each.outcome, each.integration_id) for each in story.attempts] == [
        (1, FATES[error].outcome, first_id),
        (2, AttemptOutcome.SENT, second_id),
    ]
    assert story.deliveries[0].integration_id == second_id
    assert story.attempts[0].retry_at is None


@pytest.mark.parametrize("resend", [False, True])
async def test_what_may_have_arrived_goes_to_the_next_one_only_where_the_type_wants_it(
    rt: Runtime, environment: Environment, gateway: HttpStandIn, resend: bool
):
    kind = NotificationType(
        *(ids.row_id(), environment.id, "order_shipped", "Order shipped", (Channel.SMS,)),
        resend_unknown=resend,
    )
    async with rt.database.write() as tx:
        await types.add_missing(tx, [kind], rt.clock.now())
    gateway.script(http.Do.CUT_AFTER_READING)
    async with HttpStandIn() as second:
        await integrate(rt, environment, gateway.url("/sms"), second.url("/sms"))
        tracking_id = await text_somebody(rt, environment)
        await drain(rt)
        assert len(second.requests) == (1 if resend else 0)
    story = await told(rt, environment, tracking_id)
    status = DeliveryStatus.SENT if resend else DeliveryStatus.UNKNOWN
    assert story.deliveries[0].status is status
    assert story.attempts[0].outcome is AttemptOutcome.UNKNOWN


@pytest.mark.parametrize("backend", BOTH, indirect=True)
async def test_a_gateway_that_keeps_failing_is_left_alone_and_no_attempt_is_burnt(
    rt: Runtime, environment: Environment, clock: SetClock, gateway: HttpStandIn
):
    gateway.usual = Respond(500)
    await integrate(rt, environment, gateway.url("/sms"))
    failing = [await text_somebody(rt, environment) for _ in range(5)]
    await drain(rt)
    assert len(gateway.requests) == 5
    last = await text_somebody(rt, environment)
    await drain(rt)
    assert len(gateway.requests) == 5
    story = await told(rt, environment, last)
    [waiting] = story.deliveries
    assert (waiting.status, waiting.attempts, story.attempts) == (DeliveryStatus.PENDING, 0, [])
    assert waiting.due_at == START + timedelta(seconds=30)
    gateway.usual = Respond()
    for _ in range(20):
        clock.advance(seconds=30)
        await drain(rt)
    for tracking_id in (*failing, last):
        story = await told(rt, environment, tracking_id)
        assert story.deliveries[0].status is DeliveryStatus.SENT
    assert len(gateway.requests) == 5 + 6


@pytest.mark.parametrize("backend", BOTH, indirect=True)
async def test_after_the_last_try_it_is_dead_and_stays_so(
    rt: Runtime, environment: Environment, clock: SetClock, gateway: HttpStandIn
):
    gateway.usual = Respond(500)
    await integrate(rt, environment, gateway.url("/sms"))
    tracking_id = await text_somebody(rt, environment)
    for _ in range(30):
        await drain(rt)
        clock.advance(minutes=20)
    story = await told(rt, environment, tracking_id)
    assert story.deliveries[0].status is DeliveryStatus.FAILED
    assert len(story.attempts) == len(gateway.requests) == RetryPolicy().most
    assert [each.kind for each in story.events] == [EventKind.FAILED]
    assert story.attempts[-1].retry_at is None
