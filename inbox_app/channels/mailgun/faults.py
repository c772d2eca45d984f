"""What a refusal of Mailgun means for the next try."""

from __future__ import annotations

import re
from http import HTTPStatus

from inbox_app.channels.http import document, refused
from inbox_app.channels.spec import Tools
from inbox_app.channels.words import spoken
from inbox_app.domain.errors import Permanent, ProviderError, Transient, UnsupportedContent
from inbox_app.lib.http import Answer

NO_ADDRESS = re.compile(r"\bto\b\W{0,3}\s*parameter is not a valid address", re.IGNORECASE)
DOMAIN = re.compile(r"domain.{0,300}(?:not found|unverified|not allowed|disabled)", re.IGNORECASE)
"""What it says, with different statuses, of a sender's domain that is not ready."""
ACCOUNT = {HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN}


def refusal(
    provider: str, answer: Answer, secrets: tuple[str, ...], tools: Tools, *, alone: bool
) -> ProviderError:
    """The error for an answer that is no success.

    Args:
        alone: The message has one recipient, so that what is said of one is said of theirs.
    """
    said = document(answer).get("message")
    words = said if isinstance(said, str) else answer.body.decode("utf-8", "replace")
    detail = spoken(words, *secrets) or "no words"
    status = str(answer.status)
    if answer.status in ACCOUNT or (_is_final(answer) and DOMAIN.search(detail)):
        told = f"Mailgun refuses this account ({detail}). Correct it or its settings."
        return Transient(provider, told, status=status)
    if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return UnsupportedContent(provider, detail, status=status)
    if answer.status == HTTPStatus.BAD_REQUEST:
        dead = alone and bool(NO_ADDRESS.search(detail))
        return Permanent(provider, detail, status=status, dead_address=dead)
    return refused(provider, answer, detail, tools)


def _is_final(answer: Answer) -> bool:
    return answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}
