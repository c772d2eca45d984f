"""A connection, by itself: whatever a server says and when, each exchange ends once and rightly."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, DataReceived, RequestReceived, StreamEnded, StreamReset
from h2.settings import SettingCodes
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.lib.http import Answer, Blocked, ConnectFailed, HttpError, Interrupted
from inbox_app.lib.http2.exchange import Exchange
from inbox_app.lib.http2.line import Line
from tests.standins.http2 import HIGHEST, goodbye

HEAD = [(b":method", b"POST"), (b":scheme", b"https"), (b":authority", b"x"), (b":path", b"/")]
HOST = "push.example"


class Wire(asyncio.Transport):
    """Where a line writes; nothing leaves the process."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.closed = False
        self.heeded = True

    def pause_reading(self) -> None:
        self.heeded = False

    def resume_reading(self) -> None:
        self.heeded = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True


class Returned(list[Exchange]):
    """Keeps what a line got rid of."""

    def changed(self) -> None:
        """Nothing waits."""

    def unprocessed(self, exchange: Exchange) -> None:
        self.append(exchange)


@dataclass
class Sides:
    """A line and the server at its other end, which takes what arrives whole.

    Attributes:
        said: What the server said that the line has not heard yet.
        complete: The streams of requests that arrived whole.
        answered: What it answered in full.
        left_out: Streams of which it said that it does nothing of them.
        last: The highest stream it still takes.
        left: The line has said goodbye.
        untouched: What callers who ran out of time were told that nothing came of it.
    """

    wire: Wire = field(default_factory=Wire)
    returned: Returned = field(default_factory=Returned)
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    streams: dict[int, int] = field(default_factory=dict[int, int])
    said: bytearray = field(default_factory=bytearray)
    complete: set[int] = field(default_factory=set[int])
    open: set[int] = field(default_factory=set[int])
    answered: dict[int, bytes] = field(default_factory=dict[int, bytes])
    left_out: set[int] = field(default_factory=set[int])
    last: int = HIGHEST
    left: bool = False
    untouched: list[Exchange] = field(default_factory=list[Exchange])

    def __post_init__(self) -> None:
        self.line = Line(self.returned, 60)
        self.h2 = H2Connection(H2Configuration(client_side=False))
        self.h2.initiate_connection()
        self.line.connection_made(self.wire)
        self.deliver(1_000)

    async def begin(self, size: int) -> None:
        if self.line.has_room:
            exchange = Exchange(HEAD, b"x" * size, 1_000, HOST)
            self.streams[1 + 2 * len(self.exchanges)] = len(self.exchanges)
            self.exchanges.append(exchange)
            self.line.begin(exchange)

    def deliver(self, size: int) -> None:
        """The line hears so many bytes, the server all that was written."""
        self.said += self.h2.data_to_send()
        part, self.said = bytes(self.said[:size]), self.said[size:]
        self.line.data_received(part)
        written, self.wire.written = bytes(self.wire.written), bytearray()
        for event in self.h2.receive_data(written):
            match event:
                case RequestReceived():
                    self.open.add(event.stream_id)
                case DataReceived():
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case StreamEnded():
                    self.complete.add(event.stream_id)
                case StreamReset():
                    self.open.discard(event.stream_id)
                case ConnectionTerminated():
                    self.left = True
                case _:
                    pass

    def one(self, which: int) -> int | None:
        taken = [] if self.left else sorted(each for each in self.open if each <= self.last)
        return taken[which % len(taken)] if taken else None

    def answer(self, which: int) -> None:
        if (stream := self.one(which)) is not None:
            body = str(stream).encode()
            self.h2.send_headers(stream, [(":status", "200")])
            self.h2.send_data(stream, body, end_stream=True)
            self.open.discard(stream)
            self.answered[stream] = body

    def reset(self, which: int, code: ErrorCodes) -> None:
        if (stream := self.one(which)) is not None:
            self.h2.reset_stream(stream, code)
            self.open.discard(stream)
            if code is ErrorCodes.REFUSED_STREAM:
                self.left_out.add(stream)

    def leave(self, which: int) -> None:
        self.last = min(self.last, self.one(which) or 0)
        self.said += self.h2.data_to_send() + goodbye(self.last)

    def set(self, code: SettingCodes, value: int) -> None:
        if not self.left:
            self.h2.update_settings({code: value})

    def give_up(self, which: int, *, late: bool) -> None:
        if self.exchanges:
            exchange = self.exchanges[which % len(self.exchanges)]
            if not exchange.over and exchange not in self.returned:
                exchange.answer.cancel()
                self.line.give_up(exchange, late=late)
                with suppress(Interrupted):
                    self._time_out(exchange)

    def _time_out(self, exchange: Exchange) -> None:
        try:
            exchange.time_out()
        except ConnectFailed:
            self.untouched.append(exchange)

    def check(self) -> None:
        for stream, number in self.streams.items():
            exchange = self.exchanges[number]
            assert exchange.over != (exchange in self.returned)
            if exchange in self.returned:
                untouched = stream in self.left_out or stream > self.last
                assert untouched or stream not in self.complete
            elif exchange.answer.cancelled():
                assert exchange not in self.untouched or stream not in self.complete
            else:
                self._check_outcome(stream, exchange.answer)

    def _check_outcome(self, stream: int, answer: asyncio.Future[Answer]) -> None:
        error = answer.exception()
        if error is None:
            found = answer.result()
            assert (found.body, found.truncated) == (self.answered[stream], False)
        else:
            assert isinstance(error, HttpError)
            # What may have been processed is not said to be untouched.
            assert isinstance(error, Interrupted) or stream not in self.complete


WHICH = st.integers(0, 20)
STEP = st.one_of(
    st.tuples(st.just("begin"), st.integers(0, 40)),
    st.tuples(st.just("begin"), st.just(3)),
    st.tuples(st.just("deliver"), st.integers(0, 400)),
    st.tuples(st.just("deliver"), st.just(10_000)),
    st.tuples(st.just("turn"), st.just(0)),
    st.tuples(st.just("answer"), WHICH),
    st.tuples(st.just("refuse"), WHICH),
    st.tuples(st.just("break"), WHICH),
    st.tuples(st.just("leave"), WHICH),
    st.tuples(st.just("at once"), st.integers(0, 5)),
    st.tuples(st.just("window"), st.integers(0, 20)),
    st.tuples(st.just("give up"), WHICH),
    st.tuples(st.just("late"), WHICH),
)


async def take(sides: Sides, step: str, number: int) -> None:
    match step:
        case "begin":
            await sides.begin(number)
        case "deliver":
            sides.deliver(number)
        case "turn":
            await asyncio.sleep(0)
        case "answer":
            sides.answer(number)
        case "refuse":
            sides.reset(number, ErrorCodes.REFUSED_STREAM)
        case "break":
            sides.reset(number, ErrorCodes.INTERNAL_ERROR)
        case "leave":
            sides.leave(number)
        case "at once":
            sides.set(SettingCodes.MAX_CONCURRENT_STREAMS, number)
        case "window":
            sides.set(SettingCodes.INITIAL_WINDOW_SIZE, number)
        case _:
            sides.give_up(number, late=step == "late")


@given(st.lists(STEP, max_size=60))
async def test_each_exchange_ends_once_and_rightly(steps: list[tuple[str, int]]):
    sides = Sides()
    for step, number in steps:
        await take(sides, step, number)
    # What is under way arrives; then the line is lost.
    for _ in range(3):
        await asyncio.sleep(0)
        sides.deliver(1_000_000)
    sides.line.connection_lost(None)
    sides.check()


def framed(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


NONSENSE = st.one_of(
    st.binary(max_size=60),
    st.builds(
        framed,
        st.integers(0, 11),
        st.sampled_from([0, 1, 4, 5, 8, 13, 32, 45, 255]),
        st.integers(0, 7),
        st.binary(max_size=20),
    ),
)


@given(st.lists(NONSENSE, max_size=5))
async def test_no_nonsense_does_more_than_end_the_line(said: list[bytes]):
    sides = Sides()
    for size in (0, 5, 100_000):
        await sides.begin(size)
    await asyncio.sleep(0)
    for each in said:
        sides.line.data_received(each)
    for exchange in sides.exchanges[:2]:
        sides.line.give_up(exchange, late=False)
    sides.line.connection_lost(None)
    for number, exchange in enumerate(sides.exchanges):
        error = exchange.answer.exception() if exchange.over else None
        assert error is None or isinstance(error, HttpError)
        assert number < 2 or exchange.over != (exchange in sides.returned)


async def test_a_frame_that_is_too_long_ends_the_line():
    sides = Sides()
    await sides.begin(5)
    await asyncio.sleep(0)
    sides.line.data_received((16_385).to_bytes(3) + bytes(6))
    assert sides.wire.closed
    with pytest.raises(Interrupted):
        sides.exchanges[0].answer.result()


async def test_a_server_that_does_not_read_is_not_listened_to():
    sides = Sides()
    sides.line.pause_writing()
    assert (sides.line.has_room, sides.wire.heeded) == (False, False)
    sides.line.resume_writing()
    assert (sides.line.has_room, sides.wire.heeded) == (True, True)


async def test_a_head_that_h2_refuses_ends_the_line_for_others():
    sides = Sides()
    exchange = Exchange([*HEAD, (b":path", b"/")], b"", 1_000, HOST)
    sides.line.begin(exchange)
    with pytest.raises(Blocked, match=HOST):
        exchange.answer.result()
    assert not sides.line.takes_more


async def test_a_line_that_has_no_numbers_left_takes_no_more():
    sides = Sides()
    sides.line._h2.highest_outbound_stream_id = HIGHEST - 2  # pyright: ignore[reportPrivateUsage]
    await sides.begin(5)
    assert not sides.line.takes_more
