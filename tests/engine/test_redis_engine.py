"""The engine of many processes: Redis spreads the work, and a Redis that fails stops nobody."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from inbox_app.engine.redis_engine import RedisEngine
from inbox_app.engine.stream import LONGEST_STREAM, STREAM
from tests.engine.pile import SOON, Pile
from tests.servers import ROOT, RedisServer, redis_server


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@asynccontextmanager
async def sender(redis: RedisServer) -> AsyncGenerator[RedisEngine]:
    """The engine of a process that only wakes."""
    engine = RedisEngine(redis.url)
    yield engine
    await engine.close()


@asynccontextmanager
async def worker(redis: RedisServer, pile: Pile, parallel: int = 4) -> AsyncGenerator[RedisEngine]:
    """The engine of a process that works, after its first look."""
    engine = RedisEngine(redis.url, parallel)
    looks = pile.looks
    await engine.start(pile.work)
    await pile.looked(looks + 1)
    yield engine
    await engine.stop(SOON)
    await engine.close()


@asynccontextmanager
async def client(redis: RedisServer) -> AsyncGenerator[Redis]:
    async with Redis.from_url(redis.url) as speaking:  # pyright: ignore[reportUnknownMemberType]
        yield speaking


async def test_a_wake_reaches_a_process_that_works(redis: RedisServer):
    pile = Pile(0)
    async with worker(redis, pile), sender(redis) as web:
        pile.add(3)
        await web.wake()
        await pile.empty()
    assert pile.done == 3


async def test_a_wake_from_before_any_worker_is_heard_by_the_first(redis: RedisServer):
    pile = Pile(0)
    async with sender(redis) as web:
        await web.wake(3)
    async with worker(redis, pile):
        # Its own at the start, and the three.
        await pile.looked(4)


async def test_two_processes_share_the_work(redis: RedisServer):
    here, there = Pile(0), Pile(0)
    async with worker(redis, here, 1), worker(redis, there, 1), sender(redis) as web:
        for pile in (here, there):
            pile.add(1)
            pile.hold()
        # Each is busy after one wake, so that the second goes to the other.
        await web.wake(2)
        await here.looked(2)
        await there.looked(2)
        for pile in (here, there):
            pile.let_go()


async def test_a_busy_process_leaves_wakes_to_an_idle_one(redis: RedisServer):
    busy, idle = Pile(0), Pile(0)
    async with sender(redis) as web, worker(redis, busy, 1):
        busy.add(1)
        busy.hold()
        await web.wake()
        await busy.looked(2)
        async with worker(redis, idle, 1):
            idle.add(1)
            await web.wake()
            await idle.empty()
        busy.let_go()


async def test_no_more_batches_than_slots_run_at_a_time(redis: RedisServer):
    pile = Pile(0)
    async with worker(redis, pile, 2), sender(redis) as web:
        pile.add(30)
        pile.hold()
        await web.wake(8)
        await pile.looked(3)
        pile.let_go()
        await pile.empty()
    assert pile.most_at_once == 2


async def test_a_burst_of_wakes_becomes_a_few_messages(redis: RedisServer):
    async with client(redis) as speaking:
        async with sender(redis) as web:
            for _ in range(100_000):
                await web.wake()
        assert await speaking.xlen(STREAM) < 10  # pyright: ignore[reportUnknownMemberType]


async def test_the_stream_stays_short_while_nobody_listens(redis: RedisServer):
    async with client(redis) as speaking, sender(redis) as web:
        noise = {"data": b"noise"}
        for _ in range(LONGEST_STREAM):
            await speaking.xadd(STREAM, noise)  # pyright: ignore
        await web.wake(8)
        await web.close()
        assert await speaking.xlen(STREAM) == LONGEST_STREAM  # pyright: ignore[reportUnknownMemberType]


async def test_noise_in_the_stream_is_passed_over(redis: RedisServer):
    pile = Pile(0)
    async with worker(redis, pile), sender(redis) as web, client(redis) as speaking:
        for noise in ({"data": b"\xff"}, {"other": b"thing"}, {"data": b'{"task_name": "gone"}'}):
            await speaking.xadd(STREAM, noise)  # pyright: ignore
        pile.add(1)
        await web.wake()
        await pile.empty()


async def test_wakes_work_again_after_redis_was_emptied(redis: RedisServer):
    pile = Pile(0)
    async with worker(redis, pile), sender(redis) as web, client(redis) as speaking:
        await web.wake()
        await pile.looked(2)
        await speaking.flushall()  # pyright: ignore[reportUnknownMemberType]
        pile.add(2)
        await web.wake()
        await pile.empty()


async def test_wakes_work_again_after_redis_was_gone(redis: RedisServer):
    pile = Pile(0)
    async with worker(redis, pile), sender(redis) as web:
        redis.stop()
        await web.wake()
        redis.start()
        pile.add(1)
        await web.wake()
        await pile.empty()


async def test_a_process_that_works_goes_on_alone_while_redis_is_away(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
):
    pile = Pile(0)
    async with worker(redis, pile, 2) as engine:
        redis.stop()
        pile.add(10)
        await engine.wake(8)
        await pile.empty()
        assert pile.most_at_once == 2
    assert "could not reach Redis" in caplog.text


@pytest.mark.slow
async def test_a_redis_that_hangs_holds_up_no_sender(redis: RedisServer):
    pile = Pile(0)
    async with worker(redis, pile) as engine:
        redis.pause()
        pile.add(1)
        async with asyncio.timeout(1):
            await engine.wake()
        await pile.empty()


async def test_a_process_that_starts_before_redis_works_once_it_is_there(redis: RedisServer):
    redis.stop()
    pile = Pile(1)
    async with worker(redis, pile), sender(redis) as web:
        await pile.empty()
        redis.start()
        looks = pile.looks
        await web.wake()
        await pile.looked(looks + 1)


async def test_a_stop_cancels_what_takes_too_long(redis: RedisServer):
    pile = Pile(1)
    pile.hold()
    engine = RedisEngine(redis.url)
    await engine.start(pile.work)
    await pile.looked(1)
    await engine.stop(0.01)
    assert (pile.left, pile.cancelled) == (1, 1)
    await engine.close()


@pytest.mark.slow
async def test_a_killed_process_does_not_stop_the_others(redis: RedisServer):
    pile = Pile(0)
    async with worker(redis, pile, 1), sender(redis) as web:
        for _ in range(3):
            # Busy, so that the wake goes to the one that is to be killed.
            looks = pile.looks
            pile.add(1)
            pile.hold()
            await web.wake()
            await pile.looked(looks + 1)
            async with doomed(redis) as process:
                await web.wake()
                assert await process.readline() == b"in the middle\n"
            pile.let_go()
            pile.add(1)
            await web.wake()
            await pile.empty()
    assert pile.done == 6


@asynccontextmanager
async def doomed(redis: RedisServer) -> AsyncGenerator[asyncio.StreamReader]:
    """A process that works, after its first look; killed at the end. Yields what it prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.engine.stuck", redis.url), cwd=ROOT, stdout=PIPE
    )
    assert process.stdout
    assert await process.stdout.readline() == b"ready\n"
    yield process.stdout
    process.kill()
    await process.wait()
