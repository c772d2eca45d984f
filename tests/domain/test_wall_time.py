"""Wall time: local clocks as moments, over the changes of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.wall_time import local
from tests.domain.zones import BERLIN, LORD_HOWE, SANTIAGO, ZONES, changes, shown


def utc(*parts: int) -> datetime:
    return datetime(2026, *parts, tzinfo=UTC)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("zone", "day", "clock", "moment"),
    [
        (BERLIN, date(2026, 1, 15), time(8), utc(1, 15, 7)),
        (BERLIN, date(2026, 7, 15), time(8), utc(7, 15, 6)),
        (BERLIN, date(2026, 3, 29), time(2, 30), utc(3, 29, 1, 30)),
        (LORD_HOWE, date(2026, 10, 4), time(2, 10), utc(10, 3, 15, 40)),
        (SANTIAGO, date(2026, 9, 6), time(0), utc(9, 6, 4)),
    ],
)
def test_a_time_that_is_skipped_moves_on_by_the_gap(
    zone: ZoneInfo, day: date, clock: time, moment: datetime
):
    assert local(day, clock, zone) == moment


@pytest.mark.parametrize("fold", [0, 1])
def test_of_a_time_that_comes_twice_it_is_the_first(fold: int):
    assert local(date(2026, 10, 25), time(2, 30, fold=fold), BERLIN) == utc(10, 25, 0, 30)


def test_a_day_that_a_zone_skipped_is_the_next_one():
    apia = ZoneInfo("Pacific/Apia")
    assert shown(local(date(2011, 12, 30), time(8), apia), apia) == datetime(2011, 12, 31, 8)  # noqa: DTZ001


@given(
    st.sampled_from(ZONES),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.times(),
)
def test_the_moment_is_in_utc_and_shows_the_time_or_one_after_it(
    zone: ZoneInfo, day: date, clock: time
):
    moment = local(day, clock, zone)
    wall = datetime.combine(day, clock)
    assert moment.tzinfo is UTC
    assert wall <= shown(moment, zone) <= wall + timedelta(hours=2)
    if shown(moment, zone) == wall:
        earlier = (moment - timedelta(minutes=n) for n in range(30, 181, 30))
        assert wall not in [shown(at, zone) for at in earlier]
    else:
        hours = range(-30, 30)
        around = [(moment + timedelta(hours=n)).astimezone(zone).utcoffset() for n in hours]
        assert len(set(around)) == 2, "moved though no clock changed"


def test_the_zones_of_these_tests_change_their_clocks_twice_or_never():
    assert [len(changes(zone)) for zone in ZONES] == [0, 2, 2, 2, 0, 0, 2, 2, 2, 0]
