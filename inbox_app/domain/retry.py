"""Retries: whether and when a delivery that failed is tried again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from inbox_app.domain.errors import OutcomeUnknown, Permanent, ProviderError, RateLimited, Transient

LEAST_WAIT = timedelta(seconds=1)
LONGEST_RETRY_AFTER = timedelta(days=7)
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
"""Some providers say half seconds, which the RFC does not know."""
_HTTP_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [\d ]\d \d\d:\d\d:\d\d \d{4}",
    re.ASCII,
)
"""IMF-fixdate, RFC 850 and asctime: RFC 9110 section 5.6.7."""


@dataclass(frozen=True)
class RetryPolicy:
    """How patient deliveries are.

    Attributes:
        most: Calls of a provider in all.
        base: Longest wait after the first; doubles with each.
        cap: Longest wait at all, unless the provider asks for more.
        patience: After the first call none is made later than this.
    """

    most: int = 8
    base: timedelta = timedelta(seconds=5)
    cap: timedelta = timedelta(hours=1)
    patience: timedelta = timedelta(hours=24)


@dataclass(frozen=True)
class Retry:
    """It is tried again ``at`` a moment."""

    at: datetime


@dataclass(frozen=True)
class GiveUp:
    """It is not tried again; ``reason`` is a sentence."""

    reason: str


def decide_retry(  # noqa: PLR0913 - a decision on so many facts
    error: ProviderError,
    attempts: int,
    first_at: datetime,
    now: datetime,
    chance: Callable[[], float],
    policy: RetryPolicy = RetryPolicy(),
    *,
    again: bool = False,
) -> Retry | GiveUp:
    """What follows a failed call. "Full jitter": a random part of a wait that doubles each time.

    A provider's ``Retry-After`` passes first and the jitter is added, so that what was turned away
    together does not come back together.

    Args:
        error: How the call failed.
        attempts: Calls made so far, this one included.
        first_at: When the first was made.
        now: When this one failed.
        chance: Draws from [0, 1).
        policy: The limits.
        again: Another try may succeed whatever the error says: by another integration, or because
            the type has what may have arrived sent again.
    """
    if not (again or isinstance(error, Transient)):
        return GiveUp(_why_not(error))
    if attempts >= policy.most:
        return GiveUp(f"It was tried {attempts} times, which is the most.")
    asked = asked_wait(error)
    deadline = first_at + policy.patience
    # Compared before it is added: a provider can ask for more than a timedelta holds.
    if max(asked, LEAST_WAIT.total_seconds()) > (deadline - now).total_seconds():
        return GiveUp(f"The next try would be more than {policy.patience} after the first.")
    wait = timedelta(seconds=asked) + chance() * _ceiling(attempts, policy)
    return Retry(min(deadline, now + max(wait, LEAST_WAIT)))


def parse_retry_after(value: str, now: datetime) -> float | None:
    """Seconds to wait by a ``Retry-After`` header, RFC 9110 section 10.2.3.

    Both forms are read: seconds, and a date in any of the three formats. A date that has passed is
    0, and the longest is `LONGEST_RETRY_AFTER`. None when it is neither form.
    """
    text, longest = value.strip(" \t"), LONGEST_RETRY_AFTER.total_seconds()
    if _SECONDS.fullmatch(text):
        return min(float(text), longest)
    if not _HTTP_DATE.fullmatch(text):
        return None
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    # asctime names no zone, and is in UTC like the others.
    return min(max((date.replace(tzinfo=UTC) - now).total_seconds(), 0.0), longest)


def _why_not(error: ProviderError) -> str:
    match error:
        case Permanent():
            return "The provider refused it for good."
        case OutcomeUnknown():
            return "It may have arrived, so it is not sent again by itself."
        case _:
            return "The provider's answer does not allow another try."


def asked_wait(error: ProviderError) -> float:
    """Seconds the provider asked for; 0 when it did not, or asked for nonsense."""
    asked = error.retry_after if isinstance(error, RateLimited) else None
    return asked if asked is not None and asked > 0 else 0.0


def _ceiling(attempts: int, policy: RetryPolicy) -> timedelta:
    wait = policy.base
    for _ in range(attempts - 1):
        if wait >= policy.cap:
            break
        wait *= 2
    return min(wait, policy.cap)
