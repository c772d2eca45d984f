"""What providers do to us, and what each means: for adapters alone and for the whole engine."""

from __future__ import annotations

from inbox_app.domain.errors import OutcomeUnknown, Permanent, ProviderError, RateLimited, Transient
from tests.standins import http, smtp
from tests.standins.smtp import Step

HTTP_FAULTS: list[tuple[http.Action, type[ProviderError]]] = [
    (http.Respond(400), Permanent),
    (http.Respond(401), Transient),
    (http.Respond(403), Transient),
    (http.Respond(404), Transient),
    (http.Respond(405), Transient),
    (http.Respond(302, {"Location": "http://127.0.0.1/"}), Transient),
    (http.Respond(408), Transient),
    (http.Respond(500), Transient),
    (http.Respond(503), Transient),
    (http.Respond(503, {"Retry-After": "9"}), RateLimited),
    (http.Respond(429), RateLimited),
    (http.Respond(500, body=http.HUGE.body), Transient),
    (http.Do.STALL, OutcomeUnknown),
    (http.Do.CUT_BEFORE_READING, OutcomeUnknown),
    (http.Do.CUT_AFTER_READING, OutcomeUnknown),
    (http.MALFORMED, OutcomeUnknown),
    (http.Raw(b""), OutcomeUnknown),
    (http.Raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000), OutcomeUnknown),
]
"""What a gateway does that knows repeats and whose address is a setting, and what that means."""

HTTP_ELSEWHERE = frozenset({302, 404, 405})
"""Statuses that are for good where the address comes from outside."""

HTTP_UNREADABLE: list[http.Respond] = [
    http.HUGE,
    http.Respond(body=b"queued"),
    http.Respond(body=b'["id"]'),
    http.Respond(body=b'{"id": {"a": 1}}'),
    http.Respond(body=b"[" * 100_000),
    http.Respond(status=204, body=b""),
    http.Respond(body=b'{"id": "abc"}', then=http.Do.STALL),
    http.Respond(body=b'{"id": "abc"}', then=http.Do.CUT_AFTER_READING),
]
"""Answers that say yes, and in which no name of the message can be found."""

SMTP_REFUSALS: list[tuple[Step, str, type[ProviderError], bool]] = [
    (Step.CONNECT, "421 busy", Transient, False),
    (Step.CONNECT, "554 5.7.1 not welcome", Permanent, False),
    (Step.AUTH, "535 5.7.8 wrong", Transient, False),
    (Step.AUTH, "454 4.7.0 later", Transient, False),
    (Step.MAIL, "530 5.7.0 sign in first", Transient, False),
    (Step.MAIL, "451 4.3.0 trouble", Transient, False),
    (Step.MAIL, "550 no such user here", Permanent, False),
    (Step.RCPT, "421 4.3.2 shutting down", Transient, False),
    (Step.RCPT, "450 4.7.1 greylisted, come back", Transient, False),
    (Step.RCPT, "451 4.7.1 try later", Transient, False),
    (Step.RCPT, "452 4.2.2 full", Transient, False),
    (Step.RCPT, "450 4.1.1 unknown user, for now", Transient, False),
    (Step.RCPT, "550 5.1.1 who?", Permanent, True),
    (Step.RCPT, "550 5.1.2 no host", Permanent, True),
    (Step.RCPT, "501 5.1.3 bad syntax", Permanent, True),
    (Step.RCPT, "551 5.1.6 moved", Permanent, True),
    (Step.RCPT, "556 5.1.10 null MX", Permanent, True),
    (Step.RCPT, "550 No such user", Permanent, True),
    (Step.RCPT, "551 user not local", Permanent, True),
    (Step.RCPT, "553 mailbox name invalid", Permanent, True),
    (Step.RCPT, "550 <ana@example.com>: User unknown in local table", Permanent, True),
    (Step.RCPT, "550 Unknown local part ana in <ana@example.com>", Permanent, True),
    (Step.RCPT, "550 Invalid recipient <ana@example.com>", Permanent, True),
    (Step.RCPT, "550 ana@example.com does not exist", Permanent, True),
    (Step.RCPT, "550 The account doesn't exist", Permanent, True),
    (Step.RCPT, "550 sorry, no mailbox here by that name", Permanent, True),
    (Step.RCPT, "550 Too many messages from this user", Permanent, False),
    (Step.RCPT, "550 User over quota", Permanent, False),
    (Step.RCPT, "550 The user has exceeded his mailbox limit", Permanent, False),
    (Step.RCPT, "550 Requested action not taken: mailbox unavailable", Permanent, False),
    (Step.RCPT, "550 This account is disabled for now", Permanent, False),
    (Step.RCPT, "550 Invalid HELO name", Permanent, False),
    (Step.RCPT, "550 TLS required, invalid certificate", Permanent, False),
    (Step.RCPT, "550 Sender verify failed: no such user here", Permanent, False),
    (Step.RCPT, "550 Unknown error", Permanent, False),
    (Step.RCPT, "553 Sender address rejected: user not logged in", Permanent, False),
    (Step.RCPT, "550 5.7.1 policy", Permanent, False),
    (Step.RCPT, "550 user is on our spam block list", Permanent, False),
    (Step.RCPT, "553 not in my list of hosts (#5.7.1)", Permanent, False),
    (Step.RCPT, "552 5.2.2 over quota", Permanent, False),
    (Step.DATA, "451 4.3.0 trouble", Transient, False),
    (Step.DATA, "554 5.5.1 no", Permanent, False),
    (Step.END, "552 5.3.4 too big", Permanent, False),
    (Step.END, "554 5.7.1 spam", Permanent, False),
    (Step.END, "550 5.1.1 no such user after all", Permanent, True),
    (Step.END, "451 4.3.0 disk", Transient, False),
]
"""Where a mail server says no, how, what it means, and whether the address is dead."""

SMTP_BEFORE_THE_END = [Step.CONNECT, Step.EHLO, Step.AUTH, Step.MAIL, Step.RCPT, Step.DATA]
"""Steps after which the message cannot have arrived."""

NONSENSE = "hello there"
SMTP_HUGE = "250-" + "x" * 100_000
SMTP_BREAKS: list[smtp.Action] = [smtp.Do.STALL, smtp.Do.CUT, NONSENSE, SMTP_HUGE]
"""What a mail server can do that is no answer."""

SHORT = 1.0
"""Seconds to wait for one who stalls: what comes before that has to fit in on a busy machine."""
LONG = 10.0


def patience(action: object) -> float:
    """Seconds to wait for whoever does ``action``, so that only a stall is cut short."""
    stalls = action in (smtp.Do.STALL, http.Do.STALL) or (
        isinstance(action, http.Respond) and action.then is http.Do.STALL
    )
    return SHORT if stalls else LONG
