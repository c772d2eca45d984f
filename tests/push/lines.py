"""Who is connected, and the two ways to a browser: at once, or once it connects."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager, suppress

from tests.push.store import Line, Message, Store


class Lines:
    """The connections of all browsers; used in the event loop alone."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._open: dict[str, Line] = {}

    @asynccontextmanager
    async def connected(self, client: str, line: Line) -> AsyncGenerator[None]:
        """While a browser is connected; what waits for it goes out first."""
        self._open[client] = line
        for message in self.store.waiting(client):
            await line.send(message)
        try:
            yield
        finally:
            if self._open.get(client) is line:
                del self._open[client]

    async def forward(self, message: Message) -> None:
        """Sends it now if the browser is connected; it waits on until the browser has it."""
        line = self._open.get(message.subscription.client)
        if line:
            with suppress(ConnectionError):
                await line.send(message)

    async def hang_up(self, clients: Collection[str]) -> None:
        """Ends their connections; browsers come back by themselves."""
        for line in [line for client, line in self._open.items() if client in clients]:
            await line.close()
