"""Limits of an integration: calls per second, and calls at a time."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

SECOND: Final = 1_000_000
"""Microseconds. Whole ones: added up for ever, fractions would drift."""
AHEAD: Final = 600 * SECOND
"""How far ahead places are given: whoever has one does not see that the rate was raised."""
LATE: Final = 2 * SECOND
"""How late a place still holds: those that a stop of the workers left behind go one by one."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Limiter(Protocol):
    """Keeps calls to a rate, in the order they came."""

    async def wait(self, key: str, rate: float, now: datetime, who: str) -> float:
        """Seconds until a call may go; 0.0: it may go now, and is counted.

        Whoever has to wait has a place of its own, counted already: it may go when it asks again
        at that time, or `LATE` at most. Those for whom there is no place within `AHEAD` are told
        to ask again after that.

        Args:
            key: What is limited.
            rate: Calls per second, above 0. After a pause, as many as fit a second may go at once.
            now: The present moment.
            who: Names the call, the same each time it asks.
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

    def after(self, due: int, step: int, now: int) -> tuple[int, int]:
        """What to wait, and when the call after this one is due.

        Args:
            due: When this call is due by the steady rate, microseconds.
            step: The step by which ``due`` was reckoned: the rate may have been another one.
            now: The present moment, microseconds.

        Returns:
            Microseconds to wait and the new ``due``, which stays when there is no place.
        """
        ahead = max(0, due - now) * self.step // step
        if ahead > AHEAD + self.slack + self.step:
            # Nobody was given such a place: the clock was another one.
            ahead = self.slack + self.step
        wait = max(0, ahead - self.slack)
        return (AHEAD, now + ahead) if wait >= AHEAD else (wait, now + ahead + self.step)


def may_go(at: int, now: int) -> bool | None:
    """Whether the place at a moment is reached, None when it is lost; microseconds."""
    return at <= now if now - LATE <= at <= now + AHEAD else None


@dataclass
class _Line:
    """Who waits, in the order of their places."""

    due: int
    step: int
    places: dict[str, int] = field(default_factory=dict[str, int])


class LocalLimiter:
    """Limits the calls of this process."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}

    async def wait(self, key: str, rate: float, now: datetime, who: str) -> float:
        pace, at = Pace.of(rate), microseconds(now)
        line = self._lines.setdefault(key, _Line(0, pace.step))
        place = line.places.get(who)
        if place is not None:
            if may_go(place, at) is False:
                return (place - at) / SECOND
            del line.places[who]
            if may_go(place, at):
                return 0.0
        _forget(line, at)
        wait, line.due = pace.after(line.due, line.step, at)
        line.step = pace.step
        if 0 < wait < AHEAD:
            line.places[who] = at + wait
        return wait / SECOND


def _forget(line: _Line, now: int) -> None:
    """Those who never came."""
    while line.places:
        who = next(iter(line.places))
        if line.places[who] >= now - LATE:
            return
        del line.places[who]


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
