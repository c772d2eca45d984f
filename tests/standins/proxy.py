"""An HTTP proxy that leads every tunnel to one port, wherever it was to lead (RFC 9110, 9.3.6)."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress

from tests.standins.http import Do, Respond
from tests.standins.listening import Listening


class ProxyStandIn(Listening[Do | Respond, str]):
    """A proxy on a free port; ``requests`` are the heads of those that wanted a tunnel.

    Args:
        port: Where on this machine all tunnels end.
        tls: For a proxy that is spoken to over TLS itself.
    """

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(Respond(), tls)
        self._ends_at = port

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}" if self._tls else f"http://{self.host}:{self.port}"

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._note((await reader.readuntil(b"\r\n\r\n")).decode())
        action = self._script.popleft() if self._script else self.usual
        if action is Do.STALL:
            await reader.read()
        if isinstance(action, Do):
            return
        writer.write(action.head() if action.status != 200 else b"HTTP/1.1 200 Connected\r\n\r\n")
        await writer.drain()
        if action.status == 200:
            await self._carry(reader, writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, out = await asyncio.open_connection(self.host, self._ends_at)
        ways = [
            asyncio.ensure_future(_pipe(reader, out)),
            asyncio.ensure_future(_pipe(inner, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in ways:
                each.cancel()
            out.transport.abort()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while content := await reader.read(65_536):
            writer.write(content)
            await writer.drain()
