"""What is offered for a snooze: ahead, in order, at the wall times of the person's zone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.snooze import FARTHEST, Later, choices, picked
from tests.clock import START
from tests.domain.zones import BERLIN, YEAR, ZONES, shown

moments = st.integers(0, 365 * 24 * 60).map(lambda minutes: YEAR + timedelta(minutes=minutes))
WALLS = {Later.EVENING: time(18), Later.TOMORROW: time(8), Later.MONDAY: time(8)}


def berlin(*wall: int) -> datetime:
    return datetime(*wall, tzinfo=BERLIN).astimezone(UTC)  # pyright: ignore[reportArgumentType]


@given(moments, st.sampled_from(ZONES))
def test_what_is_offered_lies_ahead_in_order_at_its_wall_time(now: datetime, zone: ZoneInfo):
    offered = choices(now, zone)
    untils = [each.until for each in offered]
    assert untils == sorted(set(untils))
    assert all(now < until <= now + timedelta(days=8) for until in untils)
    assert Later.HOUR in {each.later for each in offered}
    for each in offered:
        wall = shown(each.until, zone)
        if each.later in WALLS:
            assert wall.time() == WALLS[each.later]
        if each.later is Later.MONDAY:
            assert wall.weekday() == 0


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        (berlin(2026, 3, 4, 9, 0), ["hour", "evening", "tomorrow", "monday"]),
        (berlin(2026, 3, 4, 19, 0), ["hour", "tomorrow", "monday"]),
        (berlin(2026, 3, 4, 18, 0), ["hour", "tomorrow", "monday"]),
        (berlin(2026, 3, 4, 17, 0), ["hour", "tomorrow", "monday"]),
        (berlin(2026, 3, 8, 12, 0), ["hour", "evening", "tomorrow"]),
        (berlin(2026, 3, 9, 7, 30), ["hour", "evening", "tomorrow", "monday"]),
    ],
)
def test_what_makes_no_sense_now_is_left_out(now: datetime, offered: list[str]):
    assert [each.later for each in choices(now, BERLIN)] == offered


def test_tomorrow_morning_stays_at_eight_when_the_clocks_change():
    (tomorrow,) = (c for c in choices(berlin(2026, 3, 28, 12), BERLIN) if c.later == "tomorrow")
    assert tomorrow.until == datetime(2026, 3, 29, 6, tzinfo=UTC)


@pytest.mark.parametrize("by", [timedelta(0), timedelta(seconds=-1), FARTHEST + timedelta(1)])
def test_what_is_over_or_too_far_cannot_be_picked(by: timedelta):
    with pytest.raises(InvalidInput):
        picked(START + by, START)


def test_a_picked_time_is_kept_in_utc():
    until = (START + timedelta(hours=1)).astimezone(BERLIN)
    assert picked(until, START).tzinfo is UTC
