"""Wall time: what the clock on a user's wall shows, as moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LATEST = datetime(9999, 1, 1, tzinfo=UTC)
"""Windows around a later moment are those around this one: the calendar ends with its year."""


def local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The UTC moment at which the clocks of ``zone`` show ``clock`` on ``day``.

    A time that a change of the clocks leaves out is moved on by the length of the gap (02:30
    becomes 03:30); of a time that comes twice it is the first. Both are RFC 5545 section 3.3.5.
    """
    # fold=0 takes the offset before the change, which does both.
    wall = datetime.combine(day, clock.replace(tzinfo=None, fold=0), tzinfo=zone)
    return wall.astimezone(UTC)


def shown(at: datetime, zone: ZoneInfo) -> datetime:
    """A moment as the clocks of ``zone`` show it; unchanged where their calendar ends before."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


def later(at: datetime, by: timedelta) -> datetime:
    """The moment so much later; the last one there is when that is past the calendar's end."""
    try:
        return at + by
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
