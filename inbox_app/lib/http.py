"""The guarded way out: every outgoing HTTP request passes here.

Hosts come from outside (attachments, webhooks, gateways), so the address is judged when the
socket opens, after the name was resolved; redirects, proxies from the environment and credentials
in URLs do not exist here. Errors name the host and nothing else of the URL.
"""

from __future__ import annotations

import asyncio
import json as json_format
import re
import socket
import ssl
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast
from urllib.parse import urlencode

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from inbox_app.lib.addresses import Guard, ip_address, literal

MIB = 1024 * 1024
MOST_CONNECTIONS = 512
CHUNK = 64 * 1024


class HttpError(Exception):
    """A request came to nothing; the text holds no secret and no part of the URL but its host."""


class Blocked(HttpError):
    """The guard does not let this request out; nothing was sent."""


class ConnectFailed(HttpError):
    """No connection came about; nothing was sent."""


class Redirected(HttpError):
    """The server leads elsewhere, where nobody goes."""


class Interrupted(HttpError):
    """The request was written, or may have been, and no answer to it was understood."""


@dataclass(frozen=True)
class Answer:
    """What a server answered.

    Attributes:
        headers: Names in any case.
        body: As sent: it is not decompressed.
        truncated: The body has more than the limit, or broke off.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    truncated: bool = False


@dataclass(frozen=True)
class File:
    """A part of a form that is a file."""

    name: str
    content: bytes = field(repr=False)
    content_type: str = "application/octet-stream"


class GuardedResolver(AbstractResolver):
    """Resolves names and drops the addresses that the guard does not admit.

    The connector opens sockets to just these addresses, so that a name cannot be looked up once
    for the check and once more for the connection.
    """

    def __init__(self, guard: Guard, inner: AbstractResolver) -> None:
        self._guard = guard
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        admitted = [each for each in found if self._admits(host, each["host"])]
        if found and not admitted:
            raise Blocked(f"{host} leads to a private address")
        return admitted

    def _admits(self, host: str, address: str) -> bool:
        try:
            return self._guard.admits(host, ip_address(address.partition("%")[0]))
        except ValueError:
            return False

    async def close(self) -> None:
        await self._inner.close()


@dataclass
class _Progress:
    written: bool = False


_LENT: ContextVar[_Progress | None] = ContextVar("lent", default=None)
"""How far the request is that a library makes with the shared session (`Http.lend`)."""


class Http:
    """One shared session behind the guard; made once by a process, closed when it ends.

    Args:
        allow: Hosts and networks that are admitted though they are not public.
        timeout: Seconds for a whole request, unless the request says otherwise.
        resolver: Looks names up; the machine's own by default.
        tls: What certificates are trusted; those of the machine by default.
        proxy: The URL of a proxy that requests go through, but for those to hosts in ``allow``.
            It looks names up itself, so where they lead is its business then.
    """

    def __init__(
        self,
        *,
        allow: Sequence[str] = (),
        timeout: float = 15,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
        proxy: str = "",
    ) -> None:
        self._tls = tls
        self._proxy = proxy
        self._near = Guard.of(allow)
        self._guard = self._near.besides(URL(proxy).host or "")
        self._timeout = timeout
        self._resolver = resolver
        self._opened: aiohttp.ClientSession | None = None

    async def request(  # noqa: PLR0913 - all by name, and each its own thing
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, File] | None = None,
        limit: int = MIB,
        timeout: float | None = None,
    ) -> Answer:
        """Sends one request and reads at most ``limit`` bytes of the answer.

        A GET that is cut before any answer came is sent once more (RFC 9110, 9.2.2); a POST never.

        Args:
            body: Sent as it is; ``json`` and ``form`` are encoded and set their content type.
            files: Sent with ``form``, as multipart/form-data.
            timeout: Seconds for everything, from resolving to the last byte.

        Raises:
            Blocked: the URL, a header or the address is refused; nothing was sent.
            ConnectFailed: nothing was sent.
            Interrupted: it may have been sent. An answer that broke off after its head is
                returned as truncated: what the server decided is known by then.
        """
        target = self._checked(url)
        progress = _Progress()
        try:
            async with self._session().request(
                method,
                target,
                headers=_headers(headers, json, None if files else form),
                data=_multipart(form, files) if files else _content(body, json, form),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=timeout or self._timeout),
                trace_request_ctx=progress,
                proxy=self.proxy_for(target.host or ""),
            ) as response:
                return await _answer(response, limit)
        except (aiohttp.ClientError, OSError, ValueError, TimeoutError) as error:
            raise _failure(error, target.host or "", written=progress.written) from None

    async def close(self) -> None:
        """Closes all connections; a later request would open new ones."""
        if self._opened is not None:
            await self._opened.close()
            self._opened = None

    def proxy_for(self, host: str) -> str | None:
        """What a request to ``host`` goes through; None: nothing."""
        return None if not self._proxy or self._near.names_one(host) else self._proxy

    def _checked(self, text: str) -> URL:
        try:
            url = URL(text)
            host = url.host or ""
            address = literal(host)
        except ValueError:
            raise Blocked("the URL is not valid") from None
        if url.scheme not in {"http", "https"} or not host:
            raise Blocked("only http and https URLs are called")
        if url.user is not None or url.password is not None:
            raise Blocked(f"{host}: credentials in a URL are refused")
        if address is not None and not self._near.admits(host, address):
            raise Blocked(f"{host} is a private address")
        return url

    @asynccontextmanager
    async def lend(self, host: str, timeout: float) -> AsyncGenerator[aiohttp.ClientSession]:
        """The shared session for one request that a library makes; its errors become ours.

        What else the library raises passes. It follows no redirect, whatever it asks for.

        Args:
            host: Where to, for the words of an error.
            timeout: Seconds until all of it is over.

        Raises:
            Blocked, ConnectFailed: nothing was sent.
            Redirected: the server leads elsewhere.
            Interrupted: it may have been sent.
        """
        progress = _Progress()
        mark = _LENT.set(progress)
        try:
            async with asyncio.timeout(timeout):
                yield self._session()
        except (aiohttp.ClientError, OSError, ValueError, TimeoutError) as error:
            raise _failure(error, host, written=progress.written) from None
        finally:
            _LENT.reset(mark)

    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:
            inner = self._resolver or aiohttp.ThreadedResolver()
            trace = aiohttp.TraceConfig()
            trace.on_request_headers_sent.append(_note_written)
            trace.on_request_redirect.append(_refuse_redirect)
            self._opened = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=GuardedResolver(self._guard, inner),
                    limit=MOST_CONNECTIONS,
                    ssl=self._tls or True,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                # A small compressed answer could unfold to any size.
                auto_decompress=False,
                headers={"Accept-Encoding": "identity", "User-Agent": "notification-inbox"},
                trace_configs=[trace],
            )
        return self._opened


async def _note_written(
    session: aiohttp.ClientSession,
    context: SimpleNamespace,
    params: aiohttp.TraceRequestHeadersSentParams,
) -> None:
    progress = cast("_Progress | None", context.trace_request_ctx) or _LENT.get()
    if progress is not None:
        progress.written = True


async def _refuse_redirect(
    session: aiohttp.ClientSession,
    context: SimpleNamespace,
    params: aiohttp.TraceRequestRedirectParams,
) -> None:
    # Reached only by libraries: our own requests do not ask for it.
    params.response.close()
    raise Redirected(f"{params.url.host}: it leads elsewhere")


def _headers(
    given: Mapping[str, str] | None, json: object, form: Mapping[str, str] | None
) -> dict[str, str]:
    headers = dict(given or {})
    if any(re.search(r"[\x00-\x08\x0a-\x1f\x7f]", name + value) for name, value in headers.items()):
        raise Blocked("a header holds a control character")
    if json is not None:
        headers.setdefault("Content-Type", "application/json")
    elif form is not None:
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    return headers


def _content(body: bytes | None, json: object, form: Mapping[str, str] | None) -> bytes | None:
    if json is not None:
        return json_format.dumps(json, ensure_ascii=False).encode()
    return urlencode(form).encode() if form is not None else body


def _multipart(form: Mapping[str, str] | None, files: Mapping[str, File]) -> aiohttp.FormData:
    data = aiohttp.FormData(default_to_multipart=True)
    for name, text in (form or {}).items():
        data.add_field(name, text)
    for name, file in files.items():
        data.add_field(name, file.content, filename=file.name, content_type=file.content_type)
    return data


async def _answer(response: aiohttp.ClientResponse, limit: int) -> Answer:
    body = bytearray()
    truncated = False
    try:
        while not truncated and (chunk := await response.content.read(CHUNK)):
            body += chunk
            truncated = len(body) > limit
    except (aiohttp.ClientError, OSError, TimeoutError):
        truncated = True
    return Answer(response.status, response.headers, bytes(body[:limit]), truncated)


def _failure(error: Exception, host: str, *, written: bool) -> HttpError:
    if written:
        what = "timed out" if isinstance(error, TimeoutError) else "broke off or made no sense"
        return Interrupted(f"{host}: the answer {what}")
    return ConnectFailed(f"{host}: {_why_not_connected(error)}")


def _why_not_connected(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "the name was not found"
        case aiohttp.ClientSSLError():
            return "no trusted TLS connection came about"
        case asyncio.TimeoutError():
            return "the connection timed out"
        case aiohttp.ClientProxyConnectionError():
            return "the proxy was not reached"
        case aiohttp.ClientHttpProxyError():
            return f"the proxy refused the connection with {error.status}"
        case _:
            return "the connection was refused or lost"
