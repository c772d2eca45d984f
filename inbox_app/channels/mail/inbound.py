"""Mail that comes in: who wrote it, whether a person did, and what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from html import unescape

import nh3

from inbox_app.channels.mail.fields import address, kept
from inbox_app.channels.mail.quoted import LONGEST, written

NOBODY = {"", "<>", "mailer-daemon", "postmaster"}
"""Who mail comes back from (RFC 5321, 4.5.5)."""
BULK = {"bulk", "auto_reply", "junk", "list"}
AUTOMATIC = ("x-autoreply", "x-autorespond", "x-autoresponder")
"""Headers that programs set which answer by themselves."""
LEFT_OUT = {"script", "style", "title", "blockquote"}
BREAKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "table"}
LONGEST_HEADER = 1_000
MOST_NESTED = 20
"""Parts with parts in them; each makes reading every line of what is inside a bit slower."""


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
    header = headers.get("from", "")[:LONGEST_HEADER]
    named = [found for _, found in getaddresses([header]) if "@" in found]
    return address(named[0] if len(named) == 1 else envelope_from)


def parsed(raw: bytes) -> tuple[dict[str, str], str]:
    """The headers of a message in MIME, and what was written in it.

    Both are empty when more lies in it than people's programs put there.
    """
    if len(re.findall(rb"multipart/", raw, re.IGNORECASE)) > MOST_NESTED:
        return {}, ""
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
    """HTML as text, without what it marks as quoted."""
    # Written for pages of strangers: what it leaves is well formed, and it takes no long time.
    plain = nh3.clean(
        html[:LONGEST], tags=BREAKS, clean_content_tags=LEFT_OUT, attributes={}, link_rel=None
    )
    text = re.sub(r"<[^<>]*>", "\n", re.sub(r"\s+", " ", plain))
    lines = (line.strip() for line in unescape(text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
