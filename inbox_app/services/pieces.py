"""Plain text as pieces that can be shown, with its addresses as links."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from inbox_app.services.views import Piece

# Ends before the punctuation and the closing bracket that belong to the sentence around it.
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'`]*[^\s<>\"'`.,;:!?)\]}]", re.IGNORECASE)


def pieces(text: str) -> list[Piece]:
    """Splits a text at its http(s) addresses; joined, the pieces are the text again."""
    found: list[Piece] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        if not host(match[0]):
            continue
        if match.start() > end:
            found.append(Piece(text[end : match.start()]))
        found.append(Piece(match[0], match[0]))
        end = match.end()
    return [*found, Piece(text[end:])] if end < len(text) else found


def host(url: str) -> str:
    """The host an address leads to, without "www.", or "" when it is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
