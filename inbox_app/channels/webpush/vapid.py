"""Who sends a web push: key pairs and the tokens they sign (RFC 8292)."""

from __future__ import annotations

import base64
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LIFE = timedelta(hours=12)
"""Of a token; RFC 8292 allows 24 hours, and Apple takes no more."""
RENEWED = timedelta(hours=1)
"""Before its end a token is made anew."""
MOST_TOKENS = 1_000
PRIVATE_BYTES = 32


def new_key() -> str:
    """A private key, its 32 bytes in base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return encoded(number.to_bytes(PRIVATE_BYTES, "big"))


def encoded(content: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of base64url, padded or not.

    Raises:
        ValueError: it is none.
    """
    content = text.rstrip("=").encode("ascii")
    return base64.b64decode(content + b"=" * (-len(content) % 4), b"-_", validate=True)


@dataclass(frozen=True)
class Key:
    """A key pair.

    Attributes:
        public: The public key, an uncompressed point in base64url: browsers subscribe with it.
    """

    public: str
    private: ec.EllipticCurvePrivateKey

    @classmethod
    def of(cls, private: str) -> Key:
        """The pair of a private key (`new_key`).

        Raises:
            ValueError: it is none.
        """
        content = decoded(private)
        if len(content) != PRIVATE_BYTES:
            raise ValueError(f"a key has {PRIVATE_BYTES} bytes")
        key = ec.derive_private_key(int.from_bytes(content, "big"), ec.SECP256R1())
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return cls(encoded(point), key)

    def header(self, origin: str, contact: str, ends: datetime) -> str:
        """The ``Authorization`` of pushes to an origin (RFC 8292, section 3)."""
        claims = {"aud": origin, "sub": contact, "exp": int(ends.timestamp())}
        return f"vapid t={jwt.encode(claims, self.private, 'ES256')},k={self.public}"


class Tokens:
    """Signed tokens, one for each key and push service, kept until shortly before their end.

    A `Resource`: signing costs as much as encrypting.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, str], tuple[str, datetime]] = OrderedDict()

    def header(self, key: Key, endpoint: str, contact: str, now: datetime) -> str:
        """The ``Authorization`` for a push to an endpoint.

        Args:
            contact: ``mailto:`` or ``https:``, for the push service to turn to.
        """
        parts = urlsplit(endpoint)
        # An origin has its host in small letters and no port that goes without saying (RFC 6454).
        place = (key.public, f"{parts.scheme}://{parts.hostname}", contact)
        kept, until = self._kept.get(place, ("", now))
        if until - now > RENEWED:
            return kept
        until = now + LIFE
        signed = key.header(place[1], contact, until)
        self._kept[place] = signed, until
        self._kept.move_to_end(place)
        while len(self._kept) > MOST_TOKENS:
            self._kept.popitem(last=False)
        return signed

    async def close(self) -> None:
        """Nothing is open."""
