"""The bounded places of a process in which batches run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

Work = Callable[[], Awaitable[bool]]
"""Claims one batch and delivers it; True when more may be due.

It may be run many times side by side. When it is cancelled it returns what it claimed.
"""

AFTER_FAILURE = 0.2
"""Seconds that a slot rests when its batch raised."""
RETURNING = 5.0
"""Seconds that a cancelled batch has to return what it claimed."""

log = logging.getLogger(__name__)


class Slots:
    """At most so many batches at a time; a call that finds no slot has a busy one look again.

    A call says only that something is due, and a look at the table finds all of it. So however
    many calls come while every slot is busy, one more look answers them all.

    Args:
        most: How many batches at a time.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._busy = 0
        self._again = False
        self._work: Work | None = None
        self._stopping = asyncio.Event()
        self._batches: set[asyncio.Task[bool]] = set()

    def open(self, work: Work) -> None:
        """Lets slots be taken, for ``work``."""
        self._work = work

    @property
    def free(self) -> int:
        """How many slots can be taken now."""
        closed = self._work is None or self._stopping.is_set()
        return 0 if closed else self._most - self._busy

    def take(self, wanted: int) -> int:
        """Takes up to ``wanted`` slots and tells how many; each is then to be drained."""
        taken = min(wanted, self.free)
        self._busy += taken
        self._again = self._again or taken < wanted
        return taken

    async def drain(self, spread: Callable[[], Awaitable[None]]) -> None:
        """Runs batches until nothing is due, in a slot that was taken, and gives it back.

        Args:
            spread: Called when a batch left something for others to do.
        """
        try:
            while not self._stopping.is_set():
                # Whatever was called for until now, this look will find.
                self._again = False
                if await self._batch():
                    await spread()
                elif not self._again:
                    return
        finally:
            self._busy -= 1

    async def stop(self, grace: float) -> None:
        """Starts no more batches, waits ``grace`` seconds for the others, then cancels them."""
        self._stopping.set()
        await self._settle(grace)
        if self._batches:
            log.warning("Cutting %d batches short: the time to stop is up.", len(self._batches))
        for batch in self._batches:
            batch.cancel()
        await self._settle(RETURNING)

    async def _settle(self, seconds: float) -> None:
        if self._batches:
            await asyncio.wait(self._batches, timeout=seconds)

    async def _batch(self) -> bool:
        """Runs one batch in a task of its own: `stop` cancels it, not whoever drains the slot."""
        batch = asyncio.create_task(self._look(), name="batch")
        self._batches.add(batch)
        try:
            await asyncio.wait({batch})
        finally:
            self._batches.discard(batch)
        return not batch.cancelled() and batch.result()

    async def _look(self) -> bool:
        if self._work is None:
            return False
        try:
            return await self._work()
        except Exception:
            log.exception("A batch failed; what it left undone is taken up again.")
            await self._rest()
            return False

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(AFTER_FAILURE):
                await self._stopping.wait()
        except TimeoutError:
            return
