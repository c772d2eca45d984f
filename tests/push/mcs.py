"""The push service of Chromium, its part that delivers: the Mobile Connection Server protocol.

Frames are a tag, a length and a message of Protocol Buffers, over TLS. Numbers of tags and fields:
https://chromium.googlesource.com/chromium/src/+/main/google_apis/gcm/protocol/mcs.proto
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from enum import IntEnum
from typing import Final

from tests.push import protobuf
from tests.push.lines import Lines
from tests.push.protobuf import Decoded, Value
from tests.push.store import Message, Verdict

VERSION: Final = 41
STREAM_ACK: Final = 13


class Tag(IntEnum):
    """What a frame holds."""

    HEARTBEAT_PING = 0
    HEARTBEAT_ACK = 1
    LOGIN_REQUEST = 2
    LOGIN_RESPONSE = 3
    IQ_STANZA = 7
    DATA_MESSAGE = 8


class Mcs:
    """Serves browsers, one conversation each."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one browser for as long as it is connected."""
        await reader.readexactly(1)
        writer.write(bytes([VERSION]))
        line = _Line(writer)
        tag, login = await _frame(reader)
        assert tag == Tag.LOGIN_REQUEST
        for seen in protobuf.bytes_of(login, 10):
            self._lines.store.judged(seen.decode(), Verdict.DELIVERED)
        await line.greet(login)
        client = protobuf.bytes_of(login, 3)[0].decode()
        async with self._lines.connected(client, line):
            await _Conversation(reader, line, self._lines).go_on()


class _Line:
    """The way to one browser.

    Attributes:
        read: Frames that came from it.
        sent: What went to it, in this order; None: no message.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.read = 1
        self.sent: list[Message | None] = []

    async def greet(self, login: Decoded) -> None:
        request_id = protobuf.bytes_of(login, 1)[0]
        now = int(time.time() * 1000)
        await self.write(Tag.LOGIN_RESPONSE, (1, request_id), (6, self.read), (8, now))

    async def send(self, message: Message) -> None:
        subscription = message.subscription
        pairs = {"subtype": subscription.channel}
        if message.body:
            pairs["content-encoding"] = "aes128gcm"
        await self.write(
            Tag.DATA_MESSAGE,
            (3, subscription.key),
            (5, subscription.app),
            *((7, protobuf.encoded((1, name), (2, value))) for name, value in pairs.items()),
            (9, message.id),
            (11, self.read),
            (17, message.ttl),
            (18, int(time.time())),
            *([(21, message.body)] if message.body else []),
            # At once, not with the next heartbeat.
            (24, 1),
            message=message,
        )

    async def write(
        self, tag: Tag, *fields: tuple[int, Value], message: Message | None = None
    ) -> None:
        content = protobuf.encoded(*fields)
        self.sent.append(message)
        self._writer.write(bytes([tag]) + protobuf.varint(len(content)) + content)
        await self._writer.drain()

    async def close(self) -> None:
        self._writer.transport.abort()


class _Conversation:
    """What one browser says after its login."""

    def __init__(self, reader: asyncio.StreamReader, line: _Line, lines: Lines) -> None:
        self._reader, self._line, self._store = reader, line, lines.store
        self._answers: Mapping[int, Callable[[Decoded], Awaitable[None]]] = {
            Tag.HEARTBEAT_PING: self._ping,
            Tag.IQ_STANZA: self._stanza,
        }

    async def go_on(self) -> None:
        """Answers frames until the connection ends."""
        while True:
            tag, fields = await _frame(self._reader)
            self._line.read += 1
            if answer := self._answers.get(tag):
                await answer(fields)

    async def _ping(self, _: Decoded) -> None:
        await self._line.write(Tag.HEARTBEAT_ACK, (2, self._line.read))

    async def _stanza(self, fields: Decoded) -> None:
        """Its extension may be a stream ack: the browser has so many frames of ours."""
        extensions = (protobuf.decoded(each) for each in protobuf.bytes_of(fields, 7))
        if STREAM_ACK not in {protobuf.number_of(each, 1) for each in extensions}:
            return
        for place in range(protobuf.number_of(fields, 10)):
            message, self._line.sent[place] = self._line.sent[place], None
            if message:
                self._store.judged(message.id, Verdict.DELIVERED)


async def _frame(reader: asyncio.StreamReader) -> tuple[int, Decoded]:
    tag = (await reader.readexactly(1))[0]
    size = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        size, shift = size | (byte & 0x7F) << shift, shift + 7
        if byte < 0x80:
            return tag, protobuf.decoded(await reader.readexactly(size))
