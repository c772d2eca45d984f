"""The live hub of one process.

It carries no data, only "user U is now at change N" and "session S has ended": readers fetch from
the database. A subscription therefore needs no queue: a later number replaces an earlier one, and
nothing can overflow.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class News:
    """What a subscriber learns.

    Attributes:
        change: The newest change number that was announced.
        ended: Its session is over: nothing may be shown any longer.
        closing: The server stops: come back later.
    """

    change: int
    ended: bool = False
    closing: bool = False


class Subscription:
    """One reader's view of one person's news."""

    def __init__(self, session_id: int | None) -> None:
        self.session_id = session_id
        self._change = 0
        self._ended = False
        self._closing = False
        self._fresh = asyncio.Event()

    async def wait(self, timeout: float | None = None) -> News | None:
        """The news since the last call, at once if there is some; None when the time is up.

        Args:
            timeout: Seconds, or None to wait for ever.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._fresh.wait()
        except TimeoutError:
            return None
        self._fresh.clear()
        return News(self._change, self._ended, self._closing)

    def offer(self, change: int) -> None:
        self._change = max(self._change, change)
        self._fresh.set()

    def end(self) -> None:
        self._ended = True
        self._fresh.set()

    def close(self) -> None:
        self._closing = True
        self._fresh.set()


class Hub(Protocol):
    """Publish and subscribe, within a process or across many."""

    async def publish(self, changes: Mapping[int, int]) -> None:
        """Tells that each user (internal key) is now at a change number. Call after the commit."""
        ...

    async def end_session(self, user_id: int, session_id: int | None) -> None:
        """Tells every tab of a session that it is over; None: every reader of the person."""
        ...

    def subscribe(
        self, user_id: int, session_id: int | None = None
    ) -> AbstractContextManager[Subscription]:
        """Subscribes while the context is open. Subscribe first, then read, then follow."""
        ...

    @property
    def readers(self) -> int:
        """How many subscriptions this process holds."""
        ...

    async def close(self) -> None:
        """Tells every reader that the server stops."""
        ...


class LocalHub:
    """Reaches the readers of this process."""

    def __init__(self) -> None:
        self._readers: defaultdict[int, set[Subscription]] = defaultdict(set)

    async def publish(self, changes: Mapping[int, int]) -> None:
        for user_id, change in changes.items():
            self.deliver(user_id, change)

    async def end_session(self, user_id: int, session_id: int | None) -> None:
        self.deliver_end(user_id, session_id)

    def deliver(self, user_id: int, change: int) -> None:
        for reader in self._readers.get(user_id, ()):
            reader.offer(change)

    def deliver_end(self, user_id: int, session_id: int | None) -> None:
        for reader in self._readers.get(user_id, ()):
            if session_id is None or reader.session_id == session_id:
                reader.end()

    def nudge(self) -> None:
        """Wakes every reader to look again: something may have been missed."""
        for group in self._readers.values():
            for reader in group:
                reader.offer(0)

    @property
    def readers(self) -> int:
        """How many subscriptions are open, for the metrics."""
        return sum(len(group) for group in self._readers.values())

    @contextmanager
    def subscribe(self, user_id: int, session_id: int | None = None) -> Generator[Subscription]:
        reader = Subscription(session_id)
        self._readers[user_id].add(reader)
        try:
            yield reader
        finally:
            self._readers[user_id].discard(reader)
            if not self._readers[user_id]:
                del self._readers[user_id]

    async def close(self) -> None:
        for group in self._readers.values():
            for reader in group:
                reader.close()
