"""A server that speaks HTTP/2 over TLS and nothing else; it works off a script like `HttpStandIn`.

async with Http2StandIn(authority.server("api.push.apple.com", protocols=["h2"])) as server:
    server.script(Respond(410, body=b'{"reason": "Unregistered"}'))
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    PingAckReceived,
    RequestReceived,
    SettingsAcknowledged,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes

from tests.standins.http import Do, Request, Respond
from tests.standins.listening import Listening

HIGHEST = 2**31 - 1
JUNK = b"\x00\x00\x04\x00\x00\x00\x00\x00\x00junk"
"""A frame with data of no stream."""


class Decline(StrEnum):
    """What a server says that does nothing of a request (RFC 9113, section 8.7)."""

    REFUSE = "that it did not look at the request"
    LEAVE = "that it takes no more, and that it took nothing so far"


Action = Do | Respond | Decline
USUAL = Respond()


@dataclass
class _Line:
    """One connection."""

    writer: asyncio.StreamWriter
    h2: H2Connection
    heads: dict[int, dict[str, str]] = field(default_factory=dict[int, dict[str, str]])
    bodies: dict[int, bytes] = field(default_factory=dict[int, bytes])

    def flush(self) -> None:
        self.writer.write(self.h2.data_to_send())

    def leave(self, last: int) -> None:
        # By h2's own goodbye nothing could be answered any more.
        self.flush()
        self.writer.write(goodbye(last))


@dataclass(frozen=True)
class Stalled:
    """A request that waits for the test to answer it."""

    line: _Line
    stream: int
    request: Request

    def begin(self, respond: Respond = USUAL) -> None:
        """Answers with the head and half of the body."""
        headers = [(":status", str(respond.status))]
        headers += [(name.lower(), text) for name, text in respond.headers.items()]
        self.line.h2.send_headers(self.stream, headers)
        self.line.h2.send_data(self.stream, respond.body[: len(respond.body) // 2])
        self.line.flush()

    def end(self, respond: Respond = USUAL) -> None:
        """Answers with the other half."""
        rest = respond.body[len(respond.body) // 2 :]
        self.line.h2.send_data(self.stream, rest, end_stream=True)
        self.line.flush()

    def answer(self, respond: Respond = USUAL) -> None:
        """Answers it."""
        self.begin(respond)
        self.end(respond)

    def spoil(self) -> None:
        """Says something on its line that makes no sense."""
        self.line.writer.write(self.line.h2.data_to_send() + JUNK)


class Http2StandIn(Listening[Action, Request]):
    """A server on a free port.

    Attributes:
        pings: How often a ping was answered.
        stalled: What it did not answer, the first to come first.
        resets: The streams the client gave up, with the reason it told.
        settings: What it tells each line at its beginning, besides what is usual.
        early: What it answers before it has read a body.
    """

    def __init__(self, tls: ssl.SSLContext, usual: Action = USUAL) -> None:
        super().__init__(usual, tls)
        self.pings = 0
        self.stalled: list[Stalled] = []
        self.resets: list[tuple[int, int]] = []
        self.settings: Mapping[SettingCodes | int, int] = {}
        self.early: Respond | None = None
        self._lines: list[_Line] = []
        self._known = 0

    async def hang_up(self, *, goodbye: bool = True) -> None:
        """Closes every line, as servers do to those who are silent.

        Args:
            goodbye: Whether it says so first, as it should (RFC 9113, section 6.8).
        """
        for line in self._lines:
            if goodbye:
                line.h2.close_connection()
                line.flush()
            line.writer.transport.abort()
        await asyncio.gather(*self._open)

    def leave(self, last: int = HIGHEST) -> None:
        """Takes no more on its lines, and goes on with what came on streams up to ``last``."""
        for line in self._lines:
            line.leave(last)

    async def allow(self, settings: Mapping[SettingCodes | int, int]) -> None:
        """Tells every line, and all later ones, what goes from now on; returns when they know."""
        self.settings, known = settings, self._known
        for line in self._lines:
            line.h2.update_settings(dict(settings))
            line.flush()
        await self.until(lambda: self._known >= known + len(self._lines))

    def ping(self) -> None:
        """Asks on every line whether anybody is there."""
        for line in self._lines:
            line.h2.ping(b"anybody?")
            line.flush()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = _Line(writer, H2Connection(H2Configuration(client_side=False)))
        line.h2.local_settings.update(self.settings)
        line.h2.local_settings.acknowledge()
        line.h2.initiate_connection()
        line.flush()
        self._lines.append(line)
        try:
            while content := await reader.read(65_536):
                for event in line.h2.receive_data(content):
                    self._take(line, event)
                line.flush()
                await writer.drain()
        except ProtocolError:
            return
        finally:
            self._lines.remove(line)

    def _take(self, line: _Line, event: Event) -> None:
        if isinstance(event, RequestReceived):
            pairs = ((name.decode(), text.decode()) for name, text in event.headers or ())
            line.heads[event.stream_id] = dict(pairs)
            line.bodies[event.stream_id] = b""
            if self.early is not None:
                request = Request("POST", "", line.heads[event.stream_id], b"")
                Stalled(line, event.stream_id, request).answer(self.early)
        elif isinstance(event, DataReceived):
            line.bodies[event.stream_id] += event.data
            if self.early is None:
                size = event.flow_controlled_length
                line.h2.acknowledge_received_data(size, event.stream_id)
        elif isinstance(event, PingAckReceived):
            self.pings += 1
        elif isinstance(event, SettingsAcknowledged):
            self._known += 1
            self._tell()
        elif isinstance(event, StreamReset):
            self.resets.append((event.stream_id, int(event.error_code or 0)))
            self._tell()
        elif isinstance(event, StreamEnded):
            self._ended(line, event.stream_id)

    def _ended(self, line: _Line, stream: int) -> None:
        head = line.heads.pop(stream)
        asked = Request(head[":method"], head[":path"], head, line.bodies.pop(stream))
        waiting = Stalled(line, stream, asked)
        action = self._script.popleft() if self._script else self.usual
        match action:
            case Do.STALL:
                self.stalled.append(waiting)
            case Do.CUT_AFTER_READING:
                line.h2.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
            case Do.CUT_BEFORE_READING:
                line.writer.transport.abort()
            case Decline.REFUSE:
                line.h2.reset_stream(stream, ErrorCodes.REFUSED_STREAM)
            case Decline.LEAVE:
                line.leave(0)
            case Respond():
                waiting.answer(action)
        self._note(asked)


def goodbye(last: int) -> bytes:
    """A GOAWAY after which what came on streams up to ``last`` is still answered."""
    return (8).to_bytes(3) + b"\x07\x00" + bytes(4) + last.to_bytes(4) + bytes(4)


def reason(status: int, **body: object) -> Respond:
    """A refusal with a JSON body."""
    return Respond(status, {"content-type": "application/json"}, json.dumps(body).encode())
