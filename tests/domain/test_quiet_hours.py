"""Quiet hours: when it is quiet, since when and until when."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.quiet_hours import LONGEST, QuietHours, Span
from tests.domain.zones import BERLIN, UTC_ZONE, YEAR, ZONES, changes, shown

QUARTER = timedelta(minutes=15)
quarters = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
weeks = st.builds(
    QuietHours,
    st.dictionaries(st.integers(0, 6), st.builds(Span, quarters, quarters), max_size=7),
)
zones = st.sampled_from(ZONES)
moments = st.integers(0, 364 * 24 * 60).map(lambda m: YEAR + timedelta(minutes=m))

NIGHTS = QuietHours({day: Span(time(22), time(7)) for day in range(7)})
ALWAYS = QuietHours({day: Span(time(0), time(0)) for day in range(7)})


def at(*parts: int, zone: ZoneInfo = BERLIN, fold: int = 0) -> datetime:
    there = datetime(2026, *parts, tzinfo=zone, fold=fold)  # pyright: ignore[reportArgumentType]
    # Python holds a time that comes twice unequal to every moment in another zone.
    return there.astimezone(UTC)


def shows_quiet(quiet: QuietHours, wall: datetime) -> bool:
    """The rule in plain words, for a clock that never changes."""
    today = quiet.days.get(wall.weekday())
    yesterday = quiet.days.get((wall.weekday() - 1) % 7)
    clock = wall.time()
    if today and today.start <= clock and (today.end <= today.start or clock < today.end):
        return True
    return bool(yesterday and yesterday.end <= yesterday.start and clock < yesterday.end)


def test_a_quiet_night_holds_until_morning():
    assert NIGHTS.ends(at(6, 17, 23), BERLIN) == at(6, 18, 7)
    assert NIGHTS.ends(at(6, 18, 6, 59), BERLIN) == at(6, 18, 7)
    assert NIGHTS.began(at(6, 18, 6, 59), BERLIN) == at(6, 17, 22)


@pytest.mark.parametrize("hour", [7, 12, 21])
def test_the_day_is_not_quiet(hour: int):
    assert NIGHTS.ends(at(6, 17, hour), BERLIN) is None
    assert NIGHTS.began(at(6, 17, hour), BERLIN) is None


def test_nobody_is_quiet_without_spans():
    assert QuietHours({}).ends(at(6, 17), BERLIN) is None
    assert QuietHours({}).began(at(6, 17), BERLIN) is None


def test_a_span_belongs_to_the_day_it_starts_on():
    fridays = QuietHours({4: Span(time(22), time(7))})
    assert fridays.ends(at(6, 20, 3), BERLIN) == at(6, 20, 7), "Saturday morning"
    assert fridays.ends(at(6, 19, 3), BERLIN) is None, "Friday morning"
    assert fridays.ends(at(6, 20, 23), BERLIN) is None, "Saturday night"


def test_equal_times_are_a_whole_day():
    sundays = QuietHours({6: Span(time(9), time(9))})
    assert sundays.ends(at(6, 21, 9), BERLIN) == at(6, 22, 9)
    assert sundays.ends(at(6, 21, 8, 59), BERLIN) is None


def test_spans_that_meet_are_one_quiet():
    weekend = QuietHours(
        {4: Span(time(18), time(0)), 5: Span(time(0), time(0)), 6: Span(time(0), time(20))}
    )
    for moment in (at(6, 19, 18), at(6, 20, 12), at(6, 21, 19, 59)):
        assert weekend.began(moment, BERLIN) == at(6, 19, 18)
        assert weekend.ends(moment, BERLIN) == at(6, 21, 20)


def test_a_span_within_another_does_not_shorten_it():
    nested = QuietHours({0: Span(time(20), time(12)), 1: Span(time(1), time(2))})
    assert nested.ends(at(6, 16, 1, 30), BERLIN) == at(6, 16, 12)
    assert nested.ends(at(6, 16, 11), BERLIN) == at(6, 16, 12)
    assert nested.began(at(6, 16, 11), BERLIN) == at(6, 15, 20)


def test_quiet_that_never_ends_is_taken_as_a_week():
    moment = at(6, 17, 12, 34)
    assert ALWAYS.ends(moment, BERLIN) == moment + LONGEST
    began = ALWAYS.began(moment, BERLIN)
    assert began == at(6, 11)
    for other in (at(6, 17, 0, 1), at(6, 17, 23, 59), at(6, 18)):
        assert ALWAYS.began(other, BERLIN) == began, "the same from one start to the next"


def test_the_night_of_the_lost_hour_is_an_hour_shorter():
    moment = at(3, 28, 23)
    began, end = NIGHTS.began(moment, BERLIN), NIGHTS.ends(moment, BERLIN)
    assert began is not None
    assert end is not None
    assert end - began == timedelta(hours=8)
    assert shown(end, BERLIN).time() == time(7)


def test_the_night_of_the_gained_hour_is_an_hour_longer():
    moment = at(10, 24, 23)
    began, end = NIGHTS.began(moment, BERLIN), NIGHTS.ends(moment, BERLIN)
    assert began is not None
    assert end is not None
    assert end - began == timedelta(hours=10)
    assert NIGHTS.ends(at(10, 25, 2, 30, fold=1), BERLIN) == end


def test_an_end_that_is_skipped_moves_on():
    quiet = QuietHours({6: Span(time(1), time(2, 30))})
    assert quiet.ends(at(3, 29, 1, 30), BERLIN) == at(3, 29, 3, 30)


def test_a_start_that_is_skipped_moves_on():
    quiet = QuietHours({6: Span(time(2, 30), time(5))})
    assert quiet.ends(at(3, 29, 3, 15), BERLIN) is None
    assert quiet.began(at(3, 29, 4), BERLIN) == at(3, 29, 3, 30)


def test_a_span_that_is_over_before_its_moved_start_is_left_out():
    quiet = QuietHours({6: Span(time(2, 30), time(3, 15))})
    hour = (at(3, 29, 1) + timedelta(minutes=m) for m in range(0, 180, 5))
    assert not any(quiet.ends(moment.astimezone(UTC), BERLIN) for moment in hour)


def test_an_end_that_comes_twice_is_the_first():
    quiet = QuietHours({6: Span(time(1), time(2, 30))})
    assert quiet.ends(at(10, 25, 1, 30), BERLIN) == at(10, 25, 2, 30)
    assert quiet.ends(at(10, 25, 2, 15, fold=1), BERLIN) is None


@given(weeks, moments)
def test_it_is_quiet_when_the_wall_clock_says_so(quiet: QuietHours, moment: datetime):
    is_quiet = shows_quiet(quiet, moment.replace(tzinfo=None))
    assert (quiet.ends(moment, UTC_ZONE) is not None) == is_quiet
    assert (quiet.began(moment, UTC_ZONE) is not None) == is_quiet


@given(weeks, moments)
def test_quiet_ends_at_the_first_moment_that_is_not(quiet: QuietHours, moment: datetime):
    end = quiet.ends(moment, UTC_ZONE)
    if end is not None:
        wall = moment.replace(tzinfo=None)
        passing = wall - timedelta(minutes=wall.minute % 15) + QUARTER
        while shows_quiet(quiet, passing) and passing < wall + LONGEST:
            passing += QUARTER
        assert shown(end, UTC_ZONE) == min(passing, wall + LONGEST)


@given(weeks, zones, moments)
def test_every_moment_of_one_quiet_has_the_same_beginning_and_end(
    quiet: QuietHours, zone: ZoneInfo, moment: datetime
):
    began, end = quiet.began(moment, zone), quiet.ends(moment, zone)
    assert (began is None) == (end is None)
    if began is None or end is None:
        return
    assert began.tzinfo is UTC
    assert end.tzinfo is UTC
    assert began <= moment < end
    assert moment - began <= LONGEST
    assert end - moment <= LONGEST
    if end - began < LONGEST:
        for other in (began, moment, end - timedelta.resolution):
            assert (quiet.began(other, zone), quiet.ends(other, zone)) == (began, end)
        assert quiet.ends(end, zone) is None
        assert quiet.ends(began - timedelta.resolution, zone) is None


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_a_night_ends_at_the_local_hour_over_both_changes(zone: ZoneInfo):
    for change in changes(zone) or [at(6, 15)]:
        for hours in range(-72, 72):
            end = NIGHTS.ends(change + timedelta(hours=hours), zone)
            assert end is None or shown(end, zone).time() == time(7)
