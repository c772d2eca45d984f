"""What a mail server does: what is kept of it, and when it goes again."""

from __future__ import annotations

import pytest

from inbox_app.domain.delivery import Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import OutcomeUnknown, ProviderError, Transient
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.storage import outbox
from tests.channels.faults import (
    SMTP_BEFORE_THE_END,
    SMTP_BREAKS,
    SMTP_REFUSALS,
)
from tests.channels.parcels import CANARY
from tests.clock import SetClock
from tests.factories import send
from tests.pipeline.faults.fates import drain, goes_again, is_as_specified, told
from tests.standins import smtp
from tests.standins.smtp import SmtpStandIn, Step


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


async def mail_somebody(rt: Runtime, environment: Environment) -> str:
    return await send(
        *(rt, environment),
        channels_with_content=(Channel.EMAIL,),
        in_app=None,
        content={Channel.EMAIL: {"subject": "Order", "html": "<p>It has shipped</p>"}},
        profile=Profile(email="ada@acme.example"),
    )


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
