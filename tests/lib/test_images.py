"""Pictures from people: what is harmless is written anew, everything else is refused."""

from __future__ import annotations

import asyncio
import base64
import struct
import subprocess
import sys
import zlib
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from inbox_app.lib.images import LARGEST, MOST_PIXELS, BadPicture, clean, cleaned

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
GPS, ORIENTATION = 0x8825, 0x0112


# 8,000 by 5,000 pixels of nothing in 38 bytes.
LARGE_WEBP = bytes.fromhex(
    "524946461e000000574542505650384c110000002f3fdfe1040750b22257a6ff8188e87f0000"
)
MEASURED = """
import base64, sys
from pathlib import Path
from inbox_app.lib.images import cleaned

cleaned(base64.b64decode(sys.stdin.read()))
said = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in said.splitlines() if line.startswith("VmHWM:")))
"""


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), **options: Any) -> bytes:
    out = BytesIO()
    Image.new(options.pop("mode", "RGB"), size, options.pop("color", "red")).save(
        out, kind, **options
    )
    return out.getvalue()


def animation(kind: str) -> bytes:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "green", "blue")]
    out = BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=50)
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says how large it is and holds next to nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(b"\0" * 100)), chunk(b"IEND", b"")]
    )


@pytest.mark.parametrize(
    ("kind", "stored_as"),
    [("PNG", "png"), ("JPEG", "jpeg"), ("GIF", "png"), ("WEBP", "webp")],
)
def test_the_four_kinds_are_taken(kind: str, stored_as: str):
    found = cleaned(picture(kind))
    assert (found.content_type, found.width, found.height) == (f"image/{stored_as}", 40, 20)
    with Image.open(BytesIO(found.data)) as again:
        assert (again.format or "").lower() == stored_as
        assert again.size == (40, 20)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_it_says_beside_its_pixels_is_gone_and_it_stands_upright(kind: str):
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010E] = "secret words"
    exif.get_ifd(GPS)[1] = "N"
    found = cleaned(picture(kind, exif=exif))
    assert (found.width, found.height) == (20, 40)
    with Image.open(BytesIO(found.data)) as again:
        assert not again.getexif()
    assert b"secret" not in found.data


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_of_an_animation_the_first_frame_is_kept(kind: str):
    with Image.open(BytesIO(cleaned(animation(kind)).data)) as again:
        assert getattr(again, "n_frames", 1) == 1
        red, *others = again.convert("RGB").tobytes()[:3]
        assert red > 200
        assert max(others) < 60


def test_what_is_see_through_stays_so():
    found = cleaned(picture("PNG", mode="RGBA", color=(0, 0, 0, 0)))
    with Image.open(BytesIO(found.data)) as again:
        assert again.mode == "RGBA"


def test_grey_in_sixteen_bits_keeps_its_shades():
    shades = struct.pack("<4H", 0, 64 << 8, 128 << 8, 65_535)
    out = BytesIO()
    Image.frombytes("I;16", (4, 1), shades).save(out, "PNG", transparency=70_000 >> 1)
    with Image.open(BytesIO(cleaned(out.getvalue()).data)) as again:
        assert list(again.convert("L").tobytes()) == [0, 64, 128, 255]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_largest_picture_takes_no_more_memory_than_it_must(kind: str):
    turned = Image.Exif()
    turned[ORIENTATION] = 6
    options = {"lossless": True, "method": 0} if kind == "WEBP" else {}
    data = picture(kind, (4_000, MOST_PIXELS // 4_000), exif=turned, **options)
    # In a process of its own: what this one once needed stays with it.
    kilobytes = subprocess.run(
        [sys.executable, "-c", MEASURED],
        input=base64.b64encode(data).decode(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert int(kilobytes) < 280_000


async def test_pictures_that_wait_for_their_turn_keep_nothing_else_waiting():
    data = picture("PNG", (1_500, 1_000))
    waiting = [asyncio.create_task(clean(data)) for _ in range(40)]
    await asyncio.sleep(0)
    await asyncio.get_running_loop().getaddrinfo("localhost", 80)
    done = sum(task.done() for task in waiting)
    for task in waiting:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert done < 20


def test_what_hangs_on_to_a_picture_is_gone():
    found = cleaned(picture("PNG") + b"PK\x03\x04<script>alert(1)</script>")
    assert b"script" not in found.data


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(SVG, id="SVG"),
        pytest.param(b"<?xml version='1.0'?>" + SVG, id="SVG with a head"),
        pytest.param(picture("BMP"), id="BMP"),
        pytest.param(picture("TIFF"), id="TIFF"),
        pytest.param(b"GIF89a" + SVG, id="GIF by name only"),
        pytest.param(b"RIFF\0\0\0\0WAVEfmt ", id="sound"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0", id="PostScript"),
        pytest.param(picture("JPEG", (200, 200))[:-400], id="JPEG cut short"),
        pytest.param(picture("PNG", (200, 200))[:-60], id="PNG cut short"),
        pytest.param(png_of(60_000, 60_000), id="huge"),
        pytest.param(png_of(8_000, 6_000), id="large"),
        pytest.param(LARGE_WEBP, id="large in next to no bytes"),
        pytest.param(png_of(2**31 - 1, 1), id="wide"),
        pytest.param(png_of(0, 0), id="nothing"),
        pytest.param(picture("PNG") + b"\0" * LARGEST, id="heavy"),
    ],
)
def test_everything_else_is_refused_in_words(data: bytes):
    with pytest.raises(BadPicture) as refused:
        cleaned(data)
    assert str(refused.value)


@settings(max_examples=150)
@given(st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]), st.data())
def test_damaged_bytes_are_refused_or_become_a_sound_picture(kind: str, data: st.DataObject):
    raw = bytearray(picture(kind, (30, 30)))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = cleaned(bytes(raw))
    except BadPicture:
        return
    with Image.open(BytesIO(found.data)) as again:
        again.load()
