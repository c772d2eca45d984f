"""Quiet hours: times of the week, on the user's own clock, at which nothing disturbs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from inbox_app.domain.wall_time import LATEST, local

LONGEST = timedelta(days=7)
"""Quiet that never ends is taken as this long."""
_DAY = timedelta(days=1)
_DAYS_AROUND = range(-9, 9)
"""Spans that start on these days can hold within `LONGEST` of today."""


@dataclass(frozen=True)
class Span:
    """Quiet from ``start`` to ``end``, local wall times; the end itself is not quiet any more.

    An end that is not later than the start is on the next day, so equal times are a whole day.
    """

    start: time
    end: time


@dataclass(frozen=True)
class QuietHours:
    """The quiet spans of a week.

    A span whose start the clocks skip over, and that is over before the moved start, is left out.
    What is asked of a moment after `LATEST` is answered for that one.

    Attributes:
        days: The span that starts on each weekday; 0 is Monday.
    """

    days: Mapping[int, Span]

    def ends(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """When the quiet that holds at ``at`` ends, in UTC; None when it is not quiet.

        Spans that meet or overlap are one quiet. Never more than `LONGEST` ahead.
        """
        at = min(at, LATEST)
        run = self._run(at, zone)
        return min(run[-1][1], at.astimezone(UTC) + LONGEST) if run else None

    def began(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """When the quiet that holds at ``at`` began, in UTC; None when it is not quiet.

        The same for every moment of one quiet. Of a quiet longer than `LONGEST` it is the first
        start of a span within that time, which changes only as spans begin.
        """
        at = min(at, LATEST)
        earliest = at.astimezone(UTC) - LONGEST
        return next((start for start, _ in self._run(at, zone) if start >= earliest), None)

    def _run(self, at: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
        """The spans that make up the quiet at ``at``, each from start to the end so far."""
        run: list[tuple[datetime, datetime]] = []
        for start, end in sorted(self._spans(at, zone)):
            if run and start > run[-1][1]:
                if at < run[-1][1]:
                    break
                run = []
            run.append((start, max(end, run[-1][1]) if run else end))
        return run if run and run[0][0] <= at < run[-1][1] else []

    def _spans(self, at: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        today = at.astimezone(zone).date()
        for day in (today + n * _DAY for n in _DAYS_AROUND):
            span = self.days.get(day.weekday())
            if span is None:
                continue
            start = local(day, span.start, zone)
            end = local(day if span.end > span.start else day + _DAY, span.end, zone)
            if start < end:
                yield start, end
