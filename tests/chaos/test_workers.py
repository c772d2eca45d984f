"""Workers are killed in the middle of deliveries, again and again: each ends once, none is lost."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest

from inbox_app.config import Settings
from inbox_app.domain.delivery import DeliveryStatus, Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.storage import deliveries, outbox
from tests.factories import make_send
from tests.servers import redis_server
from tests.standins.http import HttpStandIn
from tests.workers import Workers

PATIENCE = 120.0
"""Seconds until deliveries that are still not final count as lost."""


@pytest.fixture
async def gateway() -> AsyncIterator[HttpStandIn]:
    async with HttpStandIn() as standin:
        yield standin


@pytest.fixture
def redis_url(backend: str) -> Iterator[str | None]:
    with ExitStack() as stack:
        yield stack.enter_context(redis_server()).url if backend == "postgres" else None


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def backend(request: pytest.FixtureRequest) -> str:
    """SQLite with one worker; PostgreSQL and Redis with three."""
    return request.param


async def fill(rt: Runtime, environment: Environment, gateway: HttpStandIn, many: int) -> list[str]:
    """Accepts sends whose text is their number, for workers to deliver through the gateway."""
    made = Integration(
        *(ids.row_id(), environment.id, Channel.SMS, "http_sms", "gateway"),
        {"url": gateway.url("/sms")},
    )
    async with rt.database.write() as tx:
        await outbox.put_integration(tx, made, rt.sealer, rt.clock.now())
    sends = [
        make_send(
            environment,
            f"user-{n % 20}",
            channels_with_content=(Channel.SMS,),
            in_app=None,
            content={Channel.SMS: {"message": f"number {n}"}},
            profile=Profile(number=f"+49170{n % 20:04}"),
        )
        for n in range(many)
    ]
    await asyncio.gather(*(rt.sends.submit(each) for each in sends))
    return [each.tracking_id for each in sends]


async def finished(rt: Runtime, environment: Environment) -> dict[DeliveryStatus, int]:
    """Waits until no delivery is open; how many ended how."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with rt.database.read() as tx:
                found = dict(await deliveries.counts(tx, environment.id))
            if all(status.is_final for status in found):
                return found
            # What other processes write to the database cannot be awaited.
            await asyncio.sleep(0.2)


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("many", "kills"),
    [
        pytest.param(300, 3, id="3-kills"),
        pytest.param(
            5_000, 200, id="200-kills", marks=[pytest.mark.matrix, pytest.mark.timeout(1_800)]
        ),
    ],
)
async def test_killed_workers_lose_nothing(  # noqa: PLR0913, PLR0917 - fixtures
    runtime: Runtime,
    environment: Environment,
    settings: Settings,
    gateway: HttpStandIn,
    redis_url: str | None,
    many: int,
    kills: int,
):
    chance = random.Random(many)
    await fill(runtime, environment, gateway, many)
    workers = Workers(settings, 3 if redis_url else 1, redis_url)
    workers.start()
    # Each kill waits for progress, so that every one of them hits deliveries under way.
    moments = sorted(chance.sample(range(many // 20, many - many // 20), kills))
    for moment in moments:
        await gateway.arrived(moment)
        workers.kill_one(chance)
        workers.start()
    ended = await finished(runtime, environment)
    # One that was started a moment ago does not listen yet.
    assert set(workers.stop()) <= {0, -signal.SIGTERM}
    assert ended == {DeliveryStatus.SENT: many}
    seen = Counter(request.json()["text"] for request in gateway.requests)
    assert set(seen) == {f"number {n}" for n in range(many)}
    twice = sum(count - 1 for count in seen.values())
    print(f"{kills} kills, {many} deliveries, {twice} seen again: in flight at a kill")  # noqa: T201
    # Only what a killed worker had under way is sent again: its batches at a time, 100 in each.
    assert twice <= kills * 400
