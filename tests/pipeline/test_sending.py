"""Whose fault a failure is, who is asked next, and what the rate of an integration holds up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from inbox_app.config import Settings
from inbox_app.domain.delivery import Delivery, DeliveryStatus, Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, outgoing
from inbox_app.storage import outbox
from tests.factories import send
from tests.standins.http import HttpStandIn, Respond
from tests.standins.smtp import Do, SmtpStandIn, Step


@pytest.fixture
def backend() -> str:
    return "sqlite"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, allow_hosts=("127.0.0.1",))


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


async def through(rt: Runtime, environment: Environment, *servers: SmtpStandIn) -> None:
    """Mail goes over these servers, in this order of fail-over."""
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
