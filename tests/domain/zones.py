"""Zones in which clocks do something of interest in 2026, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/St_Johns",  # half past
        "Asia/Kolkata",  # half past, no changes
        "Asia/Kathmandu",  # a quarter to
        "Australia/Lord_Howe",  # changes by half an hour
        "Antarctica/Troll",  # changes by two hours
        "America/Santiago",  # changes at midnight
        "Pacific/Apia",
    )
]
BERLIN, LORD_HOWE, SANTIAGO = ZONES[1], ZONES[6], ZONES[8]
UTC_ZONE = ZONES[0]
YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def changes(zone: ZoneInfo) -> list[datetime]:
    """The hours of 2026, in UTC, right after which the clocks of ``zone`` show another offset."""
    hours = [YEAR + timedelta(hours=n) for n in range(365 * 24)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    return [hours[n] for n in range(len(hours) - 1) if offsets[n] != offsets[n + 1]]


def shown(at: datetime, zone: ZoneInfo) -> datetime:
    """What the wall clock shows, naive."""
    return at.astimezone(zone).replace(tzinfo=None)
