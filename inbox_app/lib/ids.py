"""Identifiers. Time-ordered where a table's primary key profits from it."""

from __future__ import annotations

import os
import secrets
import threading
import time

VERSION_7 = 0x7000
VARIANT = 0x8000000000000000
LONGEST = 19
"""Digits of a key of 63 bits."""


def tracking_id() -> str:
    """A UUID version 7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then 74 random bits."""
    tail = int.from_bytes(os.urandom(10))
    high = (time.time_ns() // 1_000_000) << 16 | VERSION_7 | tail >> 68
    # Written by hand: half the time of UUID's own way, and every send waits for it.
    digits = f"{high << 64 | VARIANT | tail & 0x3FFFFFFFFFFFFFFF:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def row_id() -> int:
    """A random positive 63-bit key, made here so that rows can be linked before they are stored."""
    return secrets.randbits(63) or 1


def ordered_id() -> int:
    """A 63-bit key that grows with time: microseconds until 2112, then 11 random bits.

    Rows made one after another stand side by side, and the order of keys is that of events. Never
    twice in a process; between processes as unlikely as a crash in the same microsecond.
    """
    global _last  # noqa: PLW0603 - one process, one order
    with _one_at_a_time:
        _last = max(_last + 1, (time.time_ns() // 1_000) << 11 | secrets.randbits(11))
        return _last


_last = 0
_one_at_a_time = threading.Lock()


def token(prefix: str = "") -> str:
    """An unguessable name: ``prefix`` and 256 random bits, URL-safe."""
    return prefix + secrets.token_urlsafe(32)


def read(text: str) -> int | None:
    """A key in digits, as browsers and applications tell it; None when it can be no key."""
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST):
        return None
    return key if (key := int(text)) < 1 << 63 else None
