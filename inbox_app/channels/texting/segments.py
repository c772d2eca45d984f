"""How text messages are encoded and cut, which is what they cost.

The alphabet is that of 3GPP TS 23.038 (once GSM 03.38), section 6.2.1; the room that is left in the
parts of a longer message that of TS 23.040, section 9.2.3.24.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Encoding(StrEnum):
    """How the characters of a message travel."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
"""Each is a sign that announces it and a second one, which stay together."""
ALONE = {Encoding.GSM_7: 160, Encoding.UCS_2: 70}
"""Units in a message of one part: septets, or 16 bits each."""
JOINED = {Encoding.GSM_7: 153, Encoding.UCS_2: 67}
"""Units in each part of a longer one; the rest says how they belong together."""
BASIC_PLANE = 0xFFFF
"""What is beyond takes two units of UCS-2, a surrogate pair."""


@dataclass(frozen=True)
class Cut:
    """How a text travels."""

    encoding: Encoding
    segments: int

    def __str__(self) -> str:
        return f"{self.segments} segment{'' if self.segments == 1 else 's'}, {self.encoding}"


def cut(text: str) -> Cut:
    """The encoding of a text, and how many parts it makes; no character is in two of them."""
    encoding = Encoding.GSM_7 if set(text) <= BASIC | EXTENSION else Encoding.UCS_2
    sizes = [_size(sign, encoding) for sign in text]
    if sum(sizes) <= ALONE[encoding]:
        return Cut(encoding, 1)
    return Cut(encoding, _parts(sizes, JOINED[encoding]))


def _size(sign: str, encoding: Encoding) -> int:
    double = sign in EXTENSION if encoding is Encoding.GSM_7 else ord(sign) > BASIC_PLANE
    return 2 if double else 1


def _parts(sizes: Sequence[int], room: int) -> int:
    parts, used = 1, 0
    for size in sizes:
        if used + size > room:
            parts, used = parts + 1, 0
        used += size
    return parts
