"""Whose fault a failure is, who is asked next, and what the rate of an integration holds up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from inbox_app.config import Settings
from inbox_app.domain.delivery import Delivery, DeliveryStatus, Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.retry import RetryPolicy
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, outgoing
from inbox_app.storage import outbox
from tests.clock import START, SetClock
from tests.factories import make_type, send
from tests.standins import http
from tests.standins.http import HttpStandIn, Respond
from tests.standins.smtp import Do, SmtpStandIn, Step

SOON = 2 * RetryPolicy().base
"""Longest wait after two calls that failed."""


@pytest.fixture
def backend() -> str:
    return "sqlite"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, allow_hosts=("127.0.0.1", "localhost"))


@pytest.fixture
def mail_server() -> Iterator[SmtpStandIn]:
    with SmtpStandIn() as server:
        yield server


@pytest.fixture
def backup() -> Iterator[SmtpStandIn]:
    with SmtpStandIn() as server:
        yield server


@pytest.fixture
async def web() -> AsyncIterator[HttpStandIn]:
    async with HttpStandIn() as server:
        yield server


async def put(rt: Runtime, *made: Integration) -> None:
    async with rt.database.write() as tx:
        for each in made:
            await outbox.put_integration(tx, each, rt.sealer, rt.clock.now())


async def through(
    rt: Runtime, environment: Environment, *servers: SmtpStandIn, rate: float | None = None
) -> None:
    """Mail goes over these servers, in this order of fail-over, the first at this rate."""
    made = [
        Integration(
            *(ids.row_id(), environment.id, Channel.EMAIL, "smtp", f"mail {position}"),
            {
                "host": each.host,
                "port": each.port,
                "security": "none",
                "from_address": "hub@acme.example",
            },
            position,
            rate=None if position else rate,
        )
        for position, each in enumerate(servers)
    ]
    await put(rt, *made)


async def mail(rt: Runtime, environment: Environment, who: str = "ada", **options: Any) -> str:
    return await send(
        *(rt, environment, who),
        channels_with_content=(Channel.EMAIL,),
        in_app=None,
        content={Channel.EMAIL: {"subject": "Order", "html": "<p>It has shipped</p>"}},
        profile=Profile(email=f"{who}@acme.example"),
        options={"email": options},
    )


async def drain(rt: Runtime) -> None:
    """Works until nothing is due."""
    while await delivering.work(rt):
        pass


async def delivery(rt: Runtime, environment: Environment, tracking_id: str) -> Delivery:
    story = await outgoing.story(rt, environment, tracking_id)
    return story.deliveries[0]


async def becomes(rt: Runtime, environment: Environment, tracking_id: str) -> DeliveryStatus:
    await drain(rt)
    return (await delivery(rt, environment, tracking_id)).status


@pytest.mark.parametrize("answer", ["450 4.7.1 greylisted", "452 4.2.2 mailbox full"])
async def test_people_whose_mail_is_put_off_do_not_stop_the_mail_of_others(
    runtime: Runtime, environment: Environment, mail_server: SmtpStandIn, answer: str
):
    mail_server.script(Step.RCPT, *[answer] * 6)
    await through(runtime, environment, mail_server)
    for number in range(6):
        await mail(runtime, environment, f"grey{number}")
    await drain(runtime)
    good = await mail(runtime, environment)
    assert await becomes(runtime, environment, good) is DeliveryStatus.SENT


async def test_attachments_that_are_not_there_do_not_stop_other_mail(
    runtime: Runtime, environment: Environment, mail_server: SmtpStandIn, web: HttpStandIn
):
    web.usual = Respond(500)
    await through(runtime, environment, mail_server)
    files = [{"filename": "a.txt", "url": web.url("/a.txt")}]
    for number in range(6):
        await mail(runtime, environment, f"file{number}", attachments=files)
    await drain(runtime)
    assert len(web.requests) == 6
    good = await mail(runtime, environment)
    assert await becomes(runtime, environment, good) is DeliveryStatus.SENT


@pytest.mark.parametrize(
    ("step", "action"),
    [(Step.CONNECT, "421 busy"), (Step.RCPT, "421 shutting down"), (Step.MAIL, Do.CUT)],
)
async def test_a_server_that_does_not_work_is_left_alone(
    runtime: Runtime, environment: Environment, mail_server: SmtpStandIn, step: Step, action: Any
):
    mail_server.always(step, action)
    await through(runtime, environment, mail_server)
    for number in range(6):
        await mail(runtime, environment, f"lost{number}")
        await drain(runtime)
    mail_server.always(step, Do.AS_USUAL)
    good = await mail(runtime, environment)
    assert await becomes(runtime, environment, good) is DeliveryStatus.PENDING
    assert mail_server.messages == []


def is_tried_again_later(kept: Delivery) -> bool:
    return kept.status is DeliveryStatus.PENDING and START < kept.due_at <= START + SOON


async def test_a_failure_that_passes_is_not_made_final_by_a_backup_that_is_set_up_wrong(
    runtime: Runtime,
    environment: Environment,
    clock: SetClock,
    mail_server: SmtpStandIn,
    backup: SmtpStandIn,
):
    mail_server.script(Step.RCPT, "451 4.3.0 trouble")
    backup.always(Step.RCPT, "550 5.7.1 relaying denied")
    await through(runtime, environment, mail_server, backup)
    tracking_id = await mail(runtime, environment)
    await drain(runtime)
    assert is_tried_again_later(await delivery(runtime, environment, tracking_id))
    clock.at += SOON
    assert await becomes(runtime, environment, tracking_id) is DeliveryStatus.SENT
    assert len(mail_server.messages) == 1


async def test_what_all_refuse_for_good_is_given_up(
    runtime: Runtime, environment: Environment, mail_server: SmtpStandIn, backup: SmtpStandIn
):
    for each in (mail_server, backup):
        each.always(Step.RCPT, "550 5.7.1 policy")
    await through(runtime, environment, mail_server, backup)
    tracking_id = await mail(runtime, environment)
    assert await becomes(runtime, environment, tracking_id) is DeliveryStatus.FAILED


async def test_a_dead_address_ends_it_whatever_the_others_said(
    runtime: Runtime, environment: Environment, mail_server: SmtpStandIn, backup: SmtpStandIn
):
    mail_server.always(Step.RCPT, "451 4.3.0 trouble")
    backup.always(Step.RCPT, "550 5.1.1 no such user")
    await through(runtime, environment, mail_server, backup)
    tracking_id = await mail(runtime, environment)
    assert await becomes(runtime, environment, tracking_id) is DeliveryStatus.FAILED


async def test_a_refusal_by_the_one_that_is_free_does_not_end_what_another_may_take(
    runtime: Runtime,
    environment: Environment,
    clock: SetClock,
    mail_server: SmtpStandIn,
    backup: SmtpStandIn,
):
    mail_server.always(Step.CONNECT, "421 busy")
    await through(runtime, environment, mail_server, backup)
    for number in range(5):
        await mail(runtime, environment, f"first{number}")
    await drain(runtime)
    # Now the first is left alone for half a minute.
    backup.always(Step.RCPT, "550 5.7.1 relaying denied")
    tracking_id = await mail(runtime, environment)
    await drain(runtime)
    kept = await delivery(runtime, environment, tracking_id)
    assert (kept.status, kept.due_at) == (DeliveryStatus.PENDING, START + timedelta(seconds=30))
    mail_server.always(Step.CONNECT, Do.AS_USUAL)
    clock.advance(seconds=30)
    assert await becomes(runtime, environment, tracking_id) is DeliveryStatus.SENT


async def test_what_may_have_arrived_goes_again_by_the_policy_where_the_type_wants_it(
    runtime: Runtime, environment: Environment, clock: SetClock, mail_server: SmtpStandIn
):
    await make_type(runtime, environment, channels=(Channel.EMAIL,), resend_unknown=True)
    mail_server.always(Step.END, Do.CUT)
    await through(runtime, environment, mail_server)
    tracking_id = await mail(runtime, environment)
    await drain(runtime)
    assert is_tried_again_later(await delivery(runtime, environment, tracking_id))
    for _ in range(30):
        clock.advance(minutes=20)
        await drain(runtime)
    kept = await delivery(runtime, environment, tracking_id)
    assert (kept.status, kept.attempts) == (DeliveryStatus.UNKNOWN, RetryPolicy().most)


async def test_what_the_sandbox_takes_by_name_is_kept_there(
    runtime: Runtime, environment: Environment
):
    channel = Channel.EMAIL
    await put(runtime, Integration(ids.row_id(), environment.id, channel, "capture", "mine", {}))
    tracking_id = await mail(runtime, environment)
    assert await becomes(runtime, environment, tracking_id) is DeliveryStatus.SENT
    async with runtime.database.read() as tx:
        [kept] = await outbox.captured(tx, environment.id, 10)
    assert (kept.tracking_id, kept.to) == (tracking_id, "ada@acme.example")
    assert kept.fields["subject"] == "Order"


async def test_mail_outlives_a_password_that_was_changed(
    runtime: Runtime, environment: Environment, clock: SetClock, mail_server: SmtpStandIn
):
    mail_server.always(Step.MAIL, "530 5.7.0 sign in first")
    await through(runtime, environment, mail_server)
    waiting = [await mail(runtime, environment, f"first{number}") for number in range(8)]
    await drain(runtime)
    for tracking_id in waiting:
        assert await becomes(runtime, environment, tracking_id) is DeliveryStatus.PENDING
    told = (await delivery(runtime, environment, waiting[0])).detail
    assert "refuses the sign-in" in told
    assert "Correct this integration's settings" in told
    mail_server.always(Step.MAIL, Do.AS_USUAL)
    for _ in range(8):
        clock.advance(seconds=30)
        await drain(runtime)
    assert len(mail_server.messages) == 8


async def test_each_that_waits_for_a_rate_is_due_at_its_own_turn_and_goes_then(
    runtime: Runtime, environment: Environment, clock: SetClock, mail_server: SmtpStandIn
):
    await through(runtime, environment, mail_server, rate=1)
    waiting = [await mail(runtime, environment, f"reader{number}") for number in range(20)]
    await drain(runtime)
    kept = [await delivery(runtime, environment, each) for each in waiting]
    turns = sorted(each.due_at for each in kept if each.status is DeliveryStatus.PENDING)
    assert turns == [START + timedelta(seconds=second) for second in range(1, 20)]
    for number in range(2, 21):
        clock.advance(seconds=1)
        await delivering.work(runtime)
        assert not await delivering.work(runtime), "one is due, and it went"
        assert len(mail_server.messages) == number


async def test_a_rate_does_not_send_people_over_to_the_backup(
    runtime: Runtime,
    environment: Environment,
    clock: SetClock,
    mail_server: SmtpStandIn,
    backup: SmtpStandIn,
):
    await through(runtime, environment, mail_server, backup, rate=1)
    for number in range(5):
        await mail(runtime, environment, f"reader{number}")
    await drain(runtime)
    for _ in range(4):
        clock.advance(seconds=1)
        await drain(runtime)
    assert (len(mail_server.messages), len(backup.messages)) == (5, 0)


async def test_a_rate_does_not_cost_the_one_probe_of_a_server_that_failed(
    runtime: Runtime, environment: Environment, clock: SetClock, mail_server: SmtpStandIn
):
    await through(runtime, environment, mail_server, rate=0.05)
    first = (await enabled(runtime, environment))[0].id
    for _ in range(5):
        runtime.breakers.at(first).failed(clock.now())
    clock.advance(seconds=25)
    assert await runtime.limiter.wait(str(first), 0.05, clock.now(), "another") == 0
    clock.advance(seconds=5)
    # Now the server may be probed, and the next turn is in 15 seconds.
    await mail(runtime, environment)
    await drain(runtime)
    clock.advance(seconds=15)
    await drain(runtime)
    assert len(mail_server.messages) == 1


async def test_a_backup_that_fails_is_tried_by_the_policy_while_the_first_is_left_alone(
    runtime: Runtime,
    environment: Environment,
    clock: SetClock,
    mail_server: SmtpStandIn,
    backup: SmtpStandIn,
):
    await through(runtime, environment, mail_server, backup)
    first = (await enabled(runtime, environment))[0].id
    for _ in range(5):
        runtime.breakers.at(first).failed(clock.now() + timedelta(days=2))
    backup.always(Step.RCPT, "450 4.7.1 greylisted")
    tracking_id = await mail(runtime, environment)
    for _ in range(30):
        await drain(runtime)
        clock.advance(minutes=20)
    kept = await delivery(runtime, environment, tracking_id)
    assert (kept.status, kept.attempts) == (DeliveryStatus.FAILED, RetryPolicy().most)


@pytest.mark.parametrize("action", [http.Do.STALL, http.Do.CUT_BEFORE_READING])
async def test_a_chat_server_that_hangs_stops_its_own_chats_alone(
    runtime: Runtime, environment: Environment, clock: SetClock, web: HttpStandIn, action: http.Do
):
    hosts = {"allowed_hosts": "localhost, 127.0.0.1"}
    place = (ids.row_id(), environment.id, Channel.SLACK)
    await put(runtime, Integration(*place, "chat_webhook", "Chats", hosts))
    runtime = replace(runtime, tools=replace(runtime.tools, timeout=0.5))
    hanging = f"http://localhost:{web.port}/hooks/{'x' * 26}"
    web.usual = action
    for number in range(6):
        await chat(runtime, environment, f"hangs{number}", hanging)
        await drain(runtime)
    assert web.connections == 5
    web.usual = Respond()
    web.requests.clear()
    well = await chat(runtime, environment, "well", web.url(f"/hooks/{'y' * 26}"))
    assert await becomes(runtime, environment, well) is DeliveryStatus.SENT
    # And those of the server that hung go when it works again.
    assert len(web.requests) == 1
    clock.advance(seconds=31)
    await drain(runtime)
    assert len(web.requests) == 2


async def chat(rt: Runtime, environment: Environment, who: str, url: str) -> str:
    return await send(
        *(rt, environment, who),
        channels_with_content=(Channel.SLACK,),
        in_app=None,
        content={Channel.SLACK: {"text": "It has shipped"}},
        profile=Profile(slack_channel=url),
    )


async def enabled(rt: Runtime, environment: Environment) -> list[Integration]:
    """In the order of fail-over."""
    async with rt.database.read() as tx:
        return list(await outbox.integrations(tx, environment.id, rt.sealer))
