"""The way out over HTTP/2: what may be called, and the lanes that lead there."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from inbox_app.lib.addresses import Guard
from inbox_app.lib.http import MIB, Answer, Blocked, GuardedResolver
from inbox_app.lib.http2.dialing import Dialer
from inbox_app.lib.http2.exchange import Exchange
from inbox_app.lib.http2.lane import Lane

IDLE_SECONDS = 60.0
"""Services and routers on the way drop connections that nobody uses, at times without a word."""
MOST_LANES = 256
"""Beyond so many, those that nobody uses are closed before their time."""
PORT = 443
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
OF_THE_LINE = frozenset(
    {"connection", "host", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"}
)
"""Fields that have no place in HTTP/2, or are said otherwise (RFC 9113, section 8.2.2)."""


@dataclass(frozen=True)
class _Target:
    """Where a request goes."""

    host: str
    port: int
    authority: str
    path: str


class Http2:
    """Connections that are shared by all calls of a process.

    Args:
        allow: Hosts and networks that are admitted though they are not public.
        resolver: Looks names up; the machine's own by default.
        tls: What certificates are trusted; those of the machine by default. It is made to offer
            HTTP/2 alone, so nothing else can use it.
        idle_seconds: How long a connection is kept that nobody uses.
        proxy: The URL of a proxy that all connections go through.
    """

    def __init__(
        self,
        *,
        allow: Sequence[str] = (),
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
        idle_seconds: float = IDLE_SECONDS,
        proxy: str = "",
    ) -> None:
        self._guard = Guard.of(allow).besides(URL(proxy).host or "")
        self._resolver = resolver
        self._tls = tls
        self._idle_seconds = idle_seconds
        self._proxy = proxy
        self._dialer: Dialer | None = None
        # Those that were used last come last.
        self._lanes: dict[tuple[str, str, int], Lane] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def post(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        timeout: float,
        limit: int = MIB,
        lane: str = "",
    ) -> Answer:
        """Sends one request and reads at most ``limit`` bytes of the answer.

        One of which the server did nothing is sent once more: its connection ended before it was
        written, or the server said so (RFC 9113, section 8.7).

        Args:
            lane: Names those who share connections, for services that take a connection for one
                caller's: whoever speaks under another name has others.

        Raises:
            Blocked: the URL, a header or the address is refused; nothing was sent.
            ConnectFailed: nothing was sent, or the server certainly did nothing of it.
            Interrupted: it may have been sent. An answer that broke off after its head is
                returned as truncated: what the server decided is known by then.
        """
        target = _target(url)
        exchange = Exchange(_head(target, headers, body), body, limit, target.host)
        await self._lane(lane, target).listen()
        # What was heard may have been the end of it.
        return await self._lane(lane, target).call(exchange, timeout)

    async def close(self) -> None:
        """Closes all connections; a later request would open new ones."""
        lanes, self._lanes = list(self._lanes.values()), {}
        self._dialer = None
        await asyncio.gather(*(lane.close() for lane in lanes), *self._closing)

    def _lane(self, name: str, target: _Target) -> Lane:
        key = (name, target.host, target.port)
        lane = self._lanes.pop(key, None)
        if lane is None:
            self._make_room()
            dial = partial(self._dialer_now().dial, host=target.host, port=target.port)
            lane = Lane(dial, target.host, self._idle_seconds, self._forget)
        self._lanes[key] = lane
        return lane

    def _make_room(self) -> None:
        if len(self._lanes) < MOST_LANES:
            return
        key = next((key for key, lane in self._lanes.items() if lane.idle), None)
        if key is not None:
            closing = asyncio.create_task(self._lanes.pop(key).close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    def _forget(self, gone: Lane) -> None:
        self._lanes = {key: lane for key, lane in self._lanes.items() if lane is not gone}

    def _dialer_now(self) -> Dialer:
        if self._dialer is None:
            # Both need the event loop, or time.
            inner = self._resolver or aiohttp.ThreadedResolver()
            tls = self._tls or ssl.create_default_context()
            self._dialer = Dialer(GuardedResolver(self._guard, inner), tls, self._proxy)
        return self._dialer


def _target(url: str) -> _Target:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORT
    except ValueError:
        raise Blocked("the URL is not valid") from None
    if parts.scheme != "https" or not host:
        raise Blocked("only https URLs are called over HTTP/2")
    if "@" in parts.netloc:
        raise Blocked(f"{host}: credentials in a URL are refused")
    if not url.isascii() or " " in url or CONTROL.search(url):
        raise Blocked(f"{host}: a URL holds more than ASCII without blanks")
    query = f"?{parts.query}" if parts.query else ""
    return _Target(host, port, parts.netloc, (parts.path or "/") + query)


def _head(target: _Target, headers: Mapping[str, str], body: bytes) -> list[tuple[bytes, bytes]]:
    named = {name.lower(): value.strip() for name, value in headers.items()}
    for name, value in named.items():
        if not NAME.fullmatch(name) or not value.isascii() or CONTROL.search(value):
            raise Blocked(f"{target.host}: a header holds more than ASCII in one line")
        if name in OF_THE_LINE:
            raise Blocked(f"{target.host}: the header {name} is not sent over HTTP/2")
    pairs = [
        (":method", "POST"),
        (":authority", target.authority),
        (":scheme", "https"),
        (":path", target.path),
        *(named | {"content-length": str(len(body))}).items(),
    ]
    return [(name.encode(), value.encode()) for name, value in pairs]
