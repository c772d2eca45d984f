"""Signature Version 4 of Amazon's services, by their documentation of signed API requests."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Keys:
    """Who signs.

    Attributes:
        session_token: Comes with keys that are lent for a while; else "".
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)


@dataclass(frozen=True)
class Scope:
    """What a signature is good for: one service in one region."""

    region: str
    service: str


@dataclass(frozen=True)
class Request:
    """What is signed.

    Attributes:
        url: As it is sent, its path without ``.`` and ``..``.
        headers: All that are to be signed, without ``Host``.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def signed(request: Request, keys: Keys, scope: Scope, at: datetime) -> dict[str, str]:
    """The headers to send: those of the request, the time, the token and the signature.

    ``Host`` is signed as well, and left to whoever sends.
    """
    moment = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = {**request.headers, "X-Amz-Date": moment}
    if keys.session_token:
        headers["X-Amz-Security-Token"] = keys.session_token
    lines = {"host": _host(request.url)} | {
        name.strip().lower(): " ".join(value.split()) for name, value in headers.items()
    }
    names = ";".join(sorted(lines))
    place = f"{moment[:8]}/{scope.region}/{scope.service}/aws4_request"
    hashed = hashlib.sha256(_canonical(request, lines).encode()).hexdigest()
    text = "\n".join((ALGORITHM, moment, place, hashed))
    signature = hmac.digest(_key(keys, place), text.encode(), "sha256").hex()
    headers["Authorization"] = (
        f"{ALGORITHM} Credential={keys.access_key_id}/{place}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return headers


def _canonical(request: Request, lines: Mapping[str, str]) -> str:
    """The request as both sides write it down, whatever happens to it on the way."""
    url = urlsplit(request.url)
    # What is encoded in the URL is encoded once more; only one service (S3) has it otherwise.
    path = quote(url.path or "/", safe="/~")
    pairs = parse_qsl(url.query, keep_blank_values=True)
    query = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in pairs)
    return "\n".join(
        (
            *(request.method.upper(), path, "&".join("=".join(pair) for pair in query)),
            *(f"{name}:{lines[name]}" for name in sorted(lines)),
            *("", ";".join(sorted(lines)), hashlib.sha256(request.body).hexdigest()),
        )
    )


def _host(url: str) -> str:
    parts = urlsplit(url)
    usual = parts.port in {None, PORTS.get(parts.scheme)}
    return parts.hostname or "" if usual else f"{parts.hostname}:{parts.port}"


def _key(keys: Keys, place: str) -> bytes:
    """Made from the secret by one step for each part of the place."""
    key = f"AWS4{keys.secret_access_key}".encode()
    for part in place.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
