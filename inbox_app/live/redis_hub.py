"""The live hub of many processes: Redis pub/sub between them, a `LocalHub` within each."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# The Redis client types its keyword arguments and messages in part only.

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from inbox_app.domain.errors import Unavailable
from inbox_app.live.hub import LocalHub, Subscription

CHANNEL = "inbox:live"
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
CONNECT_TIMEOUT = 5.0
"""Seconds, as are the pauses between attempts to reconnect."""
TELL_TIMEOUT = 2.0
"""Seconds until a Redis that hangs counts as out of reach."""

log = logging.getLogger(__name__)


async def check(url: str) -> None:
    """Asks Redis whether it is there.

    Raises:
        Unavailable: it does not answer.
    """
    async with Redis.from_url(url, socket_connect_timeout=CONNECT_TIMEOUT) as redis:
        try:
            await redis.execute_command("PING")
        except (RedisError, OSError) as error:
            raise Unavailable("Redis does not answer.", fix="Check INBOX_REDIS_URL.") from error


class RedisHub:
    """Publishes to every process; readers subscribe to this one.

    When Redis is out of reach, this process still reaches its own readers. After a gap every
    reader is told to look again, so that nothing said meanwhile is missed.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._local = LocalHub()
        self._changes: dict[int, int] = {}
        self._ended: list[tuple[int, int | None]] = []
        self._unsaid = asyncio.Event()
        self._tasks = [
            asyncio.create_task(self._listen(), name="live-hub-listener"),
            asyncio.create_task(self._speak(), name="live-hub-speaker"),
        ]

    @classmethod
    async def connect(cls, url: str) -> RedisHub:
        return cls(
            Redis.from_url(url, health_check_interval=15, socket_connect_timeout=CONNECT_TIMEOUT)
        )

    async def publish(self, changes: Mapping[int, int]) -> None:
        await self._local.publish(changes)
        for user_id, change in changes.items():
            self._changes[user_id] = max(change, self._changes.get(user_id, 0))
        self._unsaid.set()

    async def end_session(self, user_id: int, session_id: int | None) -> None:
        await self._local.end_session(user_id, session_id)
        self._ended.append((user_id, session_id))
        self._unsaid.set()

    def subscribe(
        self, user_id: int, session_id: int | None = None
    ) -> AbstractContextManager[Subscription]:
        return self._local.subscribe(user_id, session_id)

    @property
    def readers(self) -> int:
        return self._local.readers

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        await self._say()
        await self._local.close()
        await self._redis.aclose()

    async def _speak(self) -> None:
        """Tells the other processes, apart from whoever publishes: senders wait for no Redis."""
        while True:
            await self._unsaid.wait()
            await self._say()

    async def _say(self) -> None:
        """Everything unsaid in one message. What is lost, the others look up: see `_follow`."""
        self._unsaid.clear()
        changes, self._changes = self._changes, {}
        ended, self._ended = self._ended, []
        if not changes and not ended:
            return
        try:
            async with asyncio.timeout(TELL_TIMEOUT):
                await self._redis.publish(CHANNEL, json.dumps({"changes": changes, "ended": ended}))
        except (RedisError, OSError) as error:
            log.warning("The live hub could not reach Redis: %s", error)

    async def _listen(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    pause = FIRST_PAUSE
                    await self._follow(channel)
            except (RedisError, OSError) as error:
                log.warning("The live hub lost Redis, trying again in %.1f s: %s", pause, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _follow(self, channel: PubSub) -> None:
        async for message in channel.listen():
            if message["type"] == "subscribe":
                # From here on nothing is missed. The client reconnects by itself at times, and
                # this is the only sign of it.
                self._local.nudge()
            elif message["type"] == "message":
                self._heard(message["data"])

    def _heard(self, data: bytes) -> None:
        try:
            said = json.loads(data)
            for user, change in said.get("changes", {}).items():
                self._local.deliver(int(user), int(change))
            for user_id, session_id in said.get("ended", ()):
                self._local.deliver_end(user_id, session_id)
        except (ValueError, TypeError, AttributeError):
            log.warning("The live hub heard something that no hub says.")
