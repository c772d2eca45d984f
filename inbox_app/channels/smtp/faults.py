"""What a mail server's refusal means for the next try."""

from __future__ import annotations

import re
from enum import IntEnum

from inbox_app.channels.words import spoken
from inbox_app.domain.errors import OutcomeUnknown, Permanent, ProviderError, Transient


class Stage(IntEnum):
    """How far a send got, in order."""

    FILES = -1
    """Attachments are fetched; the server has heard nothing yet."""
    CONNECT = 0
    AUTH = 1
    SENDER = 2
    RECIPIENT = 3
    CONTENT = 4
    """Recipients are taken; the content is not wholly written."""
    END = 5
    """The end of the content is, or may be, written: from here on it may have arrived."""


TEMPORARY, FINAL = range(400, 500), range(500, 600)
AUTH_CODES = {530, 534, 535, 538}
SHUTTING_DOWN = 421
"""What a server may say at any time, of itself (RFC 5321, 3.8)."""
DEAD_ENHANCED = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"}
"""The mailbox or its domain does not exist or has moved (RFC 3463, 3.2; RFC 7505 for 5.1.10)."""

NO_SUCH_USER = {550, 551, 553}
_MAILBOX = r"(?:user|recipient|mailbox|address|addressee|account|local[ -]?part|\S+@\S+)"
_MISSING = r"(?:unknown|not (?:found|known|local|exist)|does(?: not|n't) exist|(?:name )?invalid)"
NO_SUCH_USER_WORDS = re.compile(
    rf"\b(?:no such|unknown|invalid|not a valid) (?:\w+ )?{_MAILBOX}\b|\bno mailbox\b"
    rf"|\b{_MAILBOX}\W{{1,3}}(?:(?:is|was|has|name|here|address)\b\W{{1,3}})?{_MISSING}\b",
    re.IGNORECASE,
)
"""Who is missing, and that they are: the words alone are said of much else."""
POLICY_WORDS = re.compile(
    r"spam|block|blacklist|denied|denylist|policy|reputation|relay|dmarc|spf|dkim|quota|exceeded"
    r"|too many|limit|sender|verif|authenticat|logged in|certificate"
    r"|\b(?:full|rate|helo|ehlo|tls|ssl|rbl|ptr)\b",
    re.IGNORECASE,
)
"""What servers say where the message, the line or the sender is at fault, or a mailbox is full."""


def refusal(
    provider: str, stage: Stage, code: int, words: str, secrets: tuple[str, ...] = ()
) -> ProviderError:
    """The error for an answer that was no success.

    A code below 400 or above 599 is no answer a server may give here: before the end of the
    content that is a broken server, after it nobody knows.
    """
    detail = spoken(words, *secrets) or "no words"
    enhanced = _enhanced(words)
    status = f"{code} {enhanced}".strip()
    if code in TEMPORARY:
        about_message = stage >= Stage.RECIPIENT and code != SHUTTING_DOWN
        return Transient(provider, detail, status=status, about_message=about_message)
    if code not in FINAL:
        kind = OutcomeUnknown if stage is Stage.END else Transient
        return kind(provider, "an answer that makes no sense", status="malformed")
    if code in AUTH_CODES or stage is Stage.AUTH:
        # Not the message's fault: what waits must outlive a password that was changed.
        told = f"The server refuses the sign-in ({detail}). Correct this integration's settings."
        return Transient(provider, told, status="auth")
    dead = _is_dead(stage, code, enhanced, words)
    return Permanent(provider, detail, status=status, dead_address=dead)


def _enhanced(words: str) -> str:
    """The enhanced status (RFC 3463): in front, or behind a # as some servers put it."""
    found = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})\b", words) or re.search(
        r"#([245]\.\d{1,3}\.\d{1,3})\b", words
    )
    return found.group(1) if found else ""


def _is_dead(stage: Stage, code: int, enhanced: str, words: str) -> bool:
    """Whether the address itself is at fault; in doubt not, for that would silence it for good."""
    if stage not in {Stage.RECIPIENT, Stage.END}:
        return False
    if enhanced:
        return enhanced in DEAD_ENHANCED
    return (
        stage is Stage.RECIPIENT
        and code in NO_SUCH_USER
        and bool(NO_SUCH_USER_WORDS.search(words))
        and not POLICY_WORDS.search(words)
    )


def broken(provider: str, stage: Stage, *, timed_out: bool) -> ProviderError:
    """The error for a line that broke, or an answer that did not come."""
    what = "timed out" if timed_out else "was lost"
    if stage is Stage.FILES:
        detail = f"The connection to an attachment {what}."
        return Transient(provider, detail, status="attachment", about_message=True)
    if stage is Stage.END:
        return OutcomeUnknown(
            provider, f"The connection {what} after the message was written.", status="interrupted"
        )
    return Transient(provider, f"The connection {what}.", status="connection")
