"""What FCM is told: its HTTP v1 API's Message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inbox_app.channels.fcm import NAME
from inbox_app.channels.foreign import inner, text
from inbox_app.channels.push import alert, extras, packed, too_long, whole
from inbox_app.channels.spec import Parcel
from inbox_app.domain.errors import UnsupportedContent

LIMIT = 4096
"""Bytes of notification and data, keys and values together (FCM, error codes)."""
RESERVED = frozenset({"from", "message_type"})
RESERVED_SO = ("google.", "gcm.")
LONGEST_TTL = 28 * 24 * 3600
"""Seconds that FCM keeps a message: four weeks (its AndroidConfig.ttl)."""
PRIORITIES = {"high": "HIGH", "normal": "NORMAL"}


def message(parcel: Parcel) -> bytes:
    """The body of a request.

    Raises:
        UnsupportedContent: it says nothing, or too much.
    """
    shown, data = alert(parcel), _allowed(extras(parcel, "url", "icon"))
    if not shown:
        raise UnsupportedContent(NAME, "The message has no title and no text.")
    size = _size(shown) + _size(data)
    if size > LIMIT:
        raise too_long(NAME, size, LIMIT)
    said: dict[str, Any] = {"token": parcel.to, "notification": shown}
    android = _android(inner(parcel.options, "android"))
    return packed(
        {"message": said | {n: v for n, v in (("data", data), ("android", android)) if v}}
    )


def _allowed(data: Mapping[str, str]) -> dict[str, str]:
    """The data without what would have FCM refuse the whole message (its Message.data)."""
    return {
        name: value
        for name, value in data.items()
        if name not in RESERVED and not name.startswith(RESERVED_SO)
    }


def _size(texts: Mapping[str, str]) -> int:
    return sum(len(each.encode(errors="replace")) for pair in texts.items() for each in pair)


def _android(options: Mapping[str, Any]) -> dict[str, str]:
    """An AndroidConfig from the native API's options.fcm.android, whose ``ttl`` is in seconds."""
    ttl = whole(options, "ttl")
    said = {
        "priority": PRIORITIES.get(text(options, "priority").lower(), ""),
        "ttl": "" if ttl is None else f"{min(max(ttl, 0), LONGEST_TTL)}s",
        "collapse_key": text(options, "collapseKey"),
        "restricted_package_name": text(options, "restrictedPackageName"),
    }
    return {name: value for name, value in said.items() if value}
