"""Workers are killed in the middle of deliveries, again and again: each ends once, none is lost."""

# pyright: reportUnknownMemberType=false
# The Redis client types its arguments and answers in part only.

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings
from inbox_app.domain.delivery import DeliveryStatus, Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.storage import deliveries, outbox
from tests.factories import make_environment, make_send
from tests.servers import redis_server
from tests.standins.http import HttpStandIn
from tests.workers import Workers

PATIENCE = 120.0
"""Seconds until deliveries that are still not final count as lost."""
PILE = 200
"""Deliveries that are left at least for the next kill to hit."""

INTERRUPTED = text("""
SELECT tracking_id, count(*) AS many FROM attempts
JOIN deliveries ON deliveries.id = attempts.delivery_id
WHERE outcome = 'interrupted' GROUP BY tracking_id
""")


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


async def integrate(rt: Runtime, environment: Environment, gateway: HttpStandIn) -> None:
    made = Integration(
        *(ids.row_id(), environment.id, Channel.SMS, "http_sms", "gateway"),
        {"url": gateway.url("/sms")},
    )
    async with rt.database.write() as tx:
        await outbox.put_integration(tx, made, rt.sealer, rt.clock.now())


async def accept(rt: Runtime, environment: Environment, numbers: Iterable[int]) -> list[str]:
    """Accepts sends whose text is their number, for workers to deliver; their tracking ids."""
    sends = [
        make_send(
            environment,
            f"user-{n % 20}",
            channels_with_content=(Channel.SMS,),
            in_app=None,
            content={Channel.SMS: {"message": f"number {n}"}},
            profile=Profile(number=f"+49151123456{n % 20:02}"),
        )
        for n in numbers
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


async def left(rt: Runtime, environment: Environment) -> int:
    """How many deliveries have still to end."""
    async with rt.database.read() as tx:
        found = await deliveries.counts(tx, environment.id)
    return sum(many for status, many in found.items() if not status.is_final)


async def explained(rt: Runtime, gateway: HttpStandIn, tracking_ids: Sequence[str]) -> int:
    """Every text came, and more than once only where a worker stopped; how many came again."""
    async with rt.database.read() as tx:
        rows = await tx.execute(INTERRUPTED)
        stopped = {row.tracking_id: row.many for row in rows}
    seen = Counter(request.json()["text"] for request in gateway.requests)
    assert set(seen) == {f"number {n}" for n in range(len(tracking_ids))}
    for number, tracking_id in enumerate(tracking_ids):
        assert seen[f"number {number}"] - 1 <= stopped.get(tracking_id, 0)
    return seen.total() - len(seen)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("many", "kills"),
    [
        pytest.param(300, 3, id="3-kills", marks=pytest.mark.timeout(240)),
        pytest.param(
            5_000, 200, id="200-kills", marks=[pytest.mark.matrix, pytest.mark.timeout(3_600)]
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
    await integrate(runtime, environment, gateway)
    tracking_ids = await accept(runtime, environment, range(many))
    workers = Workers(settings, 3 if redis_url else 1, redis_url)
    workers.start()
    for _ in range(kills):
        if await left(runtime, environment) < PILE:
            more = range(len(tracking_ids), len(tracking_ids) + PILE)
            tracking_ids += await accept(runtime, environment, more)
        # Each kill waits for progress, so that every one of them hits deliveries under way.
        await gateway.arrived(len(gateway.requests) + chance.randrange(1, PILE // 2))
        workers.kill_one(chance)
        workers.start()
    ended = await finished(runtime, environment)
    # One that was started a moment ago does not listen yet.
    assert set(workers.stop()) <= {0, -signal.SIGTERM}
    many = len(tracking_ids)
    assert ended == {DeliveryStatus.SENT: many}
    twice = await explained(runtime, gateway, tracking_ids)
    print(f"{kills} kills, {many} deliveries, {twice} seen again: in flight at a kill")  # noqa: T201
    # Only what a killed worker had under way is sent again: its batches at a time, 100 in each.
    assert twice <= kills * 400


@pytest.mark.slow
@pytest.mark.parametrize("backend", [pytest.param("postgres", marks=pytest.mark.postgres)])
@pytest.mark.parametrize(
    ("many", "times"),
    [
        pytest.param(300, 6, id="6-times", marks=pytest.mark.timeout(240)),
        pytest.param(
            5_000, 200, id="200-times", marks=[pytest.mark.matrix, pytest.mark.timeout(1_800)]
        ),
    ],
)
async def test_a_redis_that_is_emptied_loses_nothing(
    settings: Settings,
    gateway: HttpStandIn,
    redis_url: str,
    many: int,
    times: int,
):
    chance, wave = random.Random(many), many // times
    tracking_ids: list[str] = []
    workers = Workers(settings, 3, redis_url)
    async with (
        open_runtime(replace(settings, redis_url=redis_url)) as rt,
        Redis.from_url(redis_url) as redis,
    ):
        environment = await make_environment(rt)
        await integrate(rt, environment, gateway)
        workers.start()
        await workers.started()
        for turn in range(times):
            # While some are on their way, the news of others is lost.
            tracking_ids += await accept(rt, environment, range(turn * wave, (turn + 1) * wave))
            await gateway.arrived(turn * wave + chance.randrange(1, wave))
            await redis.flushall()
        ended = await finished(rt, environment)
        assert set(workers.stop()) == {0}
        assert ended == {DeliveryStatus.SENT: times * wave}
        await explained(rt, gateway, tracking_ids)
