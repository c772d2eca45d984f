"""Limits of a type: repetitions and too many at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from inbox_app.domain.notification_type import NotificationType, PeriodUnit, Throttling

ALWAYS = datetime.min.replace(tzinfo=UTC)
"""Before everything."""


@dataclass(frozen=True)
class Past:
    """Another notification of the same type to the same user.

    Attributes:
        at: When it was accepted, or the later time that its sender asked for.
        fingerprint: Of its content, None when it was not kept.
    """

    at: datetime
    fingerprint: str | None


def since(throttling: Throttling, now: datetime) -> datetime | None:
    """Where the period that ends now starts, the moment itself no part of it; None: it never did.

    Months and years go by the calendar; a day that a month does not have is its last one. A period
    longer than time reaches starts with `ALWAYS`.
    """
    if throttling.forever:
        return None
    months = {PeriodUnit.MONTHS: 1, PeriodUnit.YEARS: 12}.get(throttling.unit)
    if months:
        return _months_before(now, throttling.period * months)
    try:
        return _before(now, timedelta(**{throttling.unit.value: throttling.period}))
    except OverflowError:
        return ALWAYS


def throttled(kind: NotificationType, past: Sequence[Past], at: datetime) -> bool:
    """Whether one more at ``at`` would be more than the type allows one user in a period.

    Periods that end at ``at`` count, and those that end later with one that is scheduled.
    """
    if kind.throttling is None:
        return False
    ends = {at, *(p.at for p in past if p.at > at)}
    return any(_used_up(kind.throttling, past, at, end) for end in ends)


def _used_up(throttling: Throttling, past: Sequence[Past], at: datetime, end: datetime) -> bool:
    """Whether the period that ends at ``end`` holds ``at`` and is full."""
    start = since(throttling, end)
    if start is None:
        return len(past) >= throttling.max
    return start < at and sum(start < p.at <= end for p in past) >= throttling.max


def repeated(kind: NotificationType, past: Sequence[Past], fingerprint: str, at: datetime) -> bool:
    """Whether one with the same fingerprint lies within the type's deduplication time of ``at``."""
    within = kind.deduplication
    if within is None:
        return False
    return any(p.fingerprint == fingerprint and abs(p.at - at) < within for p in past)


def lookback(kind: NotificationType, now: datetime) -> datetime | None:
    """How far back `throttled` and `repeated` look; None when they need no history.

    They look ahead as well, at what is scheduled.
    """
    starts: list[datetime] = []
    if kind.throttling is not None:
        starts.append(since(kind.throttling, now) or ALWAYS)
    if kind.deduplication is not None:
        starts.append(_before(now, kind.deduplication))
    return min(starts, default=None)


def fingerprint(parts: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of JSON values; the order of keys does not count."""
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _before(now: datetime, by: timedelta) -> datetime:
    try:
        return now - by
    except OverflowError:
        return ALWAYS


def _months_before(now: datetime, months: int) -> datetime:
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    if year < 1:
        return ALWAYS
    # The last day of a month is never before the 28th.
    for day in range(now.day, 27, -1):
        try:
            return now.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return now.replace(year=year, month=month + 1)
