"""Pictures from people, made safe to store and to show.

A picture is decoded and written anew: what it carries beside its pixels (where it was taken, who
took it, anything after its end) is gone. Of an animation the first frame is kept.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

LARGEST = 5_000_000
"""Bytes."""
MOST_PIXELS = 40_000_000
LARGEST_STORED = 3 * LARGEST
"""Bytes; a format without losses may need more for the same pixels."""
_STARTS: Mapping[str, tuple[bytes, ...]] = {
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "JPEG": (b"\xff\xd8\xff",),
    "GIF": (b"GIF87a", b"GIF89a"),
    "WEBP": (b"RIFF",),
}
_STORED_AS = {"PNG": "PNG", "JPEG": "JPEG", "GIF": "PNG", "WEBP": "WEBP"}
_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
# What Pillow raises over data it did not expect.
_BROKEN = (
    *(OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError),
    *(OverflowError, MemoryError, ArithmeticError, AttributeError),
    *(Image.DecompressionBombError, Image.DecompressionBombWarning),
)
# Forty million pixels take 160 MB; two at a time would take twice that.
_one_at_a_time = threading.Lock()


class BadPicture(Exception):
    """The data cannot be taken; the message is for people."""


@dataclass(frozen=True)
class Picture:
    """A picture as it is stored."""

    data: bytes
    content_type: str
    width: int
    height: int


def cleaned(data: bytes) -> Picture:
    """The picture by itself, upright. Takes a while: call it in a thread.

    Raises:
        BadPicture: no picture of a known kind, broken, or too large.
    """
    if len(data) > LARGEST:
        raise BadPicture(f"The picture is larger than {LARGEST // 1_000_000} MB.")
    kind = next((name for name, starts in _STARTS.items() if data.startswith(starts)), None)
    if kind is None:
        raise BadPicture("This is no PNG, JPEG, GIF or WebP picture.")
    with _one_at_a_time:
        try:
            return _rewritten(data, kind)
        except _BROKEN as error:
            raise BadPicture("The picture is damaged.") from error


def _rewritten(data: bytes, kind: str) -> Picture:
    with Image.open(BytesIO(data), formats=[kind]) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            most = MOST_PIXELS // 1_000_000
            raise BadPicture(f"The picture has more than {most} million pixels.")
        opened.load()
        upright = ImageOps.exif_transpose(opened)
        clear = upright.has_transparency_data
        plain = upright.convert("RGBA" if clear and kind != "JPEG" else "RGB")
    plain.info = {}
    stored_as, out = _STORED_AS[kind], BytesIO()
    plain.save(out, stored_as, **({} if stored_as == "PNG" else {"quality": 88}))
    if out.tell() > LARGEST_STORED:
        raise BadPicture("The picture has too many details.")
    return Picture(out.getvalue(), _TYPES[stored_as], plain.width, plain.height)
