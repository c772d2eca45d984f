"""The Redis stream that carries wakes between processes, as a broker of Taskiq."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# The Redis client types its arguments and answers in part only.

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import ResponseError
from taskiq import AsyncBroker, BrokerMessage

from inbox_app.engine.grumble import Grumble

STREAM: Final = "inbox:wakes"
GROUP: Final = "workers"
READER: Final = "worker"
"""Nothing is pending for anyone, so all read under one name and no names of dead ones pile up."""
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


class WakeStream(AsyncBroker):
    """Sends each wake to one of the processes that listen, and listens through any failure.

    Wakes are read without acknowledgement. The rows that a killed worker held come back by their
    leases, and a wake that was lost with it says nothing that the sweeper does not see; pending
    entries, their reclaim and its locks would only be one more thing to go wrong. They are read
    one at a time, so that none waits in a busy process while another is idle.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._redis = Redis.from_url(url, socket_connect_timeout=CONNECT_TIMEOUT)
        self._grumble = Grumble(log)
        self._declared = False
        self._pause = FIRST_PAUSE

    async def kick(self, message: BrokerMessage) -> None:
        await self._redis.xadd(
            STREAM, {"data": message.message}, maxlen=LONGEST_STREAM, approximate=False
        )

    async def listen(self) -> AsyncGenerator[bytes, None]:
        """Wakes as they come, for ever, whatever becomes of Redis."""
        while True:
            for message in await self._next():
                yield message

    async def shutdown(self) -> None:
        await super().shutdown()
        await self._redis.aclose()

    async def _next(self) -> list[bytes]:
        """The next messages; none when the time is up or, after a pause, when Redis failed."""
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
            await self._declare()
        found = await self._redis.xreadgroup(
            GROUP, READER, {STREAM: ">"}, count=1, block=round(BLOCK * 1000), noack=True
        )
        entries = [fields for _, messages in found for _, fields in messages]
        return [fields[b"data"] for fields in entries if b"data" in fields]

    async def _declare(self) -> None:
        try:
            # From 0, so that it holds also what was sent before it was made.
            await self._redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise
        self._declared = True
