"""Two workers at the edge of a window, while more keeps coming: one message each, nothing lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings
from inbox_app.domain.delivery import Delivery, DeliveryStatus
from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.preference import Preferences
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import delivering
from inbox_app.storage import deliveries, outbox, types, users
from tests.clock import SetClock
from tests.factories import make_user, send

HOURLY: dict[str, Any] = {"order_shipped": {"": {Channel.EMAIL: DeliveryOption.HOURLY}}}
MAIL: dict[str, Any] = {
    "channels_with_content": (Channel.EMAIL,),
    "content": {Channel.EMAIL: {"subject": "Order", "html": "<p>shipped</p>"}},
    "in_app": None,
}


async def offer_digests(rt: Runtime, environment: Environment) -> None:
    options = {Channel.EMAIL: ChannelOptions(offered=frozenset(DeliveryOption))}
    kind = NotificationType(
        *(ids.row_id(), environment.id, "order_shipped", "Order shipped", (Channel.EMAIL,)),
        options=options,
    )
    async with rt.database.write() as tx:
        await types.add_missing(tx, [kind], rt.clock.now())


async def wants_hourly(rt: Runtime, environment: Environment, zone: str = "UTC") -> None:
    user = await make_user(rt, environment, "ada")
    profile = Profile(email="ada@acme.example", timezone=zone)
    async with rt.database.write() as tx:
        await users.save(tx, [replace(user, profile=profile, preferences=Preferences(HOURLY))])


async def drain(rt: Runtime) -> None:
    while await delivering.work(rt):
        pass


async def everything(rt: Runtime, tracking_ids: list[str]) -> list[Delivery]:
    async with rt.database.read() as tx:
        found = [await deliveries.of_notification(tx, each) for each in tracking_ids]
    return [one for each in found for one in each]


@pytest.mark.parametrize(
    "windows",
    [
        pytest.param(10),
        pytest.param(1_000, marks=[pytest.mark.matrix, pytest.mark.timeout(1_800)]),
    ],
)
async def test_each_window_is_one_message_with_every_item_in_one(
    runtime: Runtime, environment: Environment, settings: Settings, clock: SetClock, windows: int
):
    await offer_digests(runtime, environment)
    await wants_hourly(runtime, environment)
    sent: list[str] = []
    async with open_runtime(settings, clock) as other:
        for _ in range(windows):
            sent += await asyncio.gather(
                *(send(rt, environment, **MAIL) for rt in (runtime, other))
            )
            clock.advance(hours=1)
            # At the edge: both work, and more of the next window arrives meanwhile.
            late = asyncio.gather(*(send(rt, environment, **MAIL) for rt in (runtime, other)))
            await asyncio.gather(drain(runtime), drain(other))
            sent += await late
        clock.advance(hours=1)
        await asyncio.gather(drain(runtime), drain(other))
    riders = await everything(runtime, sent)
    assert len(riders) == len(sent)
    assert {each.status for each in riders} == {DeliveryStatus.SENT}
    digests = {each.digest_id for each in riders}
    async with runtime.database.read() as tx:
        messages = await outbox.captured(tx, environment.id, 10 * windows)
        rows = await deliveries.get_many(tx, [each for each in digests if each])
    assert sorted(each.delivery_id for each in messages) == sorted(each.id for each in rows)
    assert len({each.window_start for each in rows}) == len(rows)


async def test_a_move_to_another_zone_keeps_the_digest_that_is_open(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await offer_digests(runtime, environment)
    clock.at = datetime(2026, 3, 29, 0, 40, tzinfo=UTC)
    sent: list[str] = []
    for zone in ("Europe/Berlin", "Asia/Kolkata", "America/St_Johns"):
        await wants_hourly(runtime, environment, zone)
        sent.append(await send(runtime, environment, **MAIL))
        clock.at += timedelta(minutes=2)
    riders = await everything(runtime, sent)
    assert len({each.digest_id for each in riders}) == 1
    clock.advance(hours=1)
    await drain(runtime)
    async with runtime.database.read() as tx:
        assert len(await outbox.captured(tx, environment.id, 10)) == 1
