"""What the services for apps on phones have in common: what a message says to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from inbox_app.channels.foreign import inner, text
from inbox_app.channels.spec import Parcel
from inbox_app.domain.errors import UnsupportedContent

MOST = 2**53
"""Larger numbers are no numbers to everybody (RFC 8259, section 6)."""


def alert(parcel: Parcel) -> dict[str, str]:
    """What is shown: ``title`` and ``body``, as far as the message has them."""
    shown = {"title": text(parcel.fields, "title"), "body": text(parcel.fields, "message")}
    return {name: words for name, words in shown.items() if words}


def extras(parcel: Parcel, *names: str) -> dict[str, str]:
    """What the app is told besides: the sender's own data, the tracking id and some fields.

    The sender's data does not replace the others, for apps go by them.

    Args:
        names: The fields.
    """
    own = inner(parcel.options, "customData")
    told = {name: _as_text(value) for name, value in own.items() if value is not None}
    known = {"trackingId": parcel.tracking_id} | {n: text(parcel.fields, n) for n in names}
    return told | {name: words for name, words in known.items() if words}


def whole(values: Mapping[str, Any], name: str) -> int | None:
    """A whole number, without what is behind the point; None when nothing such is said."""
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MOST:
        return None
    return int(value)


def packed(content: object) -> bytes:
    """JSON in UTF-8, as short as it gets; half of a surrogate pair becomes a question mark."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def too_long(provider: str, size: int, most: int) -> UnsupportedContent:
    """The error for a message that the service would not take."""
    return UnsupportedContent(
        provider, f"The message has {size:,} bytes; {most:,} is the most.", status="size"
    )


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
