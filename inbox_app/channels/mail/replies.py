"""The address that answers to an e-mail go to: it names the message."""

from __future__ import annotations

import re
from collections.abc import Iterable

from inbox_app.lib.mailbox import Mailbox, NotAMailbox, mailbox

PREFIX = "reply+"
TOKEN = re.compile(re.escape(PREFIX) + r"([a-z2-7]{8,57})", re.IGNORECASE)
"""What stands before the @, with the token; RFC 5321, 4.5.3.1.1 allows 64 signs for both."""


def reply_address(token: str, domain: str) -> Mailbox:
    """Where an answer to the message goes that ``token`` stands for."""
    return Mailbox(f"{PREFIX}{token}", domain)


def token_in(recipients: Iterable[str], domain: str) -> str:
    """The token in the first of these addresses that takes answers; "" when none does."""
    for each in recipients:
        try:
            place = mailbox(each)
        except NotAMailbox:
            continue
        found = TOKEN.fullmatch(place.local)
        if found and domain and place.domain == domain:
            return found.group(1).lower()
    return ""
