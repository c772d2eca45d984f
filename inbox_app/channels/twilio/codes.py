"""What Twilio's error codes mean: for the try that got one, and for the number it was about.

Twilio names them in the answer to a request and, as ``ErrorCode``, in what it reports later. The
meanings are those of its Error and Warning Dictionary, as of 2026.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from inbox_app.channels.http import BROKEN, document, refused_once
from inbox_app.channels.spec import Tools
from inbox_app.channels.words import spoken
from inbox_app.domain.errors import (
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
    UnsupportedContent,
)
from inbox_app.domain.retry import parse_retry_after
from inbox_app.lib.http import Answer

INVALID_TO = "21211"


class Means(StrEnum):
    """Who or what a code is about, and so what comes of it."""

    DEAD = "nobody is reached at this number in this way"
    OPTED_OUT = "whoever has this number wants no more"
    REFUSED = "this message does not go to this number"
    UNFIT = "the message holds what does not go out"
    SENDER = "the number it is to come from is not the account's"
    ACCOUNT = "the account cannot send until somebody mends it"
    LIMITED = "too much at once"
    LATER = "it may go later"


@dataclass(frozen=True)
class Meaning:
    """What a code means, and how to say so."""

    means: Means
    words: str

    @property
    def dead(self) -> bool:
        """Whether the number is not to be used again."""
        return self.means in {Means.DEAD, Means.OPTED_OUT}


_WORDS: Mapping[Means, Mapping[str, str]] = {
    Means.DEAD: {
        "No telephone has this number.": f"13223 13226 {INVALID_TO} 21217 30005",
        "This number cannot be reached.": "21214",
        "The number is a short code, which gets no texts.": "21265",
        "The number is no mobile one.": "21614",
        "The number is a landline, which gets no texts.": "21635",
        # Telnyx's, which senders know from the native API beside those of Twilio.
        "No text can be routed to this number.": "40001",
    },
    Means.OPTED_OUT: {"They have answered STOP to an earlier text.": "21610 40300"},
    Means.REFUSED: {
        "This number cannot be called now.": "13224",
        "Twilio blocks calls to this number.": "13225 21216",
        "The account may not write to or call this country.": "13227 21215 21408",
        "A trial account reaches only numbers that are verified.": "21219 21608",
        "The message would go to the number it comes from.": "21266",
        "No text can go from this sender to this number.": "21612",
        # Of mobile numbers too, while their carrier cannot be reached.
        "The number is a landline, or its carrier cannot be reached.": "30006",
        "The carrier or the phone blocks it.": "30004",
        "The carrier filtered it out.": "30007 40002",
    },
    Means.UNFIT: {
        "The message has no text.": "14103 21602 21619",
        "The text is too long.": "21605 21617 21658 32018",
        "A picture cannot be used.": "21620 21623",
        "The sender cannot send pictures.": "21621",
    },
    Means.SENDER: {
        "The sender is not one of the account's.": (
            "13214 14102 14108 21210 21212 21213 21601 21603 21606 21657 21659 21660 21661"
        ),
    },
    Means.ACCOUNT: {
        "Twilio refuses the credentials. Correct this integration's settings.": (
            "20003 20006 20008 20404"
        ),
        "The account is not active.": "10001 10005 20005 30002",
        "A trial account cannot do this.": "10002",
        "Twilio cannot report to this server's public address.": "21609",
        "The messaging service has no sender, or is none.": "21701 21703 21704 21705",
        "The sender is not registered for texts to this country.": "30032 30034 40010",
    },
    Means.LIMITED: {
        "More calls at once than the account may make.": "10004",
        "More texts than Twilio takes at once.": "14107 20429 21611 30001 30022 30023 30027",
    },
    Means.LATER: {
        "The phone is switched off or out of reach.": "30003",
        "The carrier does not say why it did not arrive.": "30008",
        "Twilio blocks texts to this number for now, for fear of fraud.": "30450 30453",
        "Something at Twilio broke.": "30500",
    },
}
MEANINGS: Mapping[str, Meaning] = {
    code: Meaning(means, words)
    for means, known in _WORDS.items()
    for words, codes in known.items()
    for code in codes.split()
}
"""By code; those that are not here are told by the status of the answer alone."""


def failure(
    provider: str, answer: Answer, tools: Tools, secrets: Sequence[str], *, own_sender: bool = False
) -> ProviderError:
    """What an answer that is no yes means.

    Args:
        secrets: What must not be repeated.
        own_sender: The message itself said whom it is to come from.
    """
    told = document(answer)
    code = _code(told.get("code"))
    said = spoken(str(told.get("message") or ""), *secrets)
    known = MEANINGS.get(code)
    if known is None or answer.status in BROKEN:
        # A POST is not idempotent there (Twilio, REST API best practices).
        return refused_once(provider, answer, said or "no words", tools, code)
    detail = f"{known.words} Twilio: {said}" if said else known.words
    means = Means.REFUSED if known.means is Means.SENDER and own_sender else known.means
    if means is Means.LIMITED:
        wait = parse_retry_after(answer.headers.get("Retry-After", ""), tools.now())
        return RateLimited(provider, detail, status=code, retry_after=wait)
    if means in {Means.ACCOUNT, Means.SENDER, Means.LATER}:
        later = means is Means.LATER
        return Transient(provider, detail, status=code, about_message=later, for_operator=not later)
    if means is Means.UNFIT:
        return UnsupportedContent(provider, detail, status=code)
    opted_out = means is Means.OPTED_OUT
    return Permanent(provider, detail, status=code, dead_address=known.dead, opted_out=opted_out)


def _code(value: object) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
