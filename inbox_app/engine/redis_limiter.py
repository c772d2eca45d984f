"""Limits that all processes share, kept in Redis."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# The Redis client types its keyword arguments in part only.

from __future__ import annotations

import asyncio
import logging
import time
from datetime import datetime
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from inbox_app.engine.grumble import Grumble
from inbox_app.engine.limits import SECOND, LocalLimiter, Pace, microseconds

PREFIX: Final = "inbox:rate:"
ANSWER_TIMEOUT: Final = 0.5
"""Seconds until a Redis that hangs counts as out of reach."""
WITHOUT: Final = 5.0
"""Seconds that limits stay local before Redis is asked again."""
KEPT: Final = 60
"""Seconds that a limit outlives its use: clocks of processes differ."""

# `Pace.after`, word for word. Whole microseconds stay exact in Lua's doubles until the year 2255.
SCRIPT: Final = """
local step, slack, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local due = tonumber(redis.call('GET', KEYS[1]) or '0')
due = math.min(math.max(due, now), now + slack + step)
local wait = due - slack - now
if wait > 0 then return wait end
local kept = math.ceil((due + step - now) / 1000000) + tonumber(ARGV[4])
redis.call('SET', KEYS[1], string.format('%.0f', due + step), 'EX', string.format('%.0f', kept))
return 0
"""

log = logging.getLogger(__name__)


class RedisLimiter:
    """Limits the calls of all processes together, and those of this one while Redis is away."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_connect_timeout=ANSWER_TIMEOUT)
        self._script = self._redis.register_script(SCRIPT)
        self._local = LocalLimiter()
        self._ask_from = 0.0
        self._grumble = Grumble(log)

    async def wait(self, key: str, rate: float, now: datetime) -> float:
        if time.monotonic() >= self._ask_from:
            try:
                return await self._shared(key, Pace.of(rate), microseconds(now)) / SECOND
            except (RedisError, OSError) as error:
                self._ask_from = time.monotonic() + WITHOUT
                self._grumble("Limits are this process's own, Redis does not answer: %s", error)
        return await self._local.wait(key, rate, now)

    async def close(self) -> None:
        await self._redis.aclose()

    async def _shared(self, key: str, pace: Pace, now: int) -> int:
        async with asyncio.timeout(ANSWER_TIMEOUT):
            answer = await self._script([PREFIX + key], [pace.step, pace.slack, now, KEPT])
        return int(answer)
