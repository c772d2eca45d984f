"""Leases of workers on deliveries."""

from __future__ import annotations

from datetime import timedelta

import pytest

from inbox_app.domain.delivery import Delivery
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.runtime import Runtime
from inbox_app.storage import deliveries
from tests.factories import send

SOON = timedelta(seconds=15)


async def taken(rt: Runtime, environment: Environment, many: int) -> list[Delivery]:
    """Deliveries that the worker "me" holds a lease on."""
    for _ in range(many):
        await send(
            *(rt, environment),
            channels_with_content=(Channel.SMS,),
            in_app=None,
            content={Channel.SMS: {"message": "Your order has shipped"}},
            profile=Profile(number="+34600000001"),
        )
    now = rt.clock.now()
    async with rt.database.write() as tx:
        return await deliveries.claim(tx, environment.id, "me", now, now + SOON, many)


async def test_a_worker_extends_its_own_leases(runtime: Runtime, environment: Environment):
    mine = [each.id for each in await taken(runtime, environment, 2)]
    later = runtime.clock.now() + 2 * SOON
    async with runtime.database.write() as tx:
        assert await deliveries.renew(tx, mine, "somebody else", later) == 0
        assert await deliveries.renew(tx, mine[:1], "me", later) == 1
        assert await deliveries.any_lost(tx, later)
        assert await deliveries.renew(tx, mine, "me", later) == 2
        assert not await deliveries.any_lost(tx, later)
        assert await deliveries.any_lost(tx, later + timedelta(microseconds=1))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("backend", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_a_lease_that_is_just_being_ended_holds_up_no_renewal(
    runtime: Runtime, environment: Environment
):
    first, other = await taken(runtime, environment, 2)
    later = runtime.clock.now() + 2 * SOON
    async with runtime.database.write() as ending:
        await deliveries.save(ending, [first])
        async with runtime.database.write() as renewing:
            assert await deliveries.renew(renewing, [first.id, other.id], "me", later) == 1
