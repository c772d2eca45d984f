"""Proofs of origin: end-user hashes, sign-in links, hashes of bearer secrets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

SIGN_IN_AUDIENCE = "inbox-sign-in"
ALGORITHM = "HS256"
LEEWAY = timedelta(seconds=30)
LONGEST_NAME = 256
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""JSON can hold what no database takes as text: NUL and halves of surrogate pairs."""


class BadSignature(Exception):
    """The proof does not hold; ``expired`` tells a late one from a false one."""

    def __init__(self, message: str, *, expired: bool = False) -> None:
        super().__init__(message)
        self.expired = expired


@dataclass(frozen=True)
class SignInClaim:
    """What a verified sign-in link says."""

    client_id: str
    user_id: str
    token_id: str
    issued_at: datetime
    expires_at: datetime


def digest(secret: str) -> str:
    """SHA-256 of a bearer secret. Secrets are 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Compares two secrets in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def end_user_hash(client_secret: str, user_id: str) -> str:
    """base64(HMAC-SHA256(key = client secret, message = user id)), the vendor's secure mode."""
    code = hmac.digest(client_secret.encode(), user_id.encode(), "sha256")
    return base64.b64encode(code).decode()


def sign_in_token(
    client_id: str, client_secret: str, user_id: str, token_id: str, now: datetime, life: timedelta
) -> str:
    """The JWT of a sign-in link (RFC 7519): iss = client id, sub = user id, jti used once."""
    claims = {
        "iss": client_id,
        "sub": user_id,
        "aud": SIGN_IN_AUDIENCE,
        "jti": token_id,
        "iat": int(now.timestamp()),
        "exp": int((now + life).timestamp()),
    }
    return jwt.encode(claims, client_secret, algorithm=ALGORITHM)


def sign_in_issuer(token: str) -> str:
    """The client id a token names, read before the signature can be checked.

    Raises:
        BadSignature: this is not a token at all, or names nobody.
    """
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError) as error:
        raise BadSignature("This is not a sign-in token.") from error
    issuer = claims.get("iss")
    if not _is_name(issuer):
        raise BadSignature("The sign-in token names no client.")
    return str(issuer)


def read_sign_in(token: str, client_secret: str, now: datetime) -> SignInClaim:
    """Verifies signature, audience and required claims, and the times against ``now``.

    Raises:
        BadSignature: forged, incomplete, meant for something else, or expired.
    """
    try:
        claims = jwt.decode(
            token,
            client_secret,
            algorithms=[ALGORITHM],
            audience=SIGN_IN_AUDIENCE,
            options={
                "require": ["iss", "sub", "jti", "iat", "exp"],
                "verify_exp": False,
                "verify_iat": False,
            },
        )
        issued = datetime.fromtimestamp(claims["iat"], UTC)
        expires = datetime.fromtimestamp(claims["exp"], UTC)
    except (jwt.PyJWTError, TypeError, ValueError, OverflowError, OSError) as error:
        raise BadSignature("The sign-in token is not valid.") from error
    if not all(_is_name(claims[name]) for name in ("iss", "sub", "jti")):
        raise BadSignature("The sign-in token holds a name that cannot be used.")
    if now >= expires + LEEWAY:
        raise BadSignature("The sign-in token has expired.", expired=True)
    if issued > now + LEEWAY:
        raise BadSignature("The sign-in token is dated in the future.")
    return SignInClaim(claims["iss"], claims["sub"], claims["jti"], issued, expires)


def _is_name(value: object) -> bool:
    return (
        isinstance(value, str)
        and 1 <= len(value) <= LONGEST_NAME
        and UNSTORABLE.search(value) is None
    )
