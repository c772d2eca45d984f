"""What a worker remembers from batch to batch, and for how long."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inbox_app.config import Settings
from inbox_app.domain.delivery import Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import delivering
from inbox_app.storage import outbox
from tests.clock import SetClock
from tests.factories import send
from tests.standins.http import HttpStandIn


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, allow_hosts=("127.0.0.1",))


async def put(rt: Runtime, integration: Integration) -> None:
    async with rt.database.write() as tx:
        await outbox.put_integration(tx, integration, rt.sealer, rt.clock.now())


async def text_somebody(rt: Runtime, environment: Environment) -> None:
    """Sends and delivers one SMS."""
    await send(
        *(rt, environment),
        channels_with_content=(Channel.SMS,),
        in_app=None,
        content={Channel.SMS: {"message": "Your order has shipped"}},
        profile=Profile(number="+34600000001"),
    )
    while await delivering.work(rt):
        pass


async def test_a_changed_integration_takes_effect_within_five_seconds(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    async with HttpStandIn() as before, HttpStandIn() as after:
        made = Integration(
            *(ids.row_id(), environment.id, Channel.SMS, "http_sms", "gateway"),
            {"url": before.url("/sms")},
        )
        await put(runtime, made)
        await text_somebody(runtime, environment)
        changed = replace(made, settings={"url": after.url("/sms")})
        await put(runtime, changed)
        clock.advance(seconds=5.1)
        await text_somebody(runtime, environment)
        assert (len(before.requests), len(after.requests)) == (1, 1)
        await put(runtime, replace(changed, enabled=False))
        clock.advance(seconds=5.1)
        await text_somebody(runtime, environment)
        assert (len(before.requests), len(after.requests)) == (1, 1)


async def test_while_all_are_switched_off_messages_wait(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    async with HttpStandIn() as gateway:
        made = Integration(
            *(ids.row_id(), environment.id, Channel.SMS, "http_sms", "gateway"),
            {"url": gateway.url("/sms")},
            enabled=False,
        )
        await put(runtime, made)
        await text_somebody(runtime, environment)
        async with runtime.database.read() as tx:
            assert await outbox.captured(tx, environment.id, 10) == []
        clock.advance(days=3)
        assert await delivering.work(runtime)
        assert gateway.requests == []
        await put(runtime, replace(made, enabled=True))
        clock.advance(minutes=1)
        assert await delivering.work(runtime)
        assert len(gateway.requests) == 1


async def test_a_new_integration_takes_over_from_the_sandbox_within_five_seconds(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await text_somebody(runtime, environment)
    async with HttpStandIn() as gateway:
        made = Integration(
            *(ids.row_id(), environment.id, Channel.SMS, "http_sms", "gateway"),
            {"url": gateway.url("/sms")},
        )
        await put(runtime, made)
        clock.advance(seconds=5.1)
        await text_somebody(runtime, environment)
        assert len(gateway.requests) == 1
