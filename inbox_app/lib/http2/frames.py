"""Cuts what a server says into frames, so that one may be kept from h2 (RFC 9113, section 4.1)."""

from __future__ import annotations

from collections.abc import Iterator

from h2.exceptions import FrameTooLargeError

HEAD = 9
LARGEST = 16_384
"""Bytes of a frame's payload: the usual limit, and the one that h2 tells (RFC 9113, 4.2)."""
GOAWAY = 0x7
SHORTEST_GOAWAY = 8
STREAM = 0x7FFF_FFFF


class Cutter:
    """Keeps the beginning of a frame until its end has come."""

    def __init__(self) -> None:
        self._begun = b""

    def cut(self, content: bytes) -> Iterator[bytes]:
        """The frames that are whole now.

        Raises:
            FrameTooLargeError: a frame is longer than was agreed on; what came before it was given.
        """
        content, at = self._begun + content, 0
        while len(content) - at >= HEAD:
            length = int.from_bytes(content[at : at + 3])
            if length > LARGEST:
                raise FrameTooLargeError(f"a frame of {length} bytes")
            end = at + HEAD + length
            if end > len(content):
                break
            yield content[at:end]
            at = end
        self._begun = content[at:]


def last_taken(frame: bytes) -> int | None:
    """The highest stream a server has taken or may still take, where ``frame`` says goodbye.

    The server processes what came on later streams neither now nor ever (RFC 9113, section 6.8).

    Returns:
        None for any other frame, and for one that is not well formed.
    """
    if frame[3] != GOAWAY or len(frame) < HEAD + SHORTEST_GOAWAY:
        return None
    return int.from_bytes(frame[HEAD : HEAD + 4]) & STREAM
