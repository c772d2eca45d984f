"""Reading what providers report: JSON of which nothing is certain, made fit to be stored."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import cast

from inbox_app.channels.foreign import Document, inner, items
from inbox_app.lib.mailbox import NotAMailbox, clean, mailbox
from inbox_app.lib.signing import UNSTORABLE

LONGEST = 2_000
LONGEST_TEXT = 5_000
"""Signs of an answer that are kept: as many as the inbox takes."""


def line(said: Document, *path: str) -> str:
    """The text or number at a path, on one line that every database takes; "" when none is there.

    A list there stands for its first.
    """
    value: object = inner(said, *path[:-1]).get(path[-1])
    if isinstance(value, list):
        value = next(iter(cast("list[object]", value)), "")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return clean(str(value))[:LONGEST]


def texts(said: Document, name: str) -> list[str]:
    """The texts in a list, each on one line."""
    return [clean(each)[:LONGEST] for each in items(said, name) if isinstance(each, str)]


def address(text: str) -> str:
    """An e-mail address as this server writes it; as it is when it is none."""
    try:
        return str(mailbox(text))
    except NotAMailbox:
        return clean(text)[:LONGEST]


def number(text: str) -> int | None:
    """A key of this server."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}|[1-8][0-9]{18}", text) else None


def moment(text: str) -> datetime | None:
    """A time, in ISO 8601 or in seconds since 1970; None when it is none."""
    try:
        if re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", text):
            return datetime.fromtimestamp(float(text), UTC)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def kept(text: str) -> str:
    """What somebody has written, as far as it is kept."""
    whole = UNSTORABLE.sub("", text).strip()
    return whole if len(whole) <= LONGEST_TEXT else f"{whole[: LONGEST_TEXT - 1]}…"
