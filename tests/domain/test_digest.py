"""Digest windows: they tile time, and are due when the user's own clock says."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.delivery_option import DeliveryOption, DigestTime, MonthDay
from inbox_app.domain.digest import Window, window
from tests.domain.zones import BERLIN, LORD_HOWE, UTC_ZONE, YEAR, ZONES, changes, shown

HOURLY, DAILY = DeliveryOption.HOURLY, DeliveryOption.DAILY
WEEKLY, MONTHLY = DeliveryOption.WEEKLY, DeliveryOption.MONTHLY
DIGESTS = [option for option in DeliveryOption if option.is_digest]
MINUTE = timedelta(minutes=1)

zones = st.sampled_from(ZONES)
moments = st.integers(0, 364 * 24 * 3600 - 1).map(lambda s: YEAR + timedelta(seconds=s))
# Many at the hours in which clocks change.
digest_times = st.builds(
    DigestTime,
    st.one_of(st.times(), st.builds(time, st.integers(0, 3), st.integers(0, 59))),
    st.integers(0, 6),
    st.sampled_from(MonthDay),
)


def at(zone: ZoneInfo, *parts: int, fold: int = 0) -> datetime:
    there = datetime(2026, *parts, tzinfo=zone, fold=fold)  # pyright: ignore[reportArgumentType]
    # Python holds a time that comes twice unequal to every moment in another zone.
    return there.astimezone(UTC)


def walk(option: DeliveryOption, times: DigestTime, zone: ZoneInfo, days: int) -> Iterator[Window]:
    """Windows one after the other, around each change of the clocks, or else some in June."""
    for change in changes(zone) or [at(UTC_ZONE, 6, 15)]:
        found = window(option, times, zone, change - timedelta(days=days))
        while found.start < change + timedelta(days=days):
            yield found
            found = window(option, times, zone, found.due)


def is_due_day(option: DeliveryOption, times: DigestTime, day: date) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    match option:
        case DeliveryOption.WEEKLY:
            return day.weekday() == times.weekday
        case DeliveryOption.MONTHLY:
            return day.day == (1 if times.month_day is MonthDay.FIRST else last)
        case _:
            return True


@given(st.sampled_from(DIGESTS), digest_times, zones, moments)
def test_every_moment_lies_in_one_window_and_windows_leave_no_gap(
    option: DeliveryOption, times: DigestTime, zone: ZoneInfo, moment: datetime
):
    found = window(option, times, zone, moment)
    assert found.start <= moment < found.due
    assert found.start.tzinfo is UTC
    assert found.due.tzinfo is UTC
    following = window(option, times, zone, found.due)
    assert following.start == found.due
    assert window(option, times, zone, found.start) == found
    assert window(option, times, zone, found.due - timedelta.resolution) == found
    assert window(option, times, zone, found.start - timedelta.resolution).due == found.start


@given(st.sampled_from([DAILY, WEEKLY, MONTHLY]), digest_times, zones, moments)
def test_digests_are_due_at_the_local_time_or_moved_by_the_gap(
    option: DeliveryOption, times: DigestTime, zone: ZoneInfo, moment: datetime
):
    due = window(option, times, zone, moment).due
    wall = shown(due, zone)
    if wall.time() != times.at:
        before, after = (t.astimezone(zone).utcoffset() for t in (due - timedelta(hours=3), due))
        assert before is not None
        assert after is not None
        assert after > before, "moved though no time was skipped"
        wall -= after - before
    assert wall.time() == times.at
    assert is_due_day(option, times, wall.date())


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize(
    "clock", [time(0), time(0, 30), time(2), time(2, 15), time(2, 30), time(8)]
)
def test_a_daily_digest_is_due_once_on_every_day_over_both_changes(zone: ZoneInfo, clock: time):
    times = DigestTime(clock)
    days = [shown(found.due, zone).date() for found in walk(DAILY, times, zone, 4)]
    runs = [days[n + 1] - days[n] for n in range(len(days) - 1)]
    assert len(days) >= 8
    assert all(run == timedelta(days=1) or run > timedelta(days=30) for run in runs)


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_hourly_windows_end_at_every_whole_hour_over_both_changes(zone: ZoneInfo):
    for found in walk(HOURLY, DigestTime(), zone, 1):
        minutes = (found.due - found.start) // MINUTE
        edges: list[datetime] = []
        for moment in (found.start + n * MINUTE for n in range(1, minutes + 1)):
            now, earlier = shown(moment, zone), shown(moment - MINUTE, zone)
            is_skipped = now > earlier + MINUTE and now.hour != earlier.hour
            if now.minute == 0 or is_skipped:
                edges.append(moment)
        assert edges == [found.due]


def test_a_zone_at_half_past_has_its_own_whole_hours():
    kolkata = ZoneInfo("Asia/Kolkata")
    assert window(HOURLY, DigestTime(), kolkata, at(kolkata, 6, 1, 9, 59)) == Window(
        at(UTC_ZONE, 6, 1, 3, 30), at(UTC_ZONE, 6, 1, 4, 30)
    )


def test_an_hour_that_comes_twice_is_two_hourly_windows():
    first = window(HOURLY, DigestTime(), BERLIN, at(BERLIN, 10, 25, 2, 30))
    second = window(HOURLY, DigestTime(), BERLIN, at(BERLIN, 10, 25, 2, 30, fold=1))
    assert (first.start, first.due) == (at(UTC_ZONE, 10, 25, 0), at(UTC_ZONE, 10, 25, 1))
    assert (second.start, second.due) == (at(UTC_ZONE, 10, 25, 1), at(UTC_ZONE, 10, 25, 2))


def test_where_clocks_change_by_half_an_hour_a_window_is_shorter_and_another_longer():
    short = window(HOURLY, DigestTime(), LORD_HOWE, at(LORD_HOWE, 10, 4, 2, 40))
    assert short.due - short.start == timedelta(minutes=30)
    long = window(HOURLY, DigestTime(), LORD_HOWE, at(LORD_HOWE, 4, 5, 1, 10))
    assert long.due - long.start == timedelta(minutes=90)


def test_a_daily_digest_at_a_time_that_is_skipped_comes_an_hour_later_that_day():
    times = DigestTime(time(2, 30))
    found = window(DAILY, times, BERLIN, at(BERLIN, 3, 29, 1))
    assert shown(found.due, BERLIN) == shown(at(BERLIN, 3, 29, 3, 30), BERLIN)
    assert shown(window(DAILY, times, BERLIN, found.due).due, BERLIN).time() == time(2, 30)


def test_a_daily_digest_at_a_time_that_comes_twice_comes_the_first_time():
    found = window(DAILY, DigestTime(time(2, 30)), BERLIN, at(BERLIN, 10, 25, 1))
    assert found.due == at(UTC_ZONE, 10, 25, 0, 30)
    again = window(DAILY, DigestTime(time(2, 30)), BERLIN, at(BERLIN, 10, 25, 2, 30, fold=1))
    assert again.start == found.due
    assert shown(again.due, BERLIN).date() == date(2026, 10, 26)


def test_a_day_that_a_zone_skipped_has_no_digest():
    apia = ZoneInfo("Pacific/Apia")
    moment = datetime(2011, 12, 29, 9, tzinfo=apia)
    found = window(DAILY, DigestTime(), apia, moment)
    assert found.due == datetime(2011, 12, 31, 8, tzinfo=apia)
    assert found.due - found.start == timedelta(days=1)


@pytest.mark.parametrize(
    ("option", "times", "moment", "start", "due"),
    [
        (WEEKLY, DigestTime(weekday=4), (6, 17, 12), (6, 12, 8), (6, 19, 8)),
        (WEEKLY, DigestTime(weekday=2), (6, 17, 8), (6, 17, 8), (6, 24, 8)),
        (WEEKLY, DigestTime(weekday=2), (6, 17, 7, 59), (6, 10, 8), (6, 17, 8)),
        (MONTHLY, DigestTime(), (6, 17, 12), (6, 1, 8), (7, 1, 8)),
        (MONTHLY, DigestTime(month_day=MonthDay.LAST), (2, 10), (1, 31, 8), (2, 28, 8)),
        (MONTHLY, DigestTime(month_day=MonthDay.LAST), (3, 31, 8), (3, 31, 8), (4, 30, 8)),
        (DAILY, DigestTime(time(22)), (6, 17, 12), (6, 16, 22), (6, 17, 22)),
    ],
)
def test_windows_go_from_one_due_time_to_the_next(
    option: DeliveryOption,
    times: DigestTime,
    moment: tuple[int, ...],
    start: tuple[int, ...],
    due: tuple[int, ...],
):
    found = window(option, times, BERLIN, at(BERLIN, *moment))
    assert found == Window(at(BERLIN, *start), at(BERLIN, *due))


def test_a_monthly_window_goes_over_the_turn_of_the_year():
    found = window(MONTHLY, DigestTime(), BERLIN, datetime(2026, 12, 31, 12, tzinfo=BERLIN))
    assert found.due == datetime(2027, 1, 1, 8, tzinfo=BERLIN)
    last = DigestTime(month_day=MonthDay.LAST)
    found = window(MONTHLY, last, BERLIN, datetime(2028, 2, 1, tzinfo=BERLIN))
    assert found.due == datetime(2028, 2, 29, 8, tzinfo=BERLIN)


@pytest.mark.parametrize("option", [DeliveryOption.OFF, DeliveryOption.INSTANT])
def test_what_is_no_digest_has_no_window(option: DeliveryOption):
    with pytest.raises(ValueError, match="not a digest"):
        window(option, DigestTime(), BERLIN, YEAR)
