"""Opens lines: a guarded address, perhaps a proxy, TLS, and the server's first words."""

# aiohappyeyeballs leaves open what an address is made of.
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import asyncio
import socket
import ssl

from aiohappyeyeballs import addr_to_addr_infos, start_connection
from yarl import URL

from inbox_app.lib.http import ConnectFailed, GuardedResolver
from inbox_app.lib.http2.exchange import LATE, LOST
from inbox_app.lib.http2.line import Line
from inbox_app.lib.http2.tunnel import open_tunnel

PROTOCOL = "h2"
NEXT_ADDRESS_SECONDS = 0.25
"""How long an address may be silent before the next is tried beside it (RFC 8305, section 8)."""
GOODBYE_SECONDS = 1.0
"""How long a server may take to end TLS; then the socket is closed without it."""


class Dialer:
    """Opens sockets to what the guard admits, and to nothing else.

    Args:
        tls: What certificates are trusted; from now on it offers HTTP/2 and nothing else.
        proxy: The URL of a proxy that all lines go through; "" for none.
    """

    def __init__(self, resolver: GuardedResolver, tls: ssl.SSLContext, proxy: str) -> None:
        tls.set_alpn_protocols([PROTOCOL])
        self._resolver = resolver
        self._tls = tls
        self._proxy = URL(proxy) if proxy else None

    async def dial(self, line: Line, host: str, port: int) -> None:
        """Connects a line; when this fails or is cancelled, nothing of it stays open.

        Raises:
            Blocked: the guard admits none of the host's addresses.
            ConnectFailed: no line came about.
        """
        try:
            await self._secure(line, host, port)
            if not (await line.ready and line.takes_more):
                raise ConnectionResetError  # noqa: TRY301 - told like all others below
        except BaseException as error:
            line.abort()
            # A name that is none is a ValueError, and some event loops call a failure to connect a
            # RuntimeError.
            if isinstance(error, OSError | ValueError | RuntimeError):
                raise ConnectFailed(f"{host}: {_why(error)}") from None
            raise

    async def _secure(self, line: Line, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        if self._proxy is None:
            transport, _ = await loop.create_connection(
                lambda: line,
                sock=await self._connect(host, port),
                ssl=self._tls,
                server_hostname=host,
                ssl_shutdown_timeout=GOODBYE_SECONDS,
            )
        else:
            transport = await self._secure_by_proxy(self._proxy, line, host, port)
        secured: ssl.SSLObject = transport.get_extra_info("ssl_object")
        if secured.selected_alpn_protocol() != PROTOCOL:
            raise ConnectFailed(f"{host}: the server does not speak HTTP/2")

    async def _secure_by_proxy(
        self, proxy: URL, line: Line, host: str, port: int
    ) -> asyncio.Transport:
        sock = await self._connect(proxy.host or "", proxy.port or 0)
        tunnel = await open_tunnel(sock, proxy, host, port)
        transport = await asyncio.get_running_loop().start_tls(
            *(tunnel, line, self._tls),
            server_hostname=host,
            ssl_shutdown_timeout=GOODBYE_SECONDS,
        )
        if transport is None:
            raise ConnectionResetError
        line.connection_made(transport)
        return transport

    async def _connect(self, host: str, port: int) -> socket.socket:
        """A socket to whichever of the host's addresses answers first."""
        try:
            found = await self._resolver.resolve(host, port)
        except (OSError, ValueError):
            found = []
        if not found:
            raise ConnectFailed(f"{host}: the name was not found")
        places = [
            place
            for each in found
            for place in addr_to_addr_infos((each["host"], each["port"])) or ()
        ]
        return await start_connection(places, happy_eyeballs_delay=NEXT_ADDRESS_SECONDS)


def _why(error: Exception) -> str:
    match error:
        case TimeoutError():
            return LATE
        case ssl.SSLError():
            return "no trusted TLS connection came about"
        case _:
            return LOST
