"""A load generator that costs little: keep-alive connections, one request at a time on each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import uvloop

END_OF_HEADERS = b"\r\n\r\n"
LENGTH = b"content-length:"
OK = b"HTTP/1.1 200"
PATIENCE = 30.0
"""Seconds until an answer that is still missing counts as lost."""


@dataclass(frozen=True)
class Measured:
    """What came of one stretch of load.

    Attributes:
        answers: Good answers.
        refused: Other answers; the first of them is in ``first_refusal``.
        seconds: From the first request to the last answer.
    """

    answers: int
    refused: int
    seconds: float
    first_refusal: bytes = b""

    @property
    def rate(self) -> float:
        """Good answers per second."""
        return self.answers / self.seconds


def run(port: int, requests: Iterator[bytes], *, connections: int, seconds: float) -> Measured:
    """Keeps ``connections`` busy for ``seconds``, then waits for what is under way.

    Args:
        port: On this machine.
        requests: Whole HTTP requests, taken one by one; must not end.
        connections: How many.
        seconds: How long new requests are started.
    """
    return uvloop.run(_load(port, requests, connections, seconds))


def post(path: str, body: bytes, **headers: str) -> bytes:
    """A whole HTTP request with a JSON body."""
    return _request("POST", path, headers, body)


def get(path: str) -> bytes:
    return _request("GET", path, {}, b"")


def _request(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    fields = {"Host": "localhost", **headers}
    if body:
        fields |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], until: float) -> None:
        self.done = asyncio.get_running_loop().create_future()
        self.answers = 0
        self.refused = 0
        self.first_refusal = b""
        self._requests = requests
        self._until = until
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not an instance: uvloop's transports are classes of their own.
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(END_OF_HEADERS)
        if not found or len(rest) < _length(head):
            return
        self._received = b""
        if head.startswith(OK):
            self.answers += 1
        else:
            self.refused += 1
            self.first_refusal = self.first_refusal or head + found + rest
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("The server hung up."))

    def _next(self) -> None:
        assert self._transport
        if time.perf_counter() < self._until:
            self._transport.write(next(self._requests))
        else:
            self.done.set_result(None)
            self._transport.close()


def _length(head: bytes) -> int:
    _, _, after = head.lower().partition(LENGTH)
    return int(after.partition(b"\r\n")[0])


async def _load(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Measured:
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    opened = [
        await loop.create_connection(
            lambda: _Connection(requests, started + seconds), "127.0.0.1", port
        )
        for _ in range(connections)
    ]
    clients = [client for _, client in opened]
    async with asyncio.timeout(seconds + PATIENCE):
        await asyncio.gather(*(client.done for client in clients))
    return Measured(
        answers=sum(client.answers for client in clients),
        refused=sum(client.refused for client in clients),
        seconds=time.perf_counter() - started,
        first_refusal=next((c.first_refusal for c in clients if c.first_refusal), b""),
    )
