"""What APNs is told: the headers and the payload of a notification."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inbox_app.channels.apns import NAME
from inbox_app.channels.foreign import text
from inbox_app.channels.push import alert, extras, packed, too_long, whole
from inbox_app.channels.spec import Parcel
from inbox_app.domain.errors import UnsupportedContent

LIMIT = 4096
"""Bytes of a payload."""
COLLAPSE_ID = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?")
"""At most 64 bytes, of what a header can hold."""
NOW, SPARING = 10, 5
PRIORITIES = frozenset({NOW, SPARING, 1})
FIRST_MOMENT = 1_000_000_000
"""From here on an expiry is a moment, in seconds since 1970; below, seconds from now."""
BACKGROUND = "background"


@dataclass(frozen=True)
class Notification:
    """One for one device.

    Attributes:
        id: Names it to Apple; the same over all tries of one delivery.
    """

    id: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def notification(parcel: Parcel, topic: str, now: datetime) -> Notification:
    """A notification without the token that goes with it.

    Raises:
        UnsupportedContent: it says nothing, too much, or what Apple has no room for.
    """
    shown, silent = alert(parcel), parcel.options.get("contentAvailable") is True
    if not shown and not silent:
        raise UnsupportedContent(NAME, "The message has no title and no text.")
    aps = _shown(parcel, shown) if shown else {}
    if silent:
        aps["content-available"] = 1
    body = packed(extras(parcel, "url") | {"aps": aps})
    if len(body) > LIMIT:
        raise too_long(NAME, len(body), LIMIT)
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:notification-inbox:{parcel.key}"))
    kind = "alert" if shown else BACKGROUND
    headers = {"apns-id": name, "apns-topic": topic, "apns-push-type": kind}
    return Notification(name, headers | _how(parcel.options, kind, now), body)


def _shown(parcel: Parcel, words: Mapping[str, str]) -> dict[str, Any]:
    """The ``aps`` of a notification that people see."""
    options = parcel.options
    badge = whole(options, "badge")
    said: dict[str, Any] = {
        "alert": words,
        "badge": None if badge is None else max(badge, 0),
        "sound": text(options, "sound") if "sound" in options else "default",
        "thread-id": text(options, "threadId"),
    }
    return {name: value for name, value in said.items() if value not in (None, "")}


def _how(options: Mapping[str, Any], kind: str, now: datetime) -> dict[str, str]:
    """The headers that say how it is to be delivered."""
    asked = whole(options, "priority")
    # A background notification with any other priority is an error.
    priority = SPARING if kind == BACKGROUND else asked if asked in PRIORITIES else NOW
    headers = {
        "apns-priority": str(priority),
        "apns-expiration": _expiration(options, now),
        "apns-collapse-id": _collapse_id(options),
    }
    return {name: value for name, value in headers.items() if value}


def _expiration(options: Mapping[str, Any], now: datetime) -> str:
    """Seconds since 1970; "0" is not to be kept at all.

    Older clients of the native API say a moment, newer ones in how many seconds.
    """
    expiry = whole(options, "expiry")
    if expiry is None:
        return ""
    if 0 < expiry < FIRST_MOMENT:
        expiry += int(now.timestamp())
    return str(max(expiry, 0))


def _collapse_id(options: Mapping[str, Any]) -> str:
    wanted = text(options, "collapseId")
    if wanted and not COLLAPSE_ID.fullmatch(wanted):
        raise UnsupportedContent(
            NAME, "collapseId can have 64 characters at most, of plain ASCII.", status="collapseId"
        )
    return wanted
