"""The Redis stream that carries wakes between processes."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeArgument=false
# The Redis client types its answers in part only.

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Final

from redis.asyncio import Redis
from taskiq_redis import RedisStreamBroker

from inbox_app.engine.grumble import Grumble

STREAM: Final = "inbox:wakes"
GROUP: Final = "workers"
LONGEST_STREAM: Final = 64
"""Wakes kept. A worker that hears one drains the table, so a longer queue would say no more."""
BLOCK: Final = 5.0
"""Seconds that one read waits at the server."""
LATE: Final = 2.0
"""Seconds after which a read that should have ended counts as a lost connection."""
CONNECT_TIMEOUT: Final = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds between attempts to read again."""

log = logging.getLogger(__name__)


class WakeStream(RedisStreamBroker):
    """Taskiq's stream broker with a reader that recovers by itself, and reclaims nothing.

    The reader of the base ends at any error, a restart or a flush of Redis among them. It reclaims
    what dead workers did not acknowledge only after a read that found something, by a lock that
    outlives a killed holder, and fails on entries that were trimmed meanwhile (Redis before 7).
    None of that is needed: the rows that a dead worker held come back by their leases, and a wake
    that was lost with it says nothing that the sweeper does not see. So wakes are read without
    acknowledgement, one at a time so that none waits in a busy process while another is idle.
    """

    def __init__(self, url: str) -> None:
        super().__init__(
            url,
            queue_name=STREAM,
            consumer_group_name=GROUP,
            # Nothing is pending for anyone, so all workers may read under one name, and no names
            # of dead ones pile up.
            consumer_name="worker",
            # Also what was sent before the group was made.
            consumer_id="0",
            maxlen=LONGEST_STREAM,
            approximate=False,
            xread_block=round(BLOCK * 1000),
            xread_count=1,
            socket_connect_timeout=CONNECT_TIMEOUT,
        )
        self._grumble = Grumble(log)
        self._declared = False
        self._pause = FIRST_PAUSE

    async def listen(self) -> AsyncGenerator[bytes, None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Wakes as they come, for ever, whatever becomes of Redis."""
        while True:
            for message in await self._next():
                yield message

    async def _next(self) -> list[bytes]:
        """The next messages; none when the time is up or Redis failed, after a pause."""
        try:
            async with asyncio.timeout(BLOCK + LATE):
                found = await self._read()
        except Exception as error:
            # Emptied, restarted, replaced: the group may be gone as well.
            self._declared = False
            self._grumble("Waiting for Redis to carry wakes: %s", error)
            await asyncio.sleep(self._pause)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            return []
        self._pause = FIRST_PAUSE
        return found

    async def _read(self) -> list[bytes]:
        if not self._declared:
            await self._declare_consumer_group()
            self._declared = True
        async with Redis(connection_pool=self.connection_pool) as redis:
            found = await redis.xreadgroup(
                GROUP,
                self.consumer_name,
                {STREAM: ">"},
                count=self.count,
                block=self.block,
                noack=True,
            )
        entries = [fields for _, messages in found for _, fields in messages]
        return [fields[b"data"] for fields in entries if b"data" in fields]
