"""What works off deliveries: an engine that is told when, and a sweeper that looks by itself."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from inbox_app.engine.engine import Engine
from inbox_app.engine.slots import Work

Sweep = Callable[[], Awaitable[float]]
"""Wakes the engine for all that is due by now; returns seconds until it should be called again."""

SOONEST, LATEST = 0.05, 1.0
"""Seconds between sweeps, whatever a sweep asks for."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
"""Seconds between sweeps that fail."""
GRACE: Final = 20.0
"""Seconds that batches under way have to end."""

log = logging.getLogger(__name__)


class Worker:
    """Works until it is told to stop.

    Args:
        engine: Says when work is due.
        work: Does a batch of it.
        sweep: Finds what nobody was told of: schedules, retries, leases that ran out.
        grace: Seconds that batches under way have to end when it stops.
    """

    def __init__(self, engine: Engine, work: Work, sweep: Sweep, *, grace: float = GRACE) -> None:
        self._engine = engine
        self._work = work
        self._sweep = sweep
        self._grace = grace
        self._nudge = asyncio.Event()
        self._stopping = asyncio.Event()
        self._pause = FIRST_PAUSE
        self._batches = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Works until ``stop`` is set, then ends what is under way; no exception ends it."""
        await self._engine.start(self._batch)
        sweeper = asyncio.create_task(self._keep_sweeping(), name="sweeper")
        log.info("The worker has started.")
        try:
            await stop.wait()
        finally:
            log.info("The worker stops; batches under way have %g s to end.", self._grace)
            self._stopping.set()
            self._nudge.set()
            await self._engine.stop(self._grace)
            await asyncio.wait({sweeper}, timeout=LATEST)
            sweeper.cancel()
            log.info("The worker has stopped after %d batches.", self._batches)

    async def _batch(self) -> bool:
        more = await self._work()
        self._batches += 1
        if not more:
            # What the batch left for later (a retry, a window) may be due before the next sweep.
            self._nudge.set()
        return more

    async def _keep_sweeping(self) -> None:
        while not self._stopping.is_set():
            self._nudge.clear()
            seconds = await self._look()
            await _set_within(SOONEST, self._stopping)
            await _set_within(seconds - SOONEST, self._nudge)

    async def _look(self) -> float:
        """Sweeps; seconds until the next time."""
        try:
            seconds = await self._sweep()
        except Exception:
            log.exception("A sweep failed; the next one follows in %g s.", self._pause)
            await _set_within(self._pause, self._stopping)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            return SOONEST
        self._pause = FIRST_PAUSE
        return min(max(SOONEST, seconds), LATEST)


@asynccontextmanager
async def running(worker: Worker) -> AsyncGenerator[None]:
    """Works beside something else, such as a web server, while the context is open."""
    stop = asyncio.Event()
    working = asyncio.create_task(worker.run(stop), name="worker")
    try:
        yield
    finally:
        stop.set()
        await working


def install_signals(stop: asyncio.Event) -> None:
    """SIGTERM and SIGINT set ``stop``; a second one of them ends the process at once."""
    loop = asyncio.get_running_loop()

    def first() -> None:
        stop.set()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
            # Removing leaves Python's own for SIGINT, which would tidy up first.
            signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, first)


async def _set_within(seconds: float, event: asyncio.Event) -> None:
    """Waits for ``event``, at most so long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
