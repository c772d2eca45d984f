"""A server that speaks HTTP/2 over TLS and nothing else; it works off a script like `HttpStandIn`.

async with Http2StandIn(authority.server("api.push.apple.com", protocols=["h2"])) as server:
    server.script(Respond(410, body=b'{"reason": "Unregistered"}'))
"""

from __future__ import annotations

import asyncio
import json
import ssl
from dataclasses import dataclass, field

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, Event, PingAckReceived, RequestReceived, StreamEnded
from h2.exceptions import ProtocolError

from tests.standins.http import Do, Request, Respond
from tests.standins.listening import Listening

Action = Do | Respond
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


class Http2StandIn(Listening[Action, Request]):
    """A server on a free port.

    Attributes:
        pings: How often a ping was answered.
    """

    def __init__(self, tls: ssl.SSLContext, usual: Action = USUAL) -> None:
        super().__init__(usual, tls)
        self.pings = 0
        self._lines: list[_Line] = []

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

    def ping(self) -> None:
        """Asks on every line whether anybody is there."""
        for line in self._lines:
            line.h2.ping(b"anybody?")
            line.flush()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = _Line(writer, H2Connection(H2Configuration(client_side=False)))
        self._lines.append(line)
        line.h2.initiate_connection()
        line.flush()
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
            line.heads[event.stream_id or 0] = dict(pairs)
            line.bodies[event.stream_id or 0] = b""
        elif isinstance(event, DataReceived):
            stream, content = event.stream_id or 0, event.data or b""
            line.bodies[stream] += content
            line.h2.acknowledge_received_data(event.flow_controlled_length or 0, stream)
        elif isinstance(event, PingAckReceived):
            self.pings += 1
        elif isinstance(event, StreamEnded):
            self._ended(line, event.stream_id or 0)

    def _ended(self, line: _Line, stream: int) -> None:
        head = line.heads.pop(stream)
        asked = Request(head[":method"], head[":path"], head, line.bodies.pop(stream))
        self.requests.append(asked)
        action = self._script.popleft() if self._script else self.usual
        if action is Do.CUT_AFTER_READING:
            line.h2.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
        elif action is Do.CUT_BEFORE_READING:
            line.writer.transport.abort()
        elif isinstance(action, Respond):
            headers = [(":status", str(action.status))]
            headers += [(name.lower(), text) for name, text in action.headers.items()]
            line.h2.send_headers(stream, headers)
            line.h2.send_data(stream, action.body, end_stream=True)


def reason(status: int, **body: object) -> Respond:
    """A refusal with a JSON body."""
    return Respond(status, {"content-type": "application/json"}, json.dumps(body).encode())
