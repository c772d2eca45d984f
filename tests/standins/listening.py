"""What the stand-ins that speak HTTP have in common: a port, a script and open lines."""

from __future__ import annotations

import asyncio
import ssl
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Final, Generic, Self, TypeVar

Action = TypeVar("Action")
Read = TypeVar("Read")


class Listening(ABC, Generic[Action, Read]):
    """A server on a free port that works off a script, one action per request.

    Attributes:
        usual: What it does when the script is over.
        requests: Every request that was read to its end.
        connections: How often somebody connected.
    """

    host: Final = "127.0.0.1"

    def __init__(self, usual: Action, tls: ssl.SSLContext | None) -> None:
        self.usual = usual
        self.requests: list[Read] = []
        self.connections = 0
        self.port = 0
        self._tls = tls
        self._script: deque[Action] = deque()
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._news = asyncio.Event()

    def script(self, *actions: Action) -> None:
        """What to do with the next requests, one each."""
        self._script.extend(actions)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits until something holds of what it was asked and of its lines."""
        while not holds():
            await self._news.wait()

    async def arrived(self, count: int) -> None:
        """Waits until so many requests were read."""
        await self.until(lambda: len(self.requests) >= count)

    @property
    def lines(self) -> int:
        """How many connections are open."""
        return len(self._open)

    def _note(self, request: Read) -> None:
        self.requests.append(request)
        self._tell()

    def _tell(self) -> None:
        """Lets those look who wait for something."""
        self._news.set()
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._left)
        self.connections += 1
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            # The client went, or the test is over.
            return
        finally:
            writer.transport.abort()

    def _left(self, task: asyncio.Task[None]) -> None:
        self._open.discard(task)
        self._tell()

    @abstractmethod
    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one line until it is over."""
