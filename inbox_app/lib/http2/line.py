"""One connection to a server, and the exchanges that share it."""

from __future__ import annotations

import asyncio
from typing import Protocol, cast

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    RemoteSettingsChanged,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings

from inbox_app.lib.http import Blocked
from inbox_app.lib.http2.exchange import Exchange
from inbox_app.lib.http2.frames import Cutter, last_taken

MOST_AT_ONCE = 256
"""Exchanges on a line, where the server would take more."""
# What a server says too much or writes oddly in its headers does no harm here, and is no reason to
# lose a line with everything on it.
CONFIG = H2Configuration(client_side=True, validate_inbound_headers=False)


class Keeper(Protocol):
    """Whoever gives a line its exchanges."""

    def changed(self) -> None:
        """A line may have room, or none any more."""
        ...

    def unprocessed(self, exchange: Exchange) -> None:
        """A line got rid of an exchange of which the server certainly did nothing."""
        ...


class Line(asyncio.Protocol):
    """Feeds h2 with what comes, and hands on what comes of it; nothing here waits.

    A server's goodbye is kept from h2, which would take it for the end of the line: what was sent
    until then is still answered (RFC 9113, section 6.8).

    Args:
        idle_seconds: How long it stays open without an exchange.

    Attributes:
        ready: Done when the server has sent its settings, which come before all else (RFC 9113,
            section 3.4): it speaks HTTP/2, and how much it takes at once is known. False: it was
            lost before that.
        lost: Done when its socket is closed.
    """

    def __init__(self, keeper: Keeper, idle_seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[bool] = self._loop.create_future()
        self.lost: asyncio.Future[None] = self._loop.create_future()
        self._keeper = keeper
        self._idle_seconds = idle_seconds
        self._transport: asyncio.Transport | None = None
        self._h2 = _connection()
        self._cutter = Cutter()
        self._open: dict[int, Exchange] = {}
        self._unwritten: list[Exchange] = []
        self._limit = 0
        self._leaving = self._ended = self._paused = self._flushing = False
        self._heard = 0
        self._rest: asyncio.TimerHandle | None = None

    @property
    def takes_more(self) -> bool:
        """Whether exchanges may be put on it, now or when some others are over."""
        closing = self._transport is None or self._transport.is_closing()
        return not (self._leaving or self._ended or closing)

    @property
    def has_room(self) -> bool:
        """Whether an exchange can be put on it now."""
        return len(self._open) < self._limit and not self._paused and self.takes_more

    @property
    def idle(self) -> bool:
        """Whether nothing is on it."""
        return not self._open

    @property
    def used(self) -> bool:
        """Whether anything was ever put on it."""
        return self._h2.highest_outbound_stream_id > 0

    def begin(self, exchange: Exchange) -> None:
        """Sends a request; there has to be room."""
        self._stop_resting()
        stream = self._h2.get_next_available_stream_id()
        exchange.begin(self._heard)
        try:
            self._h2.send_headers(stream, exchange.head)
        except ProtocolError:
            # Half of its head may be in the tables both sides share.
            exchange.fail(Blocked(f"{exchange.host}: a header is refused"))
            self._leave()
            return
        self._open[stream] = exchange
        self._send_body(stream, exchange)
        self._flush_soon()
        if stream == H2Connection.HIGHEST_ALLOWED_STREAM_ID:
            self._leave()

    def give_up(self, exchange: Exchange, *, late: bool) -> None:
        """Tells the server that nobody waits for an answer any more.

        Args:
            late: Its time is over. If the server has not answered anything meanwhile, nothing new
                is put on the line: what is on it may end.
        """
        stream = next((each for each, mine in self._open.items() if mine is exchange), None)
        if stream is None:
            return
        self._cancel(stream)
        if late and self._heard == exchange.heard_before:
            self._leaving = True
        self._forget(stream)
        # At once, so that it is known whether it was written.
        self._flush()

    def close(self) -> None:
        """Says goodbye; what is on it breaks off."""
        if self._ended or self._transport is None:
            return
        self._h2.close_connection()
        self._end()

    def abort(self) -> None:
        """Closes it at once, in whatever state it is."""
        if self._transport is None:
            self.connection_lost(None)
        else:
            self._transport.abort()

    # What the transport tells (asyncio.Protocol).

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if self._ended:
            self._transport.abort()
        self._flush()

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        try:
            for frame in self._cutter.cut(data):
                self._hear(frame)
        except ProtocolError:
            self._end()
        else:
            self._flush()
            self._keeper.changed()

    def eof_received(self) -> None:
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._break_off()
        if not self.lost.done():
            self.lost.set_result(None)
        self._keeper.changed()

    def pause_writing(self) -> None:
        # One who does not read gets no answers to what it goes on asking either.
        self._paused = True
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._paused = False
        if self._transport is not None:
            self._transport.resume_reading()
        self._keeper.changed()

    # What the server says.

    def _hear(self, frame: bytes) -> None:
        last = last_taken(frame)
        if last is not None:
            self._hear_goodbye(last)
            return
        for event in self._h2.receive_data(frame):
            self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case ResponseReceived() | DataReceived() | StreamEnded() | StreamReset():
                self._heard += 1
                if (exchange := self._open.get(event.stream_id)) is not None:
                    self._take_answer(event, exchange)
            case WindowUpdated():
                self._send_bodies()
            case RemoteSettingsChanged():
                self._take_settings()
            case _:
                # Pings and settings are answered by h2; nothing else matters.
                pass

    def _take_answer(
        self, event: ResponseReceived | DataReceived | StreamEnded | StreamReset, exchange: Exchange
    ) -> None:
        stream = event.stream_id
        match event:
            case ResponseReceived():
                self._take_head(event, exchange)
            case DataReceived():
                self._h2.acknowledge_received_data(event.flow_controlled_length, stream)
                if exchange.hear(event.data):
                    exchange.finish(truncated=True)
                    self._hear_no_more(event)
            case StreamEnded():
                exchange.finish()
                if exchange.unsent:
                    # It was answered before all of it was read; the rest is not wanted.
                    self._cancel(stream)
                self._forget(stream)
            case StreamReset():
                self._forget(stream)
                if event.error_code == ErrorCodes.REFUSED_STREAM:
                    self._keeper.unprocessed(exchange)
                else:
                    exchange.break_off()

    def _take_head(self, event: ResponseReceived, exchange: Exchange) -> None:
        try:
            exchange.hear_head(event.headers)
        except ValueError:
            exchange.break_off()
            self._hear_no_more(event)

    def _hear_no_more(self, event: ResponseReceived | DataReceived) -> None:
        if event.stream_ended is None:
            self._cancel(event.stream_id)
        self._forget(event.stream_id)

    def _take_settings(self) -> None:
        self._limit = min(self._h2.remote_settings.max_concurrent_streams, MOST_AT_ONCE)
        self._send_bodies()
        if not self.ready.done():
            self.ready.set_result(True)
            self._start_resting()

    def _hear_goodbye(self, last: int) -> None:
        for stream in [each for each in self._open if each > last]:
            exchange = self._forget(stream)
            self._keeper.unprocessed(exchange)
        self._leave()

    # What goes out.

    def _send_bodies(self) -> None:
        for stream, exchange in self._open.items():
            if exchange.unsent:
                self._send_body(stream, exchange)
        self._flush_soon()

    def _send_body(self, stream: int, exchange: Exchange) -> None:
        """Sends as much as the server takes now (RFC 9113, section 5.2)."""
        while True:
            window = self._h2.local_flow_control_window(stream)
            size = max(min(window, self._h2.max_outbound_frame_size), 0)
            part, exchange.unsent = exchange.unsent[:size], exchange.unsent[size:]
            if exchange.unsent and not part:
                return
            self._h2.send_data(stream, part, end_stream=not exchange.unsent)
            if not exchange.unsent:
                self._unwritten.append(exchange)
                return

    def _cancel(self, stream: int) -> None:
        self._h2.reset_stream(stream, ErrorCodes.CANCEL)

    def _flush_soon(self) -> None:
        """Writes in one go what is begun in one turn of the event loop."""
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        if self._transport is None or self._transport.is_closing():
            return
        for exchange in self._unwritten:
            exchange.written = True
        self._unwritten.clear()
        if content := self._h2.data_to_send():
            self._transport.write(content)

    # How it ends.

    def _forget(self, stream: int) -> Exchange:
        exchange = self._open.pop(stream)
        if self.idle:
            self._start_resting()
        return exchange

    def _leave(self) -> None:
        self._leaving = True
        if self.idle:
            self._start_resting()

    def _start_resting(self) -> None:
        self._stop_resting()
        wait = 0.0 if self._leaving else self._idle_seconds
        self._rest = self._loop.call_later(wait, self.close)

    def _stop_resting(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def _end(self) -> None:
        """Nothing that comes from here on is heard."""
        self._flush()
        self._ended = True
        self._break_off()
        if self._transport is not None:
            self._transport.close()
        self._keeper.changed()

    def _break_off(self) -> None:
        self._stop_resting()
        if not self.ready.done():
            self.ready.set_result(False)
        opened, self._open = list(self._open.values()), {}
        for exchange in opened:
            if exchange.written:
                exchange.break_off()
            else:
                self._keeper.unprocessed(exchange)


def _connection() -> H2Connection:
    """One whose first words wait to be sent: no answers are to be pushed."""
    made = H2Connection(CONFIG)
    given = {SettingCodes.ENABLE_PUSH: 0, SettingCodes.MAX_HEADER_LIST_SIZE: 65_536}
    made.local_settings = Settings(client=True, initial_values=given)
    made.initiate_connection()
    return made
