"""Twilio's side of a webhook: how it signs what it calls.

By the steps of its page on webhook security: the URL as it was given, then each field of the form
with its value, the fields in the order of their names; of that the HMAC-SHA1 in base64.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping

HEADER = "X-Twilio-Signature"
FORM = "application/x-www-form-urlencoded"


def signed(url: str, fields: Mapping[str, str], token: str) -> str:
    """The signature of a form that is posted to ``url``."""
    text = url
    for name in sorted(fields):
        text += name
        text += fields[name]
    return b64encode(hmac.new(token.encode(), text.encode(), "sha1").digest()).decode()
