"""The guarded way out over HTTP/2, for the services that speak nothing else.

Same rules and same errors as `lib.http`: the address is judged when the socket opens, nothing is
redirected, and an error tells whether the request may have arrived.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import aiohttp
import httpcore
from aiohttp.abc import AbstractResolver
from multidict import CIMultiDict

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

WRITING = "http2.send_request_headers.started"


class _Backend(httpcore.AsyncNetworkBackend):
    """Opens sockets to what the guard admits, and to nothing else."""

    def __init__(self, resolver: GuardedResolver) -> None:
        self._resolver = resolver
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
                return await self._inner.connect_tcp(each["host"], each["port"], timeout)
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


class Http2:
    """Connections that are shared by all calls of a process.

    Args:
        allow: Hosts and networks that are admitted though they are not public.
        resolver: Looks names up; the machine's own by default.
        tls: What certificates are trusted; those of the machine by default.
    """

    def __init__(
        self,
        *,
        allow: Sequence[str] = (),
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._guard = Guard.of(allow)
        self._resolver = resolver
        self._tls = tls
        self._opened: httpcore.AsyncConnectionPool | None = None

    async def post(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        timeout: float,
        limit: int = MIB,
    ) -> Answer:
        """Sends one request and reads at most ``limit`` bytes of the answer.

        Raises:
            Blocked: the URL or its address is refused; nothing was sent.
            ConnectFailed: nothing was sent.
            Interrupted: it may have been sent.
        """
        host, progress = urlsplit(url).hostname or "", _Progress()
        if urlsplit(url).scheme != "https":
            raise Blocked("only https URLs are called over HTTP/2")
        try:
            async with (
                asyncio.timeout(timeout),
                self._pool().stream(
                    "POST",
                    url,
                    headers=list(headers.items()),
                    content=body,
                    extensions={"trace": progress.note},
                ) as response,
            ):
                return await _answer(response, limit)
        except Blocked:
            raise
        except (TimeoutError, OSError, *_FAILURES) as error:
            raise _failure(error, host, written=progress.written) from None

    async def close(self) -> None:
        """Closes all connections; a later request would open new ones."""
        if self._opened is not None:
            await self._opened.aclose()
            self._opened = None

    def _pool(self) -> httpcore.AsyncConnectionPool:
        if self._opened is None:
            inner = self._resolver or aiohttp.ThreadedResolver()
            self._opened = httpcore.AsyncConnectionPool(
                ssl_context=self._tls or ssl.create_default_context(),
                http1=False,
                http2=True,
                network_backend=_Backend(GuardedResolver(self._guard, inner)),
            )
        return self._opened


_FAILURES = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ConnectionNotAvailable,
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
    return ConnectFailed(f"{host}: {why}")
