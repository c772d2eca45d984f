"""Who an application server is: its signature, checked as a push service does (RFC 8292)."""

from __future__ import annotations

import base64
import time
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

LONGEST: Final = 24 * 3600
"""Seconds until a token ends (RFC 8292, section 2)."""


class Unsigned(Exception):
    """A request without a valid signature (401)."""


class SignedByOther(Exception):
    """A request with the signature of somebody else (403)."""


def check(authorization: str, origin: str, subscribed_with: str) -> None:
    """Checks that a request is signed by the application server that a browser subscribed with.

    Args:
        authorization: The header.
        origin: Scheme and host the request came to.
        subscribed_with: A public key, base64url without padding.

    Raises:
        Unsigned, SignedByOther: it is not; they say why.
    """
    token, key = _parts(authorization)
    try:
        point = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        claims = jwt.decode(
            token,
            public,
            algorithms=["ES256"],
            audience=origin,
            options={"require": ["aud", "exp", "sub"]},
        )
    except (ValueError, jwt.InvalidTokenError) as error:
        raise Unsigned(f"{type(error).__name__}: {error}") from None
    _check_claims(claims)
    if key.rstrip("=") != subscribed_with:
        raise SignedByOther(f"the subscription was made with {subscribed_with or 'no key'}")


def _parts(authorization: str) -> tuple[str, str]:
    scheme, _, rest = authorization.partition(" ")
    pairs = (each.strip().partition("=") for each in rest.split(","))
    parts = {name: value for name, _, value in pairs}
    if scheme.lower() != "vapid" or not {"t", "k"} <= parts.keys():
        raise Unsigned("Authorization is not: vapid t=..., k=...")
    return parts["t"], parts["k"]


def _check_claims(claims: dict[str, Any]) -> None:
    if claims["exp"] > time.time() + LONGEST:
        raise Unsigned("exp is more than 24 hours ahead")
    if not str(claims["sub"]).startswith(("mailto:", "https:")):
        raise Unsigned("sub is neither mailto: nor https:")
