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
from tests.factories import make_type, make_user, send
from tests.pipeline.test_delivering import ONLY_MAIL, captured, drain, of

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


async def test_mail_that_waited_goes_to_the_address_as_it_is_when_it_goes(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_type(runtime, environment, options={Channel.EMAIL: ALL_OFFERED})
    await choose(runtime, environment, DAILY)
    await send(runtime, environment, **ONLY_MAIL)
    later: dict[str, Any] = {"type_name": "other", "schedule": clock.now() + timedelta(hours=3)}
    single = await send(runtime, environment, **ONLY_MAIL | later)
    await make_user(runtime, environment, "ada", email="new@acme.example")
    await suppress(runtime, environment, Channel.EMAIL, "ada@acme.example", clock.now())
    clock.advance(days=1)
    await drain(runtime)
    to = [each.to for each in await captured(runtime, environment)]
    assert to == ["new@acme.example"] * 2
    assert (await of(runtime, single)).address == "new@acme.example"


async def test_a_suppressed_device_gets_nothing_that_waited_for_it(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    later = clock.now() + timedelta(hours=1)
    tracking_id = await send(runtime, environment, **push_to("one", "two"), schedule=later)
    await suppress(runtime, environment, Channel.PUSH, "one", clock.now())
    clock.advance(hours=1)
    await drain(runtime)
    assert [each.to for each in await captured(runtime, environment)] == ["two"]
    rules = {each.address: each.rule for each in await all_of(runtime, tracking_id)}
    assert rules["one"] == "suppressed"


async def test_a_device_that_was_removed_gets_nothing_that_waited_for_it(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    later = clock.now() + timedelta(hours=1)
    tracking_id = await send(runtime, environment, **push_to("one", "two"), schedule=later)
    user = await make_user(runtime, environment, "ada")
    left = (user.profile.push_tokens or ())[1:]
    async with runtime.database.write() as tx:
        await users.save(tx, [replace(user, profile=replace(user.profile, push_tokens=left))])
    clock.advance(hours=1)
    await drain(runtime)
    assert [each.to for each in await captured(runtime, environment)] == ["two"]
    gone = next(each for each in await all_of(runtime, tracking_id) if each.address == "one")
    assert (gone.status, gone.rule) == (DeliveryStatus.SKIPPED, "no_address")
    assert gone.detail == "The device it was for is no longer one of yours."
