"""The engine of many processes: a Redis stream spreads wakes over all that work."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from taskiq.acks import AcknowledgeType
from taskiq.exceptions import TaskiqError
from taskiq.receiver import Receiver

from inbox_app.engine.engine import TASK
from inbox_app.engine.grumble import Grumble
from inbox_app.engine.slots import RETURNING, Slots, Work
from inbox_app.engine.stream import WakeStream

MOST_AT_ONCE: Final = 8
"""Wakes sent together. Every worker that finds more to do than it takes sends another one."""
PACE: Final = 0.02
"""Seconds from one sending to the next; all wakes in between become one."""
TELL_TIMEOUT: Final = 2.0
"""Seconds until a Redis that hangs counts as out of reach."""

log = logging.getLogger(__name__)


class RedisEngine:
    """Sends wakes to every process that works, this one among them once it is started.

    When Redis is out of reach, a process that works wakes itself: the claims in the table keep
    processes apart, Redis only spreads the work.

    Args:
        url: ``redis://...``
        parallel: How many batches run at a time in this process.
    """

    def __init__(self, url: str, parallel: int = 4) -> None:
        self._slots = Slots(parallel)
        self._stream = WakeStream(url)

        async def deliver() -> None:
            if self._slots.take(1):
                await self._slots.drain(self.wake)

        self._deliver = self._stream.register_task(deliver, task_name=TASK)
        self._receiver = Receiver(
            self._stream,
            max_async_tasks=parallel,
            run_startup=False,
            ack_type=AcknowledgeType.WHEN_EXECUTED,
        )
        self._finish = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None
        self._owed = 0
        self._sender: asyncio.Task[None] | None = None
        self._here: set[asyncio.Task[None]] = set()
        self._grumble = Grumble(log)

    async def wake(self, batches: int = 1) -> None:
        self._owed = min(max(self._owed, batches), MOST_AT_ONCE)
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send(), name="engine-sender")

    async def start(self, work: Work) -> None:
        self._slots.open(work)
        self._listener = asyncio.create_task(
            self._receiver.listen(self._finish), name="engine-listener"
        )
        self._work_here(1)

    async def stop(self, grace: float) -> None:
        self._finish.set()
        await self._slots.stop(grace)
        tasks = {*self._here, *([self._listener] if self._listener else [])}
        if tasks:
            await asyncio.wait(tasks, timeout=RETURNING)

    async def close(self) -> None:
        await self.stop(0)
        if self._sender is not None:
            await asyncio.wait({self._sender}, timeout=TELL_TIMEOUT)
            self._sender.cancel()
        await self._stream.shutdown()

    async def _send(self) -> None:
        """Sends what is owed, apart from whoever wakes: no sender waits for Redis."""
        while self._owed:
            batches, self._owed = self._owed, 0
            if not await self._told(batches):
                self._work_here(batches)
            await asyncio.sleep(PACE)

    async def _told(self, batches: int) -> bool:
        try:
            async with asyncio.timeout(TELL_TIMEOUT):
                for _ in range(batches):
                    await self._deliver.kiq()
        except (TaskiqError, OSError) as error:
            self._grumble("The engine could not reach Redis: %s", error)
            return False
        return True

    def _work_here(self, batches: int) -> None:
        for _ in range(self._slots.take(batches)):
            task = asyncio.create_task(self._slots.drain(self.wake), name="engine-here")
            self._here.add(task)
            task.add_done_callback(self._here.discard)
