"""When something that is snoozed may come back: what is offered, and what may be picked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.wall_time import local, shown

MORNING, EVENING = time(8), time(18)
FARTHEST = timedelta(days=366)


class Later(StrEnum):
    """The usual moments."""

    HOUR = "hour"
    EVENING = "evening"
    TOMORROW = "tomorrow"
    MONDAY = "monday"


@dataclass(frozen=True)
class Choice:
    """A usual moment and when it is."""

    later: Later
    until: datetime


def choices(now: datetime, zone: ZoneInfo) -> list[Choice]:
    """What is offered, the soonest first; the evening only before it, and no moment twice."""
    wall = shown(now, zone)
    today = wall.date()
    hour = now + timedelta(hours=1)
    monday = today + timedelta(days=7 - today.weekday())
    found = [
        Choice(Later.HOUR, hour),
        Choice(Later.EVENING, local(today, EVENING, zone)),
        Choice(Later.TOMORROW, local(today + timedelta(days=1), MORNING, zone)),
        Choice(Later.MONDAY, local(monday, MORNING, zone)),
    ]
    unique: dict[datetime, Choice] = {}
    for each in sorted(found, key=lambda each: each.until):
        if each.until > now:
            unique.setdefault(each.until, each)
    return list(unique.values())


def picked(until: datetime, now: datetime) -> datetime:
    """A moment somebody picked, in UTC.

    Raises:
        InvalidInput: it does not lie ahead, or too far.
    """
    if until <= now:
        raise InvalidInput("That time is over.", fix="Pick a time that lies ahead.")
    if until - now > FARTHEST:
        raise InvalidInput("That is more than a year ahead.", fix="Pick a time within a year.")
    return until.astimezone(UTC)
