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
from inbox_app.engine.limits import AHEAD, LATE, SECOND, LocalLimiter, Pace, microseconds

PREFIX: Final = "inbox:rate:"
ANSWER_TIMEOUT: Final = 0.5
"""Seconds until a Redis that hangs counts as out of reach."""
WITHOUT: Final = 5.0
"""Seconds that limits stay local before Redis is asked again."""
KEPT: Final = 60
"""Seconds that a limit outlives its use: clocks of processes differ."""

# `LocalLimiter.wait`, word for word. Microseconds stay whole in Lua's doubles until the year 2255.
SCRIPT: Final = """
local step, slack, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local most, late, kept = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local place = tonumber(redis.call('GET', KEYS[2]) or '')
if place then
  local known = now - late <= place and place <= now + most
  if known and place > now then return place - now end
  redis.call('DEL', KEYS[2])
  if known then return 0 end
end
local due, old = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%d+)$')
local ahead = 0
if due then ahead = math.floor(math.max(0, due - now) * step / old) end
if ahead > most + slack + step then ahead = slack + step end
local wait = math.max(0, ahead - slack)
if wait >= most then return most end
local function keep(key, value, micros)
  redis.call('SET', key, value, 'EX', string.format('%.0f', math.ceil(micros / 1000000) + kept))
end
keep(KEYS[1], string.format('%.0f %.0f', now + ahead + step, step), ahead + step)
if wait > 0 then keep(KEYS[2], string.format('%.0f', now + wait), wait) end
return wait
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

    async def wait(self, key: str, rate: float, now: datetime, who: str) -> float:
        if time.monotonic() >= self._ask_from:
            try:
                return await self._shared(key, Pace.of(rate), microseconds(now), who) / SECOND
            except (RedisError, OSError) as error:
                self._ask_from = time.monotonic() + WITHOUT
                self._grumble("Limits are this process's own, Redis does not answer: %s", error)
        return await self._local.wait(key, rate, now, who)

    async def close(self) -> None:
        await self._redis.aclose()

    async def _shared(self, key: str, pace: Pace, now: int, who: str) -> int:
        keys = [PREFIX + key, f"{PREFIX}{key}:{who}"]
        async with asyncio.timeout(ANSWER_TIMEOUT):
            answer = await self._script(keys, [pace.step, pace.slack, now, AHEAD, LATE, KEPT])
        return int(answer)
