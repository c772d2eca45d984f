"""What waits: for a person who wants quiet, with others for a summary, for another address."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from inbox_app.domain.delivery import Delivery, DeliveryStatus, Suppression, SuppressionReason
from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.preference import Preferences
from inbox_app.domain.user import Profile
from inbox_app.runtime import Runtime
from inbox_app.storage import deliveries, outbox, users
from tests.clock import SetClock
from tests.factories import make_user, send
from tests.pipeline.test_delivering import captured, drain, of

ALL_OFFERED = ChannelOptions(offered=frozenset(DeliveryOption))
DAILY = Preferences(cells={"order_shipped": {"": {Channel.EMAIL: DeliveryOption.DAILY}}})


def push_to(*tokens: str, **known: Any) -> dict[str, Any]:
    """A push to devices."""
    devices = tuple(
        {"type": "FCM", "token": each, "device": {"device_id": each}} for each in tokens
    )
    return {
        "in_app": None,
        "channels_with_content": (Channel.PUSH,),
        "content": {Channel.PUSH: {"title": "Order {{order}}", "message": "It has shipped"}},
        "parameters": {"order": "17"},
        "profile": Profile(push_tokens=devices, **known),
    }


async def all_of(rt: Runtime, tracking_id: str) -> list[Delivery]:
    async with rt.database.read() as tx:
        return await deliveries.of_notification(tx, tracking_id)


async def choose(rt: Runtime, environment: Environment, chosen: Preferences) -> None:
    """Writes what ada chose, so that nothing is made due by it."""
    user = await make_user(rt, environment, "ada")
    async with rt.database.write() as tx:
        await users.save(tx, [replace(user, preferences=chosen)])


async def suppress(
    rt: Runtime, environment: Environment, channel: Channel, address: str, at: datetime
) -> None:
    made = Suppression(environment.id, channel, address, SuppressionReason.BOUNCE, {}, at)
    async with rt.database.write() as tx:
        await outbox.suppress(tx, [made])


async def pause(rt: Runtime, environment: Environment, until: datetime) -> None:
    await choose(rt, environment, Preferences(paused_until=until))


async def test_what_is_held_goes_to_the_first_address_that_works(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await suppress(runtime, environment, Channel.PUSH, "dead", clock.now())
    await pause(runtime, environment, clock.now() + timedelta(hours=3))
    tracking_id = await send(runtime, environment, **push_to("dead", "good"))
    held = await of(runtime, tracking_id)
    assert (held.status, held.address) == (DeliveryStatus.HELD, "good")
    clock.advance(hours=3)
    await drain(runtime)
    assert [each.to for each in await captured(runtime, environment)] == ["good"]
