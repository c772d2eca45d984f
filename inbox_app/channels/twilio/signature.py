"""The proof that a request is Twilio's, by its documentation of webhook security."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from typing import cast
from urllib.parse import parse_qsl, urlsplit

from inbox_app.channels.spec import Call
from inbox_app.domain.errors import Unauthenticated
from inbox_app.lib.signing import same

HEADER = "x-twilio-signature"
DIGEST = "bodySHA256"
"""Parameter of the query that stands for a body which is no form."""
MOST_FIELDS = 500
Pairs = Sequence[tuple[str, str]]


def fields_of(call: Call, token: str) -> dict[str, str]:
    """What a request says in its query and its body, once it is proven.

    Args:
        token: The auth token of the account that signs it.

    Raises:
        Unauthenticated: it is not signed so.
    """
    try:
        asked = _pairs(urlsplit(call.url).query)
        digest = dict(asked).get(DIGEST)
        sent = _pairs(call.body.decode()) if digest is None else []
        proven = _is_signed(call, sent, token)
    except ValueError:
        # Nothing that Twilio has written: no UTF-8, or more fields than it has names for.
        raise _unproven() from None
    if not proven or (digest is not None and not same(_digest(call.body), digest)):
        raise _unproven()
    return dict(asked) | (dict(sent) if digest is None else _texts(call.body))


def signature(url: str, fields: Pairs, token: str) -> str:
    """HMAC-SHA1 of the URL and, sorted by name, what the form says, each value once; base64."""
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()


def _is_signed(call: Call, fields: Pairs, token: str) -> bool:
    given = call.headers.get(HEADER, "")
    return any(same(signature(url, fields, token), given) for url in _forms(call.url))


def _forms(url: str) -> Iterator[str]:
    """The URL without its port and with it: which of them is signed is not told."""
    parts = urlsplit(url)
    bare = parts.netloc.removesuffix(f":{parts.port}")
    port = parts.port or (80 if parts.scheme == "http" else 443)
    for place in (bare, f"{bare}:{port}"):
        yield parts._replace(netloc=place).geturl()


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _texts(body: bytes) -> dict[str, str]:
    """The texts of a JSON object; none when it is something else."""
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    known = cast("dict[str, object]", found)
    return {name: value for name, value in known.items() if isinstance(value, str)}


def _unproven() -> Unauthenticated:
    return Unauthenticated("This request is not signed by Twilio.")
