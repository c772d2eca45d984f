"""Mail that comes in: who wrote it, whether a person did, and what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from html.parser import HTMLParser

from inbox_app.channels.mail.fields import address, kept
from inbox_app.channels.mail.quoted import written

NOBODY = {"", "<>", "mailer-daemon", "postmaster"}
"""Who mail comes back from (RFC 5321, 4.5.5)."""
BULK = {"bulk", "auto_reply", "junk", "list"}
AUTOMATIC = ("x-autoreply", "x-autorespond", "x-autoresponder")
"""Headers that programs set which answer by themselves."""
LEFT_OUT = {"script", "style", "head", "title", "blockquote"}
BREAKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "table"}
QUOTE_MARKS = re.compile(r"\b(?:gmail_quote|yahoo_quoted|moz-cite-prefix|divRplyFwdMsg)\b")
"""How web mail marks what it quotes, as class or id."""
NO_CONTENT = {"br", "img", "hr", "input", "meta", "link", "wbr", "col", "area", "base"}


def headers_of(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by names in lower case; of several of one name the first."""
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(name.strip().lower(), value.strip())
    return found


def is_automatic(headers: Mapping[str, str], envelope_from: str) -> bool:
    """Whether no person wrote it: bounces, absence notes, lists (RFC 3834, 2 and 5).

    Args:
        headers: Names in lower case.
        envelope_from: Who the mail comes back to, "" or ``<>`` for what must not.
    """
    local = envelope_from.strip().lower().partition("@")[0]
    if local in NOBODY or headers.get("return-path") == "<>":
        return True
    submitted = headers.get("auto-submitted", "").partition(";")[0].strip().lower()
    if submitted not in {"", "no"} or headers.get("precedence", "").strip().lower() in BULK:
        return True
    kind = headers.get("content-type", "").lower()
    if kind.startswith("multipart/report"):
        return True
    return any(name in headers for name in AUTOMATIC)


def writer(headers: Mapping[str, str], envelope_from: str) -> str:
    """The address of who wrote it: the one of ``From``; the envelope's when that says none."""
    named = [found for _, found in getaddresses([headers.get("from", "")]) if "@" in found]
    return address(named[0] if len(named) == 1 else envelope_from)


def parsed(raw: bytes) -> tuple[dict[str, str], str]:
    """The headers of a message in MIME, and what was written in it."""
    message = message_from_bytes(raw)
    headers = headers_of((name, str(value)) for name, value in message.items())
    return headers, kept(written(_body(message)))


def _body(message: Message) -> str:
    """The text; of a message that has none, its HTML as text."""
    inside = [each for each in message.walk() if not each.is_multipart()]
    shown = [each for each in inside if each.get_content_disposition() != "attachment"]
    for kind in ("text/plain", "text/html"):
        found = next((each for each in shown if each.get_content_type() == kind), None)
        if found is not None:
            text = _decoded(found)
            return text_of(text) if kind == "text/html" else text
    return ""


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    try:
        return raw.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def text_of(html: str) -> str:
    """HTML as text, without what it quotes."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.pieces)).strip()


class _Reader(HTMLParser):
    """Collects text.

    Attributes:
        pieces: What was read.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._left_out: list[str] = []
        """What is open of that which is left out, and what lies in it."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        marks = " ".join(value or "" for name, value in attrs if name in {"class", "id"})
        hidden = tag in LEFT_OUT or QUOTE_MARKS.search(marks)
        if (self._left_out or hidden) and tag not in NO_CONTENT:
            self._left_out.append(tag)
        elif not self._left_out and tag in BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._left_out:
            while self._left_out.pop() != tag:
                pass
        elif tag in BREAKS and not self._left_out:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._left_out:
            self.pieces.append(re.sub(r"\s+", " ", data))
