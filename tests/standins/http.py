"""An HTTP server on a free port that answers what the test says.

async with HttpStandIn() as server:
    server.script(Respond(429, {"Retry-After": "7"}), Do.CUT_AFTER_READING)
    ...
    assert server.requests[0].json() == {...}
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self
from urllib.parse import parse_qs


class Do(StrEnum):
    """What a script can do instead of an answer."""

    STALL = "read the request, then stall until released"
    CUT_BEFORE_READING = "cut the line as soon as it is open"
    CUT_AFTER_READING = "read the request, then cut the line"


@dataclass(frozen=True)
class Respond:
    """A proper answer.

    Attributes:
        then: What happens once half of the body is out; None: the rest of the body.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b"{}"
    then: Do | None = None

    def head(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} Scripted", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()


@dataclass(frozen=True)
class Raw:
    """Any bytes, after which the line is closed."""

    content: bytes


HUGE = Respond(body=b'{"id": "' + b"x" * (8 * 1024 * 1024) + b'"}')
MALFORMED = Raw(b"What is it?\r\n\r\n")
Action = Do | Respond | Raw


@dataclass(frozen=True)
class Request:
    """One request that was read to its end."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


class HttpStandIn:
    """A server that works off a script, one action per request.

    Attributes:
        usual: What it does when the script is over.
        of_hosts: The same for requests to some hosts, by their name.
        requests: Every request that was read to its end.
        connections: How often somebody connected.
    """

    host: Final = "127.0.0.1"

    def __init__(self, usual: Action = Respond(), *, tls: ssl.SSLContext | None = None) -> None:
        self.usual = usual
        self.of_hosts: dict[str, Action] = {}
        self._tls = tls
        self.requests: list[Request] = []
        self.connections = 0
        self.port = 0
        self._script: deque[Action] = deque()
        self._released = asyncio.Event()
        self._arrived = asyncio.Condition()
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def script(self, *actions: Action) -> None:
        """What to do with the next requests, one each."""
        self._script.extend(actions)

    def decide(self, request: Request) -> Action:
        """What it does when the script is over; stand-ins that know a service say more."""
        return self.of_hosts.get(request.headers.get("host", ""), self.usual)

    def release(self) -> None:
        """Lets everything go on that stalls."""
        self._released.set()

    async def arrived(self, count: int) -> None:
        """Waits until so many requests were read."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.requests) >= count)

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}:{self.port}{path}"

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
        task.add_done_callback(self._open.discard)
        self.connections += 1
        try:
            while await self._serve_one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # The client went, or the test is over.
            return
        finally:
            writer.transport.abort()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serves one request; whether the line stays open."""
        if self._script and self._script[0] is Do.CUT_BEFORE_READING:
            self._script.popleft()
            return False
        request = await _read(reader)
        async with self._arrived:
            self.requests.append(request)
            self._arrived.notify_all()
        action = self._script.popleft() if self._script else self.decide(request)
        if action is Do.STALL:
            await self._released.wait()
            action = self.decide(request)
        if isinstance(action, Do):
            return False
        return await self._answer(action, writer)

    async def _answer(self, action: Respond | Raw, writer: asyncio.StreamWriter) -> bool:
        if isinstance(action, Raw):
            writer.write(action.content)
            if writer.can_write_eof():
                writer.write_eof()
            await writer.drain()
            return False
        writer.write(action.head())
        half = len(action.body) // 2
        writer.write(action.body[:half] if action.then else action.body)
        await writer.drain()
        if action.then is Do.STALL:
            await self._released.wait()
            writer.write(action.body[half:])
        return action.then in {None, Do.STALL}


async def _read(reader: asyncio.StreamReader) -> Request:
    first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    pairs = [line.split(":", 1) for line in rest if line]
    headers = {name.lower(): value.strip() for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, path, headers, body)
