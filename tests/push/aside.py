"""Servers for synchronous tests: an event loop beside the test, and state that one can wait on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from typing import Final, Self, TypeVar

Found = TypeVar("Found")
PATIENCE: Final = 30.0
"""Seconds that anything awaited may take; two cores are shared by many processes."""


class Watched:
    """State that one thread changes while others wait until it is as they want it."""

    def __init__(self) -> None:
        self._condition = threading.Condition()

    @contextmanager
    def changing(self) -> Generator[None]:
        """Keeps everybody else away, and has those who wait look again."""
        with self._condition:
            yield
            self._condition.notify_all()

    def once(
        self, look: Callable[[], Found | None], awaited: str, patience: float = PATIENCE
    ) -> Found:
        """What `look` finds, as soon as it is neither false nor empty.

        Raises:
            AssertionError: that took longer than `patience` seconds; it names what was awaited.
        """
        with self._condition:
            found = self._condition.wait_for(look, patience)
        if not found:
            raise AssertionError(f"After {patience:g} seconds: no {awaited}.")
        return found


class Aside:
    """An event loop in a thread of its own, and what is open in it."""

    def __init__(self, name: str) -> None:
        self._started: Future[asyncio.AbstractEventLoop] = Future()
        self._stack = AsyncExitStack()
        self._thread = threading.Thread(target=self._live, name=name)

    def __enter__(self) -> Self:
        self._thread.start()
        self._loop = self._started.result(PATIENCE)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE)

    def run(self, work: Coroutine[object, object, Found]) -> Found:
        """Waits until this was done in the loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def open(self, opened: AbstractAsyncContextManager[Found]) -> Found:
        """Opens something in the loop; it is closed with it, the last one first."""
        return self.run(self._stack.enter_async_context(opened))

    def _live(self) -> None:
        asyncio.run(self._until_over())

    async def _until_over(self) -> None:
        self._over = asyncio.Event()
        async with self._stack:
            self._started.set_result(asyncio.get_running_loop())
            await self._over.wait()
