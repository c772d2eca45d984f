"""Webhooks and passed-on mail as Mailgun sends them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from tests.clock import START

KEY = "key-of-webhooks"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def proof(at: datetime = START, token: str = "t" * 50, key: str = KEY) -> dict[str, str]:
    """A signature by "Securing Webhooks": hex of HMAC-SHA256 over time and token."""
    timestamp = str(int(at.timestamp()))
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {"timestamp": timestamp, "token": token, "signature": signature}


def webhook(event: Mapping[str, Any], signature: Mapping[str, str] | None = None) -> bytes:
    """The body of a webhook."""
    return json.dumps({"signature": signature or proof(), "event-data": event}).encode()


def letter(signature: Mapping[str, str] | None = None, **fields: str) -> bytes:
    """The body of a mail that a route passes on; underscores stand for dashes."""
    named = {name.replace("_", "-"): text for name, text in fields.items()}
    return urlencode({**(signature or proof()), **named}).encode()


def multipart(fields: Mapping[str, str], *files: bytes) -> tuple[str, bytes]:
    """The content type and the body of a form with files, which are whole parts."""
    texts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}'.encode()
        for name, text in fields.items()
    ]
    pieces = b"".join(b"--edge\r\n" + part + b"\r\n" for part in [*texts, *files])
    return 'multipart/form-data; boundary="edge"', pieces + b"--edge--\r\n"
