"""Why a message did not arrive, as far as it helps the person who waits for it."""

from __future__ import annotations

import re
from enum import StrEnum

from inbox_app.domain.delivery import Attempt, AttemptOutcome


class Failure(StrEnum):
    """What went wrong, whatever the provider calls it."""

    ADDRESS = "address"
    """The address takes no messages."""
    ACCOUNT = "account"
    """The sender's settings of the provider are wrong."""
    CONNECTION = "connection"
    """The provider could not be reached."""
    BUSY = "busy"
    """The provider takes no more for now."""
    UNCLEAR = "unclear"
    """The line broke: it may have arrived."""
    CONTENT = "content"
    """The provider does not take what the message holds."""
    PASSING = "passing"
    """Anything else that is tried again."""
    REFUSED = "refused"
    """Anything else that is final."""


BY_CODE = {
    "address": Failure.ADDRESS,
    **dict.fromkeys(("auth", "settings", "tls", "sender"), Failure.ACCOUNT),
    **dict.fromkeys(("connection", "connect"), Failure.CONNECTION),
    **dict.fromkeys(("attachment", "blocked"), Failure.CONTENT),
}
"""By the codes that adapters give; a provider's own say more to whoever looks them up."""
BY_OUTCOME = {
    AttemptOutcome.RATE_LIMITED: Failure.BUSY,
    AttemptOutcome.UNKNOWN: Failure.UNCLEAR,
    AttemptOutcome.INTERRUPTED: Failure.UNCLEAR,
    AttemptOutcome.PERMANENT: Failure.REFUSED,
}


# RFC 3463, section 3.2, and RFC 7505; 5.1.7 and 5.1.8 are about the sender's.
_OF_RECIPIENT = re.compile(r"\b5\.1\.(?:[0-6]|10)\b")


def failure_of(attempt: Attempt) -> Failure:
    """Why a call to a provider failed."""
    if attempt.outcome is AttemptOutcome.PERMANENT and _OF_RECIPIENT.search(attempt.code):
        return Failure.ADDRESS
    return BY_CODE.get(attempt.code) or BY_OUTCOME.get(attempt.outcome, Failure.PASSING)
