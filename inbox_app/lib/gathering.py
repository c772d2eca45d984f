"""Gathers concurrent submissions into groups that are worked on together.

Group commit: while one group is being written, newcomers queue up; the next group takes all of
them. Under load the cost of a durable commit is shared, and a lone submission still starts at
once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class Overloaded(Exception):
    """More submissions are waiting than the queue may hold."""


class Gatherer(Generic[Item, Outcome]):
    """Runs ``work`` on groups of items, one group at a time, and answers each submitter.

    Args:
        work: Takes a group and returns one outcome or exception per item, in order. When it raises
            instead, every item of the group gets that error.
        largest: Most items in a group.
        waiting: Most items that may queue before `submit` refuses.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Awaitable[Sequence[Outcome | Exception]]],
        *,
        largest: int = 128,
        waiting: int = 20_000,
    ) -> None:
        self._work = work
        self._largest = largest
        self._waiting = waiting
        self._queue: deque[tuple[Item, asyncio.Future[Outcome]]] = deque()
        self._runner: asyncio.Task[None] | None = None

    async def submit(self, item: Item) -> Outcome:
        """Queues ``item`` and waits for its outcome.

        Raises:
            Overloaded: the queue is full.
            Exception: whatever ``work`` returned for this item or raised for its group.
        """
        if len(self._queue) >= self._waiting:
            raise Overloaded
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._queue.append((item, future))
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._run(), name="gatherer")
        # A caller that goes away cancels this future, not the work that others share.
        return await future

    async def drain(self) -> None:
        """Waits until everything submitted so far is answered."""
        while self._runner is not None and not self._runner.done():
            await asyncio.wait([self._runner])

    async def _run(self) -> None:
        while self._queue:
            await self._fill()
            taken = [self._queue.popleft() for _ in range(min(self._largest, len(self._queue)))]
            _answer([future for _, future in taken], await self._outcomes([i for i, _ in taken]))

    async def _fill(self) -> None:
        """Lets more join this group, one turn of the loop after the other, while any does.

        Those who were just answered often come back at once. One that is alone waits for one turn.
        """
        known = 0
        while known < len(self._queue) < self._largest:
            known = len(self._queue)
            await asyncio.sleep(0)

    async def _outcomes(self, items: list[Item]) -> Sequence[Outcome | Exception]:
        try:
            return _one_each(items, await self._work(items))
        except Exception as error:
            return [error] * len(items)


def _one_each(
    items: Sequence[Item], outcomes: Sequence[Outcome | Exception]
) -> Sequence[Outcome | Exception]:
    """The outcomes; a wrong number of them would leave submitters waiting for ever."""
    if len(outcomes) != len(items):
        raise RuntimeError(f"{len(outcomes)} outcomes for {len(items)} items")
    return outcomes


def _answer(
    futures: Sequence[asyncio.Future[Outcome]], outcomes: Sequence[Outcome | Exception]
) -> None:
    for future, outcome in zip(futures, outcomes, strict=True):
        if future.done():
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
            # Looked at here, or asyncio complains when the submitter has gone away meanwhile.
            future.exception()
        else:
            future.set_result(outcome)
