"""Digest windows: which notifications share a digest, and when it is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from inbox_app.domain.delivery_option import DeliveryOption, DigestTime, MonthDay
from inbox_app.domain.wall_time import LATEST, local

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_AROUND = range(-3, 4)
"""Enough on both sides even where a zone skipped a whole day."""


@dataclass(frozen=True)
class Window:
    """The time whose notifications make one digest: ``start <= at < due``, both in UTC."""

    start: datetime
    due: datetime


def window(option: DeliveryOption, times: DigestTime, zone: ZoneInfo, at: datetime) -> Window:
    """The window that ``at`` lies in, or `LATEST` when that is earlier.

    Windows leave no gap: each starts when the last is due.

    Hourly windows end at the whole hours of the local clock, the others at the local time, weekday
    or day of month of ``times``; times that a change of the clocks skips or repeats are as `local`
    takes them, only that a repeated whole hour ends an hourly window both times.

    Raises:
        ValueError: the option is no digest.
    """
    at = min(at, LATEST).astimezone(UTC)
    edges = set(_edges(option, times, zone, at))
    return Window(max(e for e in edges if e <= at), min(e for e in edges if e > at))


def _edges(
    option: DeliveryOption, times: DigestTime, zone: ZoneInfo, at: datetime
) -> Iterator[datetime]:
    """The edges of windows around a moment, in no order."""
    wall = at.astimezone(zone)
    if option is DeliveryOption.HOURLY:
        return _whole_hours(wall.replace(tzinfo=None), zone)
    return (local(day, times.at, zone) for day in _days(option, times, wall.date()))


def _days(option: DeliveryOption, times: DigestTime, today: date) -> Iterator[date]:
    match option:
        case DeliveryOption.DAILY:
            return (today + n * _DAY for n in _AROUND)
        case DeliveryOption.WEEKLY:
            ahead = (times.weekday - today.weekday()) % 7
            return (today + (ahead + 7 * n) * _DAY for n in _AROUND)
        case DeliveryOption.MONTHLY:
            return (_day_of_month(today, n, times.month_day) for n in _AROUND)
        case _:
            raise ValueError(f"{option.value} is not a digest")


def _day_of_month(today: date, months: int, which: MonthDay) -> date:
    if which is MonthDay.LAST:
        return _day_of_month(today, months + 1, MonthDay.FIRST) - _DAY
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _whole_hours(wall: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    hour = datetime.combine(wall.date(), time(wall.hour))
    for shown in (hour + n * _HOUR for n in _AROUND):
        first = local(shown.date(), shown.time(), zone)
        yield first
        # The second time the clock shows it; for an hour that is skipped there is none.
        second = shown.replace(tzinfo=zone, fold=1).astimezone(UTC)
        if second > first:
            yield second
