"""Texts and links made fit to leave: within limits, on one line, leading to the web."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from inbox_app.domain.errors import InvalidInput

MAX_URL = 2_048
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
PLAIN_LINK = re.compile(r"https?://[a-z0-9][a-z0-9.-]*(?:/[\w.~/?&=%#+-]*)?", re.ASCII)
"""What most links look like; only others are taken apart."""
C0 = re.compile(r"[\x00-\x1f]")
SURROGATE = re.compile(r"[\ud800-\udfff]")


def encodable(text: str) -> str:
    """The text without halves of characters, which cannot be written as UTF-8."""
    return text if text.isascii() else SURROGATE.sub("\ufffd", text)


def printable(text: str) -> str:
    """The text without control characters but for tabs and line ends."""
    return UNPRINTABLE.sub("", encodable(text))


def one_line(text: str) -> str:
    """The text on one line.

    A line end in a mail header would begin another header (RFC 5322, section 2.2).
    """
    return " ".join(CONTROL.sub(" ", encodable(text)).split())


def shortened(text: str, most: int) -> str:
    """At most so many characters, with an ellipsis where it was cut."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "\u2026"


def limited(name: str, text: str, most: int) -> str:
    """The text; raises InvalidInput when it has more than so many characters."""
    if len(text) > most:
        raise InvalidInput(
            f"{name} has {len(text):,} characters once merged.",
            fix=f"Keep it to {most:,} characters.",
        )
    return text


def web_link(name: str, url: str) -> str:
    """A link to the web or to a path on the host; anything else could run as script."""
    url = limited(name, url.strip(), MAX_URL)
    if not url or PLAIN_LINK.fullmatch(url):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = None
    web = parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)
    path = url.startswith("/") and not url.startswith(("//", "/\\"))
    if not (web or path) or C0.search(url):
        raise InvalidInput(
            f"{name} does not lead to the web: {url[:80]!r}.",
            fix="Use an address that starts with https://, http:// or a single /.",
        )
    return url
