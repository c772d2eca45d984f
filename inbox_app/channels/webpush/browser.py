"""What a browser is sent: a subscription that is checked, and a body that fits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias, cast

from cryptography.hazmat.primitives.asymmetric import ec

from inbox_app.channels.push import too_long
from inbox_app.channels.spec import Parcel
from inbox_app.channels.webpush import NAME
from inbox_app.channels.webpush.encrypting import POINT_BYTES, SECRET_BYTES, encrypted
from inbox_app.channels.webpush.vapid import decoded

LARGEST = 3_993
"""Bytes of a body: 4,096 (RFC 8030, section 7.2) without salt, sizes, key, delimiter and tag."""
DECLARATIVE = 8030
"""Marks a body that a browser may show by itself (Declarative Web Push)."""
ELLIPSIS = "…"
Shown: TypeAlias = Mapping[str, Any]
"""What the browser shows, by the names of Declarative Web Push."""


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
    point: bytes
    key: ec.EllipticCurvePublicKey
    secret: bytes
    public: str = ""

    @classmethod
    def of(cls, parcel: Parcel) -> Subscription:
        """The subscription a parcel is for.

        Raises:
            NoSubscription: it has no keys, or wrong ones.
        """
        sub = _inside(parcel.details, "sub")
        keys = _inside(sub, "keys")
        try:
            point, secret = _decoded(keys, "p256dh"), _decoded(keys, "auth")
            key = _checked(point, secret)
        except ValueError as error:
            raise NoSubscription(str(error)) from None
        made_with = str(parcel.details.get("applicationServerKey") or "").rstrip("=")
        return cls(parcel.to, point, key, secret, made_with)

    def encrypted(self, body: bytes) -> bytes:
        """The body as only this browser reads it."""
        return encrypted(body, self.point, self.key, self.secret)


def _inside(known: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: object = known.get(name)
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}


def _decoded(keys: Mapping[str, Any], name: str) -> bytes:
    return decoded(str(keys.get(name) or ""))


def _checked(point: bytes, secret: bytes) -> ec.EllipticCurvePublicKey:
    if len(point) != POINT_BYTES or point[:1] != b"\x04":
        raise ValueError("its public key is no uncompressed point")
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"its secret has not {SECRET_BYTES} bytes")
    # Raises where the point does not lie on the curve.
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def body_of(parcel: Parcel) -> bytes:
    """What the browser is to show, at most `LARGEST` bytes: what is too long is cut.

    In the shape of Declarative Web Push, which Safari shows without a worker, and which the
    worker of every other browser reads. Words go last: the icon goes before them, and a link that
    takes more than half of the room gives way to the page of the notification, which has it.

    Raises:
        UnsupportedContent: even so it does not fit.
    """
    fields = parcel.fields
    told = {"trackingId": parcel.tracking_id, "token": parcel.reply_token}
    if parcel.reply_token and parcel.through:
        # A browser may report before it is written down here through what the push went.
        told["through"] = str(parcel.through)
    shown: Shown = {
        "title": str(fields.get("title") or ""),
        "body": str(fields.get("message") or ""),
        "navigate": str(fields.get("url") or parcel.page),
        "icon": str(fields.get("icon") or ""),
        "tag": parcel.tracking_id or parcel.key,
        "actions": _actions(parcel),
        "data": {name: value for name, value in told.items() if value},
    }
    shown = {name: value for name, value in shown.items() if value}
    packed = _packed(shown)
    for smaller in (
        _without_icon,
        partial(_short_link, page=parcel.page),
        _short_body,
        _short_title,
    ):
        if len(packed) <= LARGEST:
            break
        shown = smaller(shown)
        packed = _packed(shown)
    if len(packed) > LARGEST:
        raise too_long(NAME, len(packed), LARGEST)
    return packed


def _actions(parcel: Parcel) -> list[dict[str, str]]:
    """The notification's buttons: ``press-1`` answers, ``go-2`` leads on."""
    root = parcel.page.partition("/inbox/")[0]
    return [
        {
            "action": f"{'go' if each.url else 'press'}-{number}",
            "title": each.label,
            "navigate": f"{root}/go/{parcel.tracking_id}/{number}" if each.url else parcel.page,
        }
        for number, each in enumerate(parcel.buttons, 1)
    ]


def _without_icon(shown: Shown) -> Shown:
    return {name: value for name, value in shown.items() if name != "icon"}


def _short_link(shown: Shown, page: str) -> Shown:
    link = str(shown.get("navigate", ""))
    takes_most = len(link.encode("utf-8", "replace")) > LARGEST / 2
    return {**shown, "navigate": page} if page and takes_most else shown


def _short_body(shown: Shown) -> Shown:
    return _fitting(shown, "body")


def _short_title(shown: Shown) -> Shown:
    return _fitting(shown, "title")


def _fitting(shown: Shown, name: str) -> Shown:
    """The same with as much of one text as there is room for."""
    text = str(shown.get(name, ""))
    if not text:
        return shown
    # Each character is at least a byte of JSON, so that many at most are too many.
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = len(_packed({**shown, name: text[:middle] + ELLIPSIS})) <= LARGEST
        low, high = (middle, high) if fits else (low, middle - 1)
    return {**shown, name: text[:low].rstrip() + ELLIPSIS}


def _packed(shown: Shown) -> bytes:
    body = {"web_push": DECLARATIVE, "notification": shown}
    # A lone surrogate has no bytes in UTF-8.
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
