"""The hub of many processes: news crosses Redis, and a Redis that fails stops nobody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from inbox_app.domain.errors import Unavailable
from inbox_app.live import redis_hub
from inbox_app.live.hub import News, Subscription
from inbox_app.live.redis_hub import CHANNEL, RedisHub
from tests.servers import RedisServer, redis_server

ADA = 1
SOON = 10.0
"""Seconds; longer than the longest pause between attempts to reconnect."""


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@asynccontextmanager
async def process(redis: RedisServer) -> AsyncGenerator[tuple[RedisHub, Subscription]]:
    """A hub that is connected, with a reader that has seen everything so far."""
    hub = await RedisHub.connect(redis.url)
    try:
        with hub.subscribe(ADA, 10) as reader:
            assert await reader.wait(SOON) == News(0)
            yield hub, reader
    finally:
        await hub.close()


def anyone(redis: RedisServer) -> Redis:
    """A client that is no hub."""
    return Redis.from_url(redis.url)  # pyright: ignore[reportUnknownMemberType]


async def test_a_change_reaches_readers_of_every_process(redis: RedisServer):
    async with process(redis) as (here, mine), process(redis) as (_, theirs):
        await here.publish({ADA: 5, 99: 1})
        assert await mine.wait(SOON) == await theirs.wait(SOON) == News(5)
        assert here.readers == 1


async def test_the_end_of_a_session_reaches_every_process(redis: RedisServer):
    async with process(redis) as (here, _), process(redis) as (_, theirs):
        await here.end_session(ADA, 10)
        assert await theirs.wait(SOON) == News(0, ended=True)


async def test_readers_look_again_after_redis_was_gone(redis: RedisServer):
    async with process(redis) as (here, mine), process(redis) as (_, theirs):
        redis.stop()
        await here.publish({ADA: 5})
        # Its own readers are told without Redis; the others when it is back.
        assert await mine.wait(SOON) == News(5)
        redis.start()
        assert await theirs.wait(SOON) is not None
        assert await mine.wait(SOON) is not None
        await here.publish({ADA: 6})
        assert await theirs.wait(SOON) == News(6)


async def test_a_redis_that_hangs_does_not_hold_up_senders(redis: RedisServer):
    async with process(redis) as (here, mine):
        redis.pause()
        async with asyncio.timeout(SOON):
            await here.publish({ADA: 5})
        assert await mine.wait(SOON) == News(5)


async def test_a_process_that_starts_before_redis_joins_once_it_is_there(redis: RedisServer):
    redis.stop()
    hub = await RedisHub.connect(redis.url)
    with hub.subscribe(ADA) as reader:
        await hub.publish({ADA: 1})
        assert await reader.wait(SOON) == News(1)
        redis.start()
        assert await reader.wait(SOON) is not None
    await hub.close()


@pytest.mark.parametrize(
    "noise",
    [b"", b"\xff", b"[]", b"null", b'{"changes": 1}', b'{"changes": {"x": "y"}}', b'{"ended": 1}'],
)
async def test_noise_on_the_channel_is_passed_over(redis: RedisServer, noise: bytes):
    async with process(redis) as (_, mine), process(redis) as (there, _), anyone(redis) as speaker:
        await speaker.publish(CHANNEL, noise)  # pyright: ignore[reportUnknownMemberType]
        await there.publish({ADA: 2})
        assert await mine.wait(SOON) == News(2)


async def test_trouble_is_logged(redis: RedisServer, caplog: pytest.LogCaptureFixture):
    async with process(redis) as (here, _):
        redis.stop()
        with caplog.at_level(logging.WARNING):
            await here.publish({ADA: 1})
    assert "could not reach Redis" in caplog.text


async def test_the_check_tells_whether_redis_answers(redis: RedisServer):
    await redis_hub.check(redis.url)
    redis.stop()
    with pytest.raises(Unavailable, match="does not answer"):
        await redis_hub.check(redis.url)
