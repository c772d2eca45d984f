"""Provider tokens: what proves to Apple who we are, signed by ourselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey

from inbox_app.channels.keys import LONG_AGO, private_key

RENEWED_AFTER = timedelta(minutes=40)
"""Apple takes no token that is older than an hour."""
LEAST_BETWEEN = timedelta(minutes=20)
"""Who comes with new tokens more often is refused (Apple, token-based connections)."""


@dataclass(frozen=True)
class Signer:
    """A key of a team, as Apple gave it out."""

    team_id: str
    key_id: str
    key: str = field(repr=False)

    def token(self, now: datetime) -> str:
        """A new token, signed with ES256."""
        claims = {"iss": self.team_id, "iat": int(now.timestamp())}
        return jwt.encode(claims, signing_key(self.key), "ES256", {"kid": self.key_id})


@dataclass
class _Kept:
    token: str = field(default="", repr=False)
    made_at: datetime = LONG_AGO
    refused_at: datetime = LONG_AGO


class ProviderTokens:
    """One token for each key; one instance per process.

    Nothing here waits for anything, so that no two sends sign at once.
    """

    def __init__(self) -> None:
        self._kept: dict[Signer, _Kept] = {}

    def get(self, signer: Signer, now: datetime) -> str:
        """The token to use now."""
        kept = self._kept.setdefault(signer, _Kept())
        if now - kept.made_at >= RENEWED_AFTER:
            kept.token, kept.made_at = signer.token(now), now
        return kept.token

    def after_refusal(self, signer: Signer, refused: str, now: datetime) -> str:
        """The token to use where one is refused as too old; "" when there can be no other yet.

        It is signed before its time, but not time and again: a clock that is wrong would have it so
        for every message.
        """
        kept = self._kept.setdefault(signer, _Kept())
        if kept.token != refused:
            return kept.token
        if now - kept.refused_at < LEAST_BETWEEN:
            return ""
        kept.token, kept.made_at, kept.refused_at = signer.token(now), now, now
        return kept.token

    async def close(self) -> None:
        """Forgets all."""
        self._kept.clear()


def signing_key(pem: str) -> EllipticCurvePrivateKey:
    """The key of a .p8 file.

    Raises:
        ValueError: it is none of Apple's kind; its text holds nothing of it.
    """
    key = private_key(pem)
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        # What is wrong is the text, not the type of an argument.
        raise ValueError("its private key is not on the curve P-256")  # noqa: TRY004
    return key
