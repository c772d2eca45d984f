"""A provider's words, fit to be stored and shown."""

from __future__ import annotations

import base64

LONGEST = 300
HIDDEN = "[hidden]"


def spoken(text: str, *secrets: str) -> str:
    """One line of at most `LONGEST` characters, in which no secret stands, plain or in base64."""
    for secret in filter(None, secrets):
        for form in (secret, base64.b64encode(secret.encode()).decode()):
            text = text.replace(form, HIDDEN)
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
