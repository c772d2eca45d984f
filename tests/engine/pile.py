"""Something to work off: stands for the table of deliveries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

SOON = 10.0
"""Seconds that a test waits for what should happen at once."""


class Pile:
    """Batches that are due; `work` takes one and is done with it when nothing holds it."""

    def __init__(self, due: int) -> None:
        self.left = due
        self.done = 0
        self.looks = 0
        self.cancelled = 0
        self.at_once = 0
        self.most_at_once = 0
        self._held = asyncio.Event()
        self._held.set()
        self._failure: Exception | None = None
        self._changed = asyncio.Condition()

    def add(self, due: int) -> None:
        self.left += due

    def hold(self) -> None:
        """Batches do not end until `let_go`."""
        self._held.clear()

    def let_go(self) -> None:
        self._held.set()

    def fail_next(self, failure: Exception) -> None:
        """The next look raises."""
        self._failure = failure

    async def work(self) -> bool:
        self.looks += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self._tell()
            return await self._batch()
        finally:
            self.at_once -= 1
            await self._tell()

    async def _batch(self) -> bool:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        if not self.left:
            return False
        self.left -= 1
        more = self.left > 0
        try:
            await self._held.wait()
            # Others get their turns, as they do while a provider is called.
            for _ in range(10):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.left += 1
            self.cancelled += 1
            raise
        self.done += 1
        return more

    async def looked(self, times: int) -> None:
        """Waits until work has looked so often."""
        await self._until(lambda: self.looks >= times)

    async def empty(self) -> None:
        """Waits until all is done."""
        await self._until(lambda: not self.left and not self.at_once)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(SOON), self._changed:
            await self._changed.wait_for(happened)
