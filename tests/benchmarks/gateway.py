"""A gateway in a process of its own that takes every message at once.

``python -m tests.benchmarks.gateway`` listens on a free port and prints it.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import uvloop

from inbox_app.cli.frontend import ROOT

END_OF_HEADERS = b"\r\n\r\n"
LENGTH = b"content-length:"
BODY = b'{"id":"1"}'
TAKEN = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


@dataclass(frozen=True)
class Tally:
    """What a gateway has seen since it was last asked to forget.

    Attributes:
        count: Messages.
        first: When the first of them came, seconds of the machine's monotonic clock.
        last: The same of the newest one.
    """

    count: int
    first: float
    last: float


@dataclass(frozen=True)
class Gateway:
    """A running gateway."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/sms"

    def tally(self) -> Tally:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/tally") as answer:
            return Tally(**json.load(answer))

    def forget(self) -> None:
        """Counts from 0 again."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/forget"):
            return


@contextmanager
def gateway() -> Generator[Gateway]:
    command = [sys.executable, "-m", "tests.benchmarks.gateway"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield Gateway(int(process.stdout.readline()))
        finally:
            process.terminate()


class _Counter:
    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.count, self.first, self.last = 0, 0.0, 0.0

    def note(self) -> None:
        self.last = time.monotonic()
        self.first = self.first or self.last
        self.count += 1


class _Line(asyncio.Protocol):
    def __init__(self, counter: _Counter) -> None:
        self._counter = counter
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not an instance: uvloop's transports are classes of their own.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        assert self._transport
        self._received += data
        while True:
            head, found, rest = self._received.partition(END_OF_HEADERS)
            length = _length(head)
            if not found or len(rest) < length:
                return
            self._received = rest[length:]
            self._transport.write(self._answer(head))

    def _answer(self, head: bytes) -> bytes:
        if head.startswith(b"POST"):
            self._counter.note()
            return TAKEN
        if head.startswith(b"GET /forget"):
            self._counter.forget()
        body = json.dumps(vars(self._counter)).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def _length(head: bytes) -> int:
    _, found, after = head.lower().partition(LENGTH)
    return int(after.partition(b"\r\n")[0]) if found else 0


async def _listen() -> None:
    counter = _Counter()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Line(counter), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - read by the parent
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_listen())
