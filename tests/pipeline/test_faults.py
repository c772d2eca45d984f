"""Everything a provider can do, through the whole engine: what is kept, and when it goes again."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from inbox_app.config import Settings
from inbox_app.domain.delivery import Attempt, AttemptOutcome, DeliveryStatus, Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import OutcomeUnknown, Permanent, ProviderError, RateLimited, Transient
from inbox_app.domain.event import EventKind
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.retry import LEAST_WAIT, RetryPolicy
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, outgoing
from inbox_app.services.outgoing import Story
from inbox_app.storage import outbox, types
from tests.channels.faults import (
    HTTP_FAULTS,
    HTTP_UNREADABLE,
    SMTP_BEFORE_THE_END,
    SMTP_BREAKS,
    SMTP_REFUSALS,
)
from tests.channels.parcels import CANARY
from tests.clock import START, SetClock
from tests.databases import BOTH
from tests.factories import send
from tests.standins import http, smtp
from tests.standins.http import HttpStandIn, Respond
from tests.standins.smtp import SmtpStandIn, Step

SHORT = 0.4
"""Seconds that a call may take here."""
FIRST_WAIT = RetryPolicy().base
"""Longest wait after a first call that says nothing of a wait."""


@dataclass(frozen=True)
class Fate:
    """What is kept of a call that failed in one way."""

    status: DeliveryStatus
    outcome: AttemptOutcome
    event: EventKind | None


FATES: Mapping[type[ProviderError] | None, Fate] = {
    None: Fate(DeliveryStatus.SENT, AttemptOutcome.SENT, EventKind.SENT),
    Transient: Fate(DeliveryStatus.PENDING, AttemptOutcome.TRANSIENT, None),
    RateLimited: Fate(DeliveryStatus.PENDING, AttemptOutcome.RATE_LIMITED, None),
    Permanent: Fate(DeliveryStatus.FAILED, AttemptOutcome.PERMANENT, EventKind.FAILED),
    OutcomeUnknown: Fate(DeliveryStatus.UNKNOWN, AttemptOutcome.UNKNOWN, EventKind.UNKNOWN),
}


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test asks for others."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, allow_hosts=("127.0.0.1",))


@pytest.fixture
def rt(runtime: Runtime) -> Runtime:
    """The runtime, in a hurry."""
    return replace(runtime, tools=replace(runtime.tools, timeout=SHORT))


@pytest.fixture
async def gateway() -> AsyncIterator[HttpStandIn]:
    async with HttpStandIn() as server:
        yield server


@pytest.fixture
def mail_server() -> Iterator[SmtpStandIn]:
    with SmtpStandIn(login=("hub", CANARY)) as server:
        yield server


@pytest.fixture(autouse=True)
def no_secret_in_any_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    # The stand-in is the other side: it may say what it read.
    caplog.set_level("CRITICAL", logger="mail.log")
    caplog.set_level("DEBUG")
    yield
    assert all(CANARY not in record.getMessage() for record in caplog.get_records("call"))


async def integrate(
    rt: Runtime, environment: Environment, *urls: str, provider: str = "http_sms"
) -> list[int]:
    """Integrations in this order of fail-over, stored in the other one; their keys."""
    made = [
        Integration(
            *(ids.row_id(), environment.id, Channel.SMS, provider, f"gateway {position}"),
            {"url": url, "auth_value": f"Bearer {CANARY}"},
            position,
        )
        for position, url in enumerate(urls)
    ]
    async with rt.database.write() as tx:
        for each in reversed(made):
            await outbox.put_integration(tx, each, rt.sealer, rt.clock.now())
    return [each.id for each in made]


async def integrate_mail(rt: Runtime, environment: Environment, server: SmtpStandIn) -> None:
    made = Integration(
        *(ids.row_id(), environment.id, Channel.EMAIL, "smtp", "mail"),
        {
            "host": server.host,
            "port": server.port,
            "security": "none",
            "username": "hub",
            "password": CANARY,
            "from_address": "hub@acme.example",
        },
    )
    async with rt.database.write() as tx:
        await outbox.put_integration(tx, made, rt.sealer, rt.clock.now())


async def text_somebody(rt: Runtime, environment: Environment) -> str:
    """A send by SMS alone; its tracking id."""
    return await send(
        *(rt, environment),
        channels_with_content=(Channel.SMS,),
        in_app=None,
        content={Channel.SMS: {"message": "Your order has shipped"}},
        profile=Profile(number="+34600000001"),
    )


async def mail_somebody(rt: Runtime, environment: Environment) -> str:
    return await send(
        *(rt, environment),
        channels_with_content=(Channel.EMAIL,),
        in_app=None,
        content={Channel.EMAIL: {"subject": "Order", "html": "<p>It has shipped</p>"}},
        profile=Profile(email="ada@acme.example"),
    )


async def drain(rt: Runtime) -> None:
    """Works until nothing is due."""
    while await delivering.work(rt):
        pass


async def told(rt: Runtime, environment: Environment, tracking_id: str) -> Story:
    """All that is kept of a notification with one delivery; never a secret."""
    story = await outgoing.story(rt, environment, tracking_id)
    assert len(story.deliveries) == 1
    assert CANARY not in repr(story)
    return story


def is_as_specified(story: Story, error: type[ProviderError] | None, asked: float = 0) -> None:
    """One call was made, at the start, and this is what must be kept of it.

    Args:
        asked: Seconds that the provider asked to be left alone.
    """
    fate = FATES[error]
    [delivery], [attempt] = story.deliveries, story.attempts
    assert (delivery.status, delivery.attempts) == (fate.status, 1)
    assert (attempt.number, attempt.outcome) == (1, fate.outcome)
    assert (attempt.started_at, attempt.ended_at) == (START, START)
    assert [each.kind for each in story.events] == ([fate.event] if fate.event else [])
    if fate.status is DeliveryStatus.PENDING:
        waits = delivery.due_at - START
        least = max(timedelta(seconds=asked), LEAST_WAIT)
        assert least <= waits <= timedelta(seconds=asked) + FIRST_WAIT
        assert attempt.retry_at == delivery.due_at
    else:
        assert attempt.retry_at is None


async def goes_again(
    rt: Runtime, environment: Environment, clock: SetClock, tracking_id: str
) -> list[Attempt]:
    """What waits is not called before its time, and then it is; the attempts."""
    before = await told(rt, environment, tracking_id)
    due = before.deliveries[0].due_at
    clock.at = due - timedelta(microseconds=1)
    await drain(rt)
    assert (await told(rt, environment, tracking_id)).attempts == before.attempts
    clock.at = due
    await drain(rt)
    after = await told(rt, environment, tracking_id)
    assert after.deliveries[0].status is DeliveryStatus.SENT
    assert [each.number for each in after.attempts] == [1, 2]
    assert [each.kind for each in after.events] == [EventKind.SENT]
    return after.attempts


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


@pytest.mark.parametrize(("step", "answer", "error", "dead"), SMTP_REFUSALS)
async def test_what_a_mail_server_says_ends_as_specified(  # noqa: PLR0913, PLR0917 - fixtures
    rt: Runtime,
    environment: Environment,
    clock: SetClock,
    mail_server: SmtpStandIn,
    step: Step,
    answer: str,
    error: type[ProviderError],
    dead: bool,
):
    mail_server.always(step, answer)
    await integrate_mail(rt, environment, mail_server)
    tracking_id = await mail_somebody(rt, environment)
    await drain(rt)
    is_as_specified(await told(rt, environment, tracking_id), error)
    assert await is_suppressed(rt, environment) is dead
    if error is Transient:
        mail_server.always(step, smtp.Do.AS_USUAL)
        await goes_again(rt, environment, clock, tracking_id)


async def is_suppressed(rt: Runtime, environment: Environment) -> bool:
    address = (environment.id, Channel.EMAIL, "ada@acme.example")
    async with rt.database.read() as tx:
        return address in await outbox.suppressed(tx, [address])


@pytest.mark.parametrize("action", SMTP_BREAKS)
@pytest.mark.parametrize("step", [*SMTP_BEFORE_THE_END, Step.END])
async def test_a_mail_server_that_breaks_off_leaves_it_open_only_after_the_end(
    rt: Runtime,
    environment: Environment,
    clock: SetClock,
    mail_server: SmtpStandIn,
    step: Step,
    action: smtp.Action,
):
    mail_server.always(step, action)
    await integrate_mail(rt, environment, mail_server)
    tracking_id = await mail_somebody(rt, environment)
    await drain(rt)
    error = OutcomeUnknown if step is Step.END else Transient
    is_as_specified(await told(rt, environment, tracking_id), error)
    assert len(mail_server.arrived) == (1 if step is Step.END else 0)
    if error is Transient:
        mail_server.always(step, smtp.Do.AS_USUAL)
        await goes_again(rt, environment, clock, tracking_id)


@pytest.mark.parametrize("backend", BOTH, indirect=True)
@pytest.mark.parametrize(
    ("action", "error"), [(Respond(500), Transient), (Respond(404), Permanent)]
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
