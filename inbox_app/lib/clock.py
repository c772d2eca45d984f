"""Time as a dependency: everything that asks for "now" is handed a clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; tests hand in one they can set."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and ``Z``, the form browsers and SDKs read alike."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


MILLISECONDS_FROM = 1e11
"""A Unix time above this is in milliseconds: as seconds it would be after the year 5138."""


def exact_iso(moment: datetime) -> str:
    """As `iso`, but to the microsecond: texts of it sort as their moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_moment(text: str) -> datetime:
    """An aware UTC moment from ISO 8601, or from a Unix time in seconds or milliseconds.

    A number above 10^11 counts as milliseconds (wire/pingram, section 7). A time without a zone
    counts as UTC.

    Raises:
        ValueError: the text is neither, or lies outside the years 1 to 9999.
    """
    try:
        number = float(text)
    except ValueError:
        return _in_utc(datetime.fromisoformat(text))
    try:
        return datetime.fromtimestamp(
            number / 1000 if abs(number) > MILLISECONDS_FROM else number, UTC
        )
    except (OverflowError, OSError) as error:
        raise ValueError(f"{text!r} is not a time") from error


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{moment} is outside the calendar in UTC") from error
