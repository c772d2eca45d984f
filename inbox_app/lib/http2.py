"""The guarded way out over HTTP/2, for the services that speak nothing else.

Same rules and same errors as `lib.http`: the address is judged when the socket opens, nothing is
redirected, and an error tells whether the request may have arrived.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, cast
from urllib.parse import urlsplit

import aiohttp
import httpcore
from aiohttp.abc import AbstractResolver
from multidict import CIMultiDict
from yarl import URL

from inbox_app.lib.addresses import Guard
from inbox_app.lib.http import (
    MIB,
    Answer,
    Blocked,
    ConnectFailed,
    GuardedResolver,
    HttpError,
    Interrupted,
)

WRITING = "http2.send_request_body.started"
"""From here on a request may count; one whose end was never sent does not (RFC 9113, 8.1)."""
IDLE_SECONDS = 60.0
"""Services and routers on the way drop connections that nobody uses, at times without a word."""
FRESH_SECONDS = 1.0
AT_ONCE = 0.01
CHUNK = 64 * 1024


class _Stream(httpcore.AsyncNetworkStream):
    """A connection that is left open by nothing, and that hears when the other side hung up.

    Between requests nobody reads. What is written to a connection whose other side is gone is lost,
    and so is the goodbye that came before; so after a rest it listens first.

    Args:
        fresh_seconds: A rest shorter than this is none.
    """

    def __init__(self, inner: httpcore.AsyncNetworkStream, fresh_seconds: float) -> None:
        self._inner = inner
        self._fresh_seconds = fresh_seconds
        self._reading = asyncio.Lock()
        self._heard = b""
        self._served = False
        self._used_at = monotonic()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        async with self._reading:
            heard, self._heard = self._heard, b""
            heard = heard or await self._inner.read(max_bytes, timeout)
            self._served, self._used_at = True, monotonic()
            return heard

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rested = monotonic() - self._used_at >= self._fresh_seconds
        if buffer and rested and not self._reading.locked():
            await self._listen()
        self._used_at = monotonic()
        await self._inner.write(buffer, timeout)

    async def _listen(self) -> None:
        """Hears what came meanwhile.

        Raises:
            httpcore.ConnectionNotAvailable: the other side hung up; the pool takes another one.
            httpcore.WriteError: it did so before it answered anything; another would be no better.
        """
        async with self._reading:
            while self._inner.get_extra_info("is_readable"):
                try:
                    heard = await self._inner.read(CHUNK, AT_ONCE)
                except httpcore.ReadTimeout:
                    return
                except httpcore.ReadError:
                    heard = b""
                if not heard:
                    raise httpcore.ConnectionNotAvailable if self._served else httpcore.WriteError
                self._heard += heard

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            secured = await self._inner.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            # The library does not when it is cancelled, as by a time-out.
            await asyncio.shield(self._inner.aclose())
            raise
        return _Stream(secured, self._fresh_seconds)

    async def aclose(self) -> None:
        await self._inner.aclose()

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.AsyncNetworkBackend):
    """Opens sockets to what the guard admits, and to nothing else."""

    def __init__(self, resolver: GuardedResolver, fresh_seconds: float) -> None:
        self._resolver = resolver
        self._fresh_seconds = fresh_seconds
        # What stands in for it where AnyIO is missing hides its type.
        self._inner = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception = httpcore.ConnectError("the name was not found")
        for each in await self._resolver.resolve(host, port):
            try:
                inner = await self._inner.connect_tcp(each["host"], each["port"], timeout)
                return _Stream(inner, self._fresh_seconds)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class _Progress:
    written: bool = False

    async def note(self, event: str, _: Mapping[str, Any]) -> None:
        self.written = self.written or event == WRITING


PATIENCE = 0.9
"""The share of a call's time after which a silent line is given up."""


class Http2:
    """Connections that are shared by all calls of a process.

    Args:
        allow: Hosts and networks that are admitted though they are not public.
        resolver: Looks names up; the machine's own by default.
        tls: What certificates are trusted; those of the machine by default.
        idle_seconds: How long a connection is kept that nobody uses.
        fresh_seconds: How long after its last use it is trusted to be open.
        proxy: The URL of a proxy that all connections go through.
    """

    def __init__(
        self,
        *,
        allow: Sequence[str] = (),
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
        idle_seconds: float = IDLE_SECONDS,
        fresh_seconds: float = FRESH_SECONDS,
        proxy: str = "",
    ) -> None:
        self._proxy = _proxy(proxy) if proxy else None
        self._guard = Guard.of(allow).besides(URL(proxy).host or "")
        self._resolver = resolver
        self._tls = tls
        self._idle_seconds = idle_seconds
        self._fresh_seconds = fresh_seconds
        self._opened: dict[str, httpcore.AsyncConnectionPool] = {}

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

        Args:
            lane: Names those who share connections, for services that take a connection for one
                caller's: whoever speaks under another name has others.

        Raises:
            Blocked: the URL or its address is refused; nothing was sent.
            ConnectFailed: nothing was sent.
            Interrupted: it may have been sent.
        """
        host, progress = _checked(url, headers), _Progress()
        # A little sooner than all of it: a line that has fallen silent is then given up by the pool
        # itself, which would go on using it for other calls.
        pause = timeout * PATIENCE
        patience = dict.fromkeys(("connect", "read", "write", "pool"), pause)
        try:
            async with (
                asyncio.timeout(timeout),
                self._pool(lane).stream(
                    "POST",
                    url,
                    headers=list(headers.items()),
                    content=body,
                    extensions={"trace": progress.note, "timeout": patience},
                ) as response,
            ):
                return await _answer(response, limit)
        except Blocked:
            raise
        except (TimeoutError, OSError, *_FAILURES) as error:
            raise _failure(error, host, written=progress.written) from None

    async def close(self) -> None:
        """Closes all connections; a later request would open new ones."""
        opened, self._opened = list(self._opened.values()), {}
        for pool in opened:
            await pool.aclose()

    def _pool(self, lane: str) -> httpcore.AsyncConnectionPool:
        if lane not in self._opened:
            inner = self._resolver or aiohttp.ThreadedResolver()
            self._opened[lane] = httpcore.AsyncConnectionPool(
                ssl_context=self._tls or ssl.create_default_context(),
                http1=False,
                http2=True,
                proxy=self._proxy,
                keepalive_expiry=self._idle_seconds,
                network_backend=_Backend(GuardedResolver(self._guard, inner), self._fresh_seconds),
            )
        return self._opened[lane]


def _proxy(text: str) -> httpcore.Proxy:
    url = URL(text)
    auth = (url.user, url.password or "") if url.user else None
    return httpcore.Proxy(str(url.with_user(None)), auth)


def _checked(url: str, headers: Mapping[str, str]) -> str:
    """The host of a URL that is called over HTTP/2."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise Blocked("the URL is not valid") from None
    if parts.scheme != "https" or not host:
        raise Blocked("only https URLs are called over HTTP/2")
    if not (url + "".join(f"{name}{text}" for name, text in headers.items())).isascii():
        raise Blocked(f"{host}: a URL or a header holds more than ASCII")
    return host


_FAILURES = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ConnectionNotAvailable,
    httpcore.ProxyError,
)


async def _answer(response: httpcore.Response, limit: int) -> Answer:
    pairs = ((name.decode("latin-1"), text.decode("latin-1")) for name, text in response.headers)
    headers = CIMultiDict(pairs)
    body = bytearray()
    try:
        async for chunk in response.aiter_stream():
            body += chunk
            if len(body) > limit:
                return Answer(response.status, headers, bytes(body[:limit]), True)
    except _FAILURES:
        return Answer(response.status, headers, bytes(body), True)
    return Answer(response.status, headers, bytes(body))


def _failure(error: Exception, host: str, *, written: bool) -> HttpError:
    timed_out = isinstance(error, TimeoutError | httpcore.TimeoutException)
    if written:
        what = "timed out" if timed_out else "broke off or made no sense"
        return Interrupted(f"{host}: the answer {what}")
    why = "the connection timed out" if timed_out else "the connection was refused or lost"
    if isinstance(error, httpcore.ProxyError):
        why = f"the proxy refused the connection with {str(error)[:3]}"
    return ConnectFailed(f"{host}: {why}")
