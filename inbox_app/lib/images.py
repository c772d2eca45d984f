"""Pictures from people, made safe to store and to show.

A picture is decoded and written anew: what it carries beside its pixels (where it was taken, who
took it, anything after its end) is gone. Of an animation the first frame is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

LARGEST = 5_000_000
"""Bytes."""
MOST_PIXELS = 13_000_000
"""What telephones take; some 220 MB of memory while a WebP of that size is written anew."""
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
# One at a time, since each takes much memory; not in the threads that look up names, which pictures
# that wait for their turn would hold.
_worker = ThreadPoolExecutor(1, "pictures")


class BadPicture(Exception):
    """The data cannot be taken; the message is for people."""


@dataclass(frozen=True)
class Picture:
    """A picture as it is stored."""

    data: bytes
    content_type: str
    width: int
    height: int


async def clean(data: bytes) -> Picture:
    """`cleaned` beside the event loop, when it is its turn."""
    return await asyncio.get_running_loop().run_in_executor(_worker, cleaned, data)


def cleaned(data: bytes) -> Picture:
    """The picture by itself, upright. May take seconds, and hundreds of megabytes.

    Raises:
        BadPicture: no picture of a known kind, broken, or too large.
    """
    if len(data) > LARGEST:
        raise BadPicture(f"The picture is larger than {LARGEST // 1_000_000} MB.")
    kind = next((name for name, starts in _STARTS.items() if data.startswith(starts)), None)
    if kind is None:
        raise BadPicture("This is no PNG, JPEG, GIF or WebP picture.")
    try:
        plain = _plain(data, kind)
        return _written(plain, _STORED_AS[kind])
    except _BROKEN as error:
        raise BadPicture("The picture is damaged.") from error


def _plain(data: bytes, kind: str) -> Image.Image:
    """The pixels, upright; what decoded them is given back when this ends."""
    with Image.open(BytesIO(data), formats=[kind]) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            most = MOST_PIXELS // 1_000_000
            raise BadPicture(f"The picture has more than {most} million pixels.")
        opened.load()
        ImageOps.exif_transpose(opened, in_place=True)
        clear = opened.has_transparency_data
        plain = _in_bytes(opened).convert("RGBA" if clear and kind != "JPEG" else "RGB")
    plain.info = {}
    return plain


def _in_bytes(image: Image.Image) -> Image.Image:
    """Grey in 16 bits as grey in 8: Pillow would make everything white but the darkest."""
    if not image.mode.startswith("I;16"):
        return image
    # Which grey is transparent is said in 16 bits as well.
    image.info.pop("transparency", None)
    # Pillow does not give all its types.
    darker = image.point(lambda grey: grey / 256)  # pyright: ignore[reportUnknownMemberType]
    return darker.convert("L")


def _written(plain: Image.Image, stored_as: str) -> Picture:
    out = BytesIO()
    plain.save(out, stored_as, **({} if stored_as == "PNG" else {"quality": 88}))
    if out.tell() > LARGEST_STORED:
        raise BadPicture("The picture has too many details.")
    return Picture(out.getvalue(), _TYPES[stored_as], plain.width, plain.height)
