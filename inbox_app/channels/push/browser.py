"""What a browser is sent: a subscription that is checked, and a body that fits."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from pywebpush import WebPusher

from inbox_app.channels.push.vapid import decoded
from inbox_app.channels.spec import Parcel

LARGEST = 3_993
"""Bytes of a body: 4,096 (RFC 8030, section 7.2) without salt, sizes, key, delimiter and tag."""
DECLARATIVE = 8030
"""Marks a body that a browser may show by itself (Declarative Web Push)."""
POINT_BYTES, SECRET_BYTES = 65, 16
ELLIPSIS = "…"


class NoSubscription(ValueError):
    """What is known of a browser is no subscription."""


@dataclass(frozen=True)
class Subscription:
    """Where a browser is reached, and the keys it decrypts with (RFC 8291).

    Attributes:
        public: The key pair of the server that it was made with, by its public key; "" when the
            browser did not say.
    """

    endpoint: str
    p256dh: str
    auth: str
    public: str = ""

    @classmethod
    def of(cls, parcel: Parcel) -> Subscription:
        """The subscription a parcel is for.

        Raises:
            NoSubscription: it has no keys, or wrong ones.
        """
        sub = parcel.details.get("sub")
        keys = sub.get("keys") if isinstance(sub, Mapping) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        known: Mapping[str, Any] = keys if isinstance(keys, Mapping) else {}  # pyright: ignore[reportUnknownVariableType]
        point, secret = str(known.get("p256dh", "")), str(known.get("auth", ""))
        try:
            _check(decoded(point), decoded(secret))
        except ValueError as error:
            raise NoSubscription(str(error)) from None
        made_with = str(parcel.details.get("applicationServerKey") or "").rstrip("=")
        return cls(parcel.to, point, secret, made_with)

    def encrypted(self, body: bytes) -> bytes:
        """The body as only this browser reads it (RFC 8291, aes128gcm)."""
        keys = {"p256dh": self.p256dh, "auth": self.auth}
        pusher = WebPusher({"endpoint": self.endpoint, "keys": keys})
        encrypted: bytes = pusher.encode(body, "aes128gcm")["body"]
        return encrypted


def _check(point: bytes, secret: bytes) -> None:
    if len(point) != POINT_BYTES or point[:1] != b"\x04":
        raise ValueError("its public key is no uncompressed point")
    # Raises where the point does not lie on the curve.
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"its secret has not {SECRET_BYTES} bytes")


def body_of(parcel: Parcel) -> bytes:
    """What the browser is to show, at most `LARGEST` bytes: what is too long is cut.

    In the shape of Declarative Web Push, which Safari shows without a worker, and which the
    worker of every other browser reads.
    """
    fields = parcel.fields
    told = {"trackingId": parcel.tracking_id, "delivery": str(parcel.delivery_id)}
    shown = {
        "title": str(fields.get("title") or ""),
        "body": str(fields.get("message") or ""),
        "navigate": str(fields.get("url") or parcel.page),
        "icon": str(fields.get("icon") or ""),
        "tag": parcel.tracking_id or parcel.key,
        "data": told,
    }
    shown = {name: value for name, value in shown.items() if value}
    for name in ("body", "icon", "title"):
        shown = _fitting(shown, name)
    return _packed(shown)


def _fitting(shown: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The same with as much of one text as there is room for."""
    over = len(_packed(shown)) - LARGEST
    text = str(shown.get(name, ""))
    if over <= 0 or not text:
        return dict(shown)
    if name == "icon":
        return {key: value for key, value in shown.items() if key != name}
    # Each character is at least a byte of JSON, so that many at most are too many.
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = len(_packed({**shown, name: text[:middle] + ELLIPSIS})) <= LARGEST
        low, high = (middle, high) if fits else (low, middle - 1)
    return {**shown, name: text[:low].rstrip() + ELLIPSIS}


def _packed(shown: Mapping[str, Any]) -> bytes:
    body = {"web_push": DECLARATIVE, "notification": shown}
    # A lone surrogate has no bytes in UTF-8.
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
