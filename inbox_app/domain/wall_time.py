"""Wall time: what the clock on a user's wall shows, as moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The UTC moment at which the clocks of ``zone`` show ``clock`` on ``day``.

    A time that a change of the clocks leaves out is moved on by the length of the gap (02:30
    becomes 03:30); of a time that comes twice it is the first. Both are RFC 5545 section 3.3.5.
    """
    # fold=0 takes the offset before the change, which does both.
    wall = datetime.combine(day, clock.replace(tzinfo=None, fold=0), tzinfo=zone)
    return wall.astimezone(UTC)
