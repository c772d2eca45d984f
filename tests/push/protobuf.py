"""As much of Protocol Buffers' wire format as Chromium's push channel needs.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum


class Wire(IntEnum):
    """How the value of a field is written."""

    VARINT = 0
    FIXED64 = 1
    BYTES = 2
    FIXED32 = 5


@dataclass(frozen=True)
class Fixed64:
    """A number that takes eight bytes."""

    value: int


Value = int | Fixed64 | bytes | str
Decoded = Mapping[int, list[int | bytes]]
"""The values of each field by its number; of one that is missing there are none."""


def encoded(*fields: tuple[int, Value]) -> bytes:
    """A message of these fields; one that is repeated appears more than once."""
    return b"".join(_field(number, value) for number, value in fields)


def decoded(message: bytes) -> Decoded:
    """The fields of a message.

    Raises:
        ValueError, IndexError: it is none.
    """
    found: dict[int, list[int | bytes]] = {}
    for number, value in _fields(message):
        found.setdefault(number, []).append(value)
    return found


def number_of(fields: Decoded, number: int) -> int:
    """The number in a field, 0 when it is missing, as the format has it."""
    values = fields.get(number, [])
    return values[-1] if values and isinstance(values[-1], int) else 0


def bytes_of(fields: Decoded, number: int) -> list[bytes]:
    """All that is in a field of bytes or texts."""
    return [each for each in fields.get(number, []) if isinstance(each, bytes)]


def varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; all but the last byte have the highest bit set."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


def _field(number: int, value: Value) -> bytes:
    if isinstance(value, Fixed64):
        return varint(number << 3 | Wire.FIXED64) + value.value.to_bytes(8, "little")
    if isinstance(value, int):
        return varint(number << 3 | Wire.VARINT) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | Wire.BYTES) + varint(len(content)) + content


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    place = 0
    while place < len(message):
        tag, place = _varint_at(message, place)
        wire, value = Wire(tag & 7), b""
        if wire is Wire.VARINT:
            value, place = _varint_at(message, place)
        elif wire is Wire.BYTES:
            size, place = _varint_at(message, place)
            value, place = message[place : place + size], place + size
        else:
            size = 8 if wire is Wire.FIXED64 else 4
            value, place = int.from_bytes(message[place : place + size], "little"), place + size
        yield tag >> 3, value


def _varint_at(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
