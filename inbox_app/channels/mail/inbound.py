"""Mail that comes in: who wrote it, whether a person did, and what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from html import unescape
from typing import cast

import nh3

from inbox_app.channels.mail.fields import address, kept
from inbox_app.channels.mail.origin import signers_of
from inbox_app.channels.mail.quoted import LONGEST, written

NOBODY = {"", "<>", "mailer-daemon", "postmaster"}
"""Who mail comes back from (RFC 5321, 4.5.5)."""
BULK = {"bulk", "auto_reply", "junk", "list"}
AUTOMATIC = ("x-autoreply", "x-autorespond", "x-autoresponder")
"""Headers that programs set which answer by themselves."""
LEFT_OUT = {"script", "style", "title", "blockquote"}
BREAKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "table"}
LONGEST_HEADER = 1_000
NESTING = re.compile(rb"content-type:(?:\s|[^\w\r\n])*(?:multipart|message)/", re.IGNORECASE)
"""Wherever it stands, and behind whatever signs that Python's parser takes for spaces."""
MOST_NESTED = 20
"""Parts with parts in them: the parser calls itself for each, and reads each line inside slower."""


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


@dataclass(frozen=True)
class Letter:
    """A mail as far as it matters here.

    Attributes:
        headers: By names in lower case; of several of one name the first.
        signers: As `origin.Origin.signers`.
        text: What was written in it.
    """

    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    signers: tuple[str, ...] = ()
    text: str = ""


def parsed(raw: bytes) -> Letter:
    """A message in MIME; empty when more lies in it than people's programs put there."""
    if len(NESTING.findall(raw)) > MOST_NESTED:
        return Letter()
    message = message_from_bytes(raw)
    pairs = [(name, str(value)) for name, value in message.items()]
    return Letter(headers_of(pairs), signers_of(pairs), kept(written(_body(message))))


def _body(part: Message) -> str:
    """What a part shows as text, without files and without messages that are passed on."""
    kind = part.get_content_type()
    if _is_file(part) or part.get_content_maintype() == "message":
        return ""
    if part.is_multipart():
        return _together(kind, cast("list[Message]", part.get_payload()))
    if kind == "text/html":
        return text_of(_decoded(part))
    return _decoded(part) if kind == "text/plain" else ""


def _together(kind: str, parts: Iterable[Message]) -> str:
    """What several parts show: what is written around a picture, one of several forms of it."""
    if kind == "multipart/alternative":
        # The plainest comes first (RFC 2046, 5.1.4), and may be there in name only.
        parts = sorted(parts, key=lambda each: each.get_content_type() != "text/plain")
        return next(filter(str.strip, map(_body, parts)), "")
    return "\n".join(filter(str.strip, map(_body, parts)))


def _is_file(part: Message) -> bool:
    named = part.get_param("filename", header="content-disposition") is not None
    return named or part.get_content_disposition() == "attachment"


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    try:
        return raw.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):
        # Nobody's charset; or one of those of Python that are no text's.
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
