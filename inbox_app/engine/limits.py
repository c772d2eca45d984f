"""Limits of an integration: calls per second, and calls at a time."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

SECOND: Final = 1_000_000
"""Microseconds. Whole ones: added up for ever, fractions would drift."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Limiter(Protocol):
    """Keeps calls to a rate."""

    async def wait(self, key: str, rate: float, now: datetime) -> float:
        """Seconds until one more call may go; 0.0: it may go now, and is counted.

        Args:
            key: What is limited.
            rate: Calls per second, above 0. After a pause, as many as fit a second may go at once.
            now: The present moment.
        """
        ...


@dataclass(frozen=True)
class Pace:
    """A rate in the terms of GCRA, the generic cell rate algorithm (ITU-T I.371).

    Attributes:
        step: Microseconds from one call to the next at a steady rate.
        slack: Microseconds that a call may come before its time: what makes a burst.
    """

    step: int
    slack: int

    @classmethod
    def of(cls, rate: float) -> Pace:
        """The pace of so many calls per second, with a burst of ``max(1, rate)`` calls."""
        step = math.ceil(SECOND / rate)
        return cls(step, math.floor((max(1.0, rate) - 1) * step))

    def after(self, due: int, now: int) -> tuple[int, int]:
        """What to wait, and when the call after this one is due.

        Args:
            due: When this call is due by the steady rate, microseconds.
            now: The present moment, microseconds.

        Returns:
            Microseconds to wait and the new ``due``, which moves on only when the wait is 0.
        """
        # Due later than after a full burst: the clock or the rate was another one meanwhile.
        due = min(max(due, now), now + self.slack + self.step)
        wait = due - self.slack - now
        return (wait, due) if wait > 0 else (0, due + self.step)


class LocalLimiter:
    """Limits the calls of this process."""

    def __init__(self) -> None:
        self._due: dict[str, int] = {}

    async def wait(self, key: str, rate: float, now: datetime) -> float:
        wait, self._due[key] = Pace.of(rate).after(self._due.get(key, 0), microseconds(now))
        return wait / SECOND


def microseconds(moment: datetime) -> int:
    """Since 1970, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


class _Gate:
    """Lets a number of callers in at a time, in the order they came."""

    def __init__(self) -> None:
        self.busy = 0
        self.most = 1
        self.queue: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.queue.append(turn)
        self.admit()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        self.busy -= 1
        self.admit()

    def admit(self) -> None:
        while self.queue and self.busy < self.most:
            turn = self.queue.popleft()
            # Those who went away while they waited stand in the queue still.
            if not turn.done():
                turn.set_result(None)
                self.busy += 1


class Concurrency:
    """Bounds the calls at a time of each integration, in this process."""

    def __init__(self) -> None:
        self._gates: dict[int, _Gate] = {}

    def slot(self, key: int, most: int) -> AbstractAsyncContextManager[None]:
        """Waits for one of ``most`` places of ``key``, first come first served, and holds it.

        A changed ``most`` takes effect at once for all who wait; nobody inside is put out.
        """
        return self._slot(key, most)

    @asynccontextmanager
    async def _slot(self, key: int, most: int) -> AsyncGenerator[None]:
        gate = self._gates.setdefault(key, _Gate())
        gate.most = max(1, most)
        try:
            await gate.enter()
            try:
                yield
            finally:
                gate.leave()
        finally:
            if not gate.busy and self._gates.get(key) is gate:
                del self._gates[key]
