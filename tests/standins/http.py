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
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs

from tests.standins.listening import Listening


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


class HttpStandIn(Listening[Action, Request]):
    """A server that speaks HTTP/1.1.

    Attributes:
        of_hosts: What it does when the script is over, for requests to some hosts, by their name.
    """

    def __init__(self, usual: Action = Respond(), *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(usual, tls)
        self.of_hosts: dict[str, Action] = {}
        self._released = asyncio.Event()

    def decide(self, request: Request) -> Action:
        """What it does when the script is over; stand-ins that know a service say more."""
        return self.of_hosts.get(request.headers.get("host", ""), self.usual)

    def release(self) -> None:
        """Lets everything go on that stalls."""
        self._released.set()

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}:{self.port}{path}"

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await self._serve_one(reader, writer):
            pass

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serves one request; whether the line stays open."""
        if self._script and self._script[0] is Do.CUT_BEFORE_READING:
            self._script.popleft()
            return False
        request = await _read(reader)
        self._note(request)
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
