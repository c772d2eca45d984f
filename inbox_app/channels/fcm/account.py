"""The service account: the file by which Google knows this server."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Literal

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from inbox_app.channels.keys import private_key

TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - where tokens are asked for
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
LIFETIME = 3600
"""Seconds an assertion holds: the most that Google takes."""


class ServiceAccount(BaseModel):
    """What is needed of the file; the addresses in it are not, for they are fixed."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    type: Literal["service_account"]
    project_id: str = Field(pattern=r"^[a-z0-9.:-]+$", max_length=100)
    client_email: str = Field(pattern=r"^[^\s@]+@[^\s@]+$", max_length=320)
    private_key: SecretStr
    private_key_id: str = Field("", max_length=200, repr=False)


# Settings are checked for every message.
@lru_cache(maxsize=256)
def service_account(text: str) -> ServiceAccount:
    """Reads the file.

    Raises:
        ValueError: what is wrong with it, in words that hold nothing of it.
    """
    try:
        account = ServiceAccount.model_validate_json(text)
    except ValidationError as error:
        problems = ((".".join(map(str, one["loc"])), one["msg"]) for one in error.errors())
        raise ValueError("; ".join(f"{n}: {m}" if n else m for n, m in problems)) from None
    _rsa_key(account)
    return account


def assertion(account: ServiceAccount, now: datetime) -> str:
    """What Google gives an access token for (RFC 7523), signed with RS256."""
    issued = int(now.timestamp())
    claims = {
        "iss": account.client_email,
        "scope": SCOPE,
        "aud": TOKEN_URL,
        "iat": issued,
        "exp": issued + LIFETIME,
    }
    kid = {"kid": account.private_key_id} if account.private_key_id else None
    return jwt.encode(claims, _rsa_key(account), "RS256", kid)


def _rsa_key(account: ServiceAccount) -> RSAPrivateKey:
    try:
        key = private_key(account.private_key.get_secret_value())
    except ValueError as error:
        raise ValueError(f"private_key: {error}") from None
    if not isinstance(key, RSAPrivateKey):
        # What is wrong is the text, not the type of an argument.
        raise ValueError("private_key: it is no RSA key")  # noqa: TRY004
    return key
