"""What an engine is, and the one of a single process.

An engine carries no work, only the news that some is due: the worker that hears it claims the next
batch from the table. News that is lost or heard twice is therefore harmless.
"""

from __future__ import annotations

from typing import Protocol

from taskiq import InMemoryBroker

from inbox_app.engine.slots import Slots, Work

TASK = "inbox:deliver"


class Engine(Protocol):
    """Runs work when there is some."""

    async def wake(self, batches: int = 1) -> None:
        """Tells that something is due, about so many batches of it. Never raises, never waits."""
        ...

    async def start(self, work: Work) -> None:
        """Begins to work in this process, with a look at what is due already."""
        ...

    async def stop(self, grace: float) -> None:
        """Takes no new work, waits up to ``grace`` seconds for batches, then cancels them."""
        ...

    async def close(self) -> None:
        """Gives up connections. A process that never started to work calls only this."""
        ...


class LocalEngine:
    """Works within this process, over Taskiq's in-memory broker.

    That broker starts every message at once, so only as many are sent as there are slots.

    Args:
        parallel: How many batches run at a time.
    """

    def __init__(self, parallel: int = 4) -> None:
        self._slots = Slots(parallel)
        self._broker = InMemoryBroker(max_async_tasks=parallel, max_stored_results=1)

        async def deliver() -> None:
            await self._slots.drain(self._spread)

        self._deliver = self._broker.register_task(deliver, task_name=TASK)

    async def wake(self, batches: int = 1) -> None:
        for _ in range(self._slots.take(batches)):
            await self._deliver.kiq()

    async def start(self, work: Work) -> None:
        self._slots.open(work)
        await self.wake()

    async def stop(self, grace: float) -> None:
        await self._slots.stop(grace)
        await self._broker.wait_all()

    async def close(self) -> None:
        await self.stop(0)
        await self._broker.shutdown()

    async def _spread(self) -> None:
        if self._slots.free:
            await self.wake()
