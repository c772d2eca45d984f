"""What a refusal of Amazon SES means for the next try."""

from __future__ import annotations

import re

from inbox_app.channels.http import document, refused
from inbox_app.channels.spec import Tools
from inbox_app.channels.words import spoken
from inbox_app.domain.errors import (
    ProviderError,
    RateLimited,
    Transient,
    UnsupportedContent,
)
from inbox_app.domain.retry import parse_retry_after
from inbox_app.lib.http import Answer

ACCOUNT = frozenset(
    {
        *("AccountSuspendedException", "SendingPausedException"),
        *("MailFromDomainNotVerifiedException", "NotFoundException"),
        *("AccessDeniedException", "AccessDenied", "NotAuthorized", "OptInRequired"),
        *("ExpiredTokenException", "ExpiredToken", "RequestExpired", "IncompleteSignature"),
        *("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch"),
        *("InvalidSignatureException", "MissingAuthenticationToken"),
        *("MissingAuthenticationTokenException",),
    }
)
"""The account, its keys, the clock or what the settings name: what waits must outlive that."""
LIMITS = frozenset(
    {
        *("LimitExceededException", "TooManyRequestsException"),
        *("ThrottlingException", "Throttling", "RequestLimitExceeded"),
    }
)
SERVICE = frozenset(
    {
        *("InternalServiceErrorException", "InternalFailure", "InternalServerError"),
        *("ServiceUnavailable", "ServiceUnavailableException", "RequestTimeout"),
        *("RequestTimeoutException", "RequestAbortedException"),
    }
)
TOO_LARGE = "RequestEntityTooLargeException"
REFUSED = "MessageRejected"
UNVERIFIED = re.compile(r"not verified|identit(?:y|ies) failed the check", re.IGNORECASE)
"""A message is refused too when the account may not write as, or yet to, somebody."""


def refusal(provider: str, answer: Answer, secrets: tuple[str, ...], tools: Tools) -> ProviderError:
    """The error for an answer that is no success."""
    said, code = document(answer), _code(answer)
    words = str(said.get("message") or said.get("Message") or "")
    detail = spoken(words, *secrets) or code or "no words"
    if code in ACCOUNT:
        told = f"Amazon SES refuses this account ({detail}). Correct it or its settings."
        return Transient(provider, told, status=code)
    if code in LIMITS:
        wait = parse_retry_after(answer.headers.get("Retry-After", ""), tools.now())
        return RateLimited(provider, detail, status=code, retry_after=wait)
    if code in SERVICE:
        return Transient(provider, detail, status=code)
    if code == REFUSED and UNVERIFIED.search(detail):
        return Transient(provider, detail, status=code, about_message=True)
    if code == TOO_LARGE:
        return UnsupportedContent(provider, detail, status=code)
    # What else there is, and what has no name, is told apart by its status.
    return refused(provider, answer, detail, tools, code)


def _code(answer: Answer) -> str:
    """The name of the exception, which stands in a header or the body, in longer names."""
    said = document(answer)
    named = answer.headers.get("x-amzn-ErrorType") or said.get("__type") or said.get("code") or ""
    found = re.search(r"(?:^|#)([A-Za-z]{3,60})(?:$|:)", str(named))
    return found.group(1) if found else ""
