"""Limits: repetitions, and too many at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.limits import ALWAYS, Past, fingerprint, lookback, repeated, since, throttled
from inbox_app.domain.notification_type import NotificationType, PeriodUnit, Throttling

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TICK = timedelta.resolution

throttlings = st.builds(
    Throttling,
    st.integers(1, 5),
    st.integers(1, 10**25),
    st.sampled_from(PeriodUnit),
    st.booleans(),
)
pasts = st.lists(
    st.builds(
        Past,
        # Some of them are scheduled.
        st.integers(-5_000, 10_000).map(lambda m: NOW - timedelta(minutes=m)),
        st.sampled_from(["a", "b", None]),
    ),
    max_size=20,
)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def kind(**changes: Any) -> NotificationType:
    return NotificationType(1, 1, "order_shipped", "Order shipped", (), **changes)


kinds = st.builds(
    kind,
    deduplication=st.none() | st.timedeltas(timedelta(0), timedelta.max),
    throttling=st.none() | throttlings,
)


def ago(by: timedelta, print_: str | None = None) -> Past:
    return Past(NOW - by, print_)


@pytest.mark.parametrize(
    ("unit", "start"),
    [
        (PeriodUnit.SECONDS, datetime(2026, 3, 31, 11, 59, 59, tzinfo=UTC)),
        (PeriodUnit.MINUTES, datetime(2026, 3, 31, 11, 59, tzinfo=UTC)),
        (PeriodUnit.HOURS, datetime(2026, 3, 31, 11, tzinfo=UTC)),
        (PeriodUnit.DAYS, datetime(2026, 3, 30, 12, tzinfo=UTC)),
        (PeriodUnit.MONTHS, datetime(2026, 2, 28, 12, tzinfo=UTC)),
        (PeriodUnit.YEARS, datetime(2025, 3, 31, 12, tzinfo=UTC)),
    ],
)
def test_a_period_ends_now(unit: PeriodUnit, start: datetime):
    assert since(Throttling(1, 1, unit), NOW) == start


@pytest.mark.parametrize(
    ("now", "months", "start"),
    [
        ((2024, 3, 31), 1, (2024, 2, 29)),
        ((2026, 1, 31), 2, (2025, 11, 30)),
        ((2026, 1, 15), 1, (2025, 12, 15)),
        ((2026, 12, 31), 12, (2025, 12, 31)),
        ((2024, 2, 29), 12, (2023, 2, 28)),
    ],
)
def test_months_go_by_the_calendar(
    now: tuple[int, int, int], months: int, start: tuple[int, int, int]
):
    throttling = Throttling(1, months, PeriodUnit.MONTHS)
    assert since(throttling, datetime(*now, tzinfo=UTC)) == datetime(*start, tzinfo=UTC)


def test_a_period_without_end_never_began():
    assert since(Throttling(1, forever=True), NOW) is None


@given(throttlings)
def test_a_period_however_long_has_a_start_that_can_be_compared(throttling: Throttling):
    start = since(throttling, NOW)
    assert (start is None) == throttling.forever
    assert start is None or ALWAYS <= start < NOW


def test_as_many_as_allowed_in_the_period_are_enough():
    limited = kind(throttling=Throttling(2, 1, PeriodUnit.HOURS))
    assert not throttled(limited, [ago(TICK)], NOW)
    assert throttled(limited, [ago(TICK), ago(HOUR - TICK)], NOW)
    assert not throttled(limited, [ago(TICK), ago(HOUR)], NOW)


def test_forever_counts_all_there_ever_were():
    once = kind(throttling=Throttling(1, forever=True))
    assert not throttled(once, [], NOW)
    assert throttled(once, [ago(timedelta(days=30_000))], NOW)


def test_what_is_scheduled_for_a_little_later_counts_as_well():
    limited = kind(throttling=Throttling(2, 1, PeriodUnit.HOURS))
    assert not throttled(limited, [ago(-TICK)], NOW)
    assert throttled(limited, [ago(TICK), ago(2 * TICK - HOUR)], NOW)
    assert throttled(limited, [ago(-TICK), ago(TICK - HOUR)], NOW)
    assert not throttled(limited, [ago(-TICK), ago(-HOUR)], NOW)
    assert not throttled(limited, [ago(HOUR / 2), ago(-HOUR / 2 - TICK)], NOW)


@given(kinds, st.lists(st.integers(0, 10_000), max_size=12))
def test_no_period_ever_holds_more_than_allowed_in_whatever_order_they_come(
    limited: NotificationType, minutes: list[int]
):
    told: list[Past] = []
    for minute in minutes:
        at = NOW + timedelta(minutes=minute)
        if not throttled(limited, told, at):
            told.append(Past(at, None))
    if limited.throttling is not None:
        for end in told:
            start = since(limited.throttling, end.at)
            held = sum((start is None or start < p.at) and p.at <= end.at for p in told)
            assert held <= limited.throttling.max


def test_an_equal_one_that_is_scheduled_close_by_is_a_repetition():
    limited = kind(deduplication=HOUR)
    assert repeated(limited, [ago(TICK - HOUR, "a")], "a", NOW)
    assert not repeated(limited, [ago(-HOUR, "a")], "a", NOW)


def test_an_equal_one_within_the_time_is_a_repetition():
    limited = kind(deduplication=HOUR)
    assert repeated(limited, [ago(HOUR - TICK, "a")], "a", NOW)
    assert not repeated(limited, [ago(HOUR, "a")], "a", NOW)
    assert not repeated(limited, [ago(TICK, "b"), ago(TICK, None)], "a", NOW)


@given(pasts)
def test_a_type_without_limits_needs_no_history(past: list[Past]):
    assert lookback(kind(), NOW) is None
    assert not throttled(kind(), past, NOW)
    assert not repeated(kind(), past, "a", NOW)


def test_history_reaches_back_as_far_as_the_longer_rule():
    day = Throttling(1, 1, PeriodUnit.DAYS)
    assert lookback(kind(deduplication=HOUR, throttling=day), NOW) == NOW - 24 * HOUR
    assert lookback(kind(deduplication=48 * HOUR, throttling=day), NOW) == NOW - 48 * HOUR
    assert lookback(kind(throttling=Throttling(1, forever=True)), NOW) == ALWAYS


@given(kinds, pasts)
def test_what_lies_before_the_lookback_changes_nothing(limited: NotificationType, past: list[Past]):
    start = lookback(limited, NOW)
    kept = [p for p in past if start is not None and p.at >= start]
    assert throttled(limited, past, NOW) == throttled(limited, kept, NOW)
    assert repeated(limited, past, "a", NOW) == repeated(limited, kept, "a", NOW)


@given(kinds, pasts, pasts)
def test_more_history_never_allows_more(
    limited: NotificationType, past: list[Past], more: list[Past]
):
    for rule in _rules(limited):
        assert rule(past) <= rule(past + more)


def _rules(limited: NotificationType) -> list[Callable[[list[Past]], bool]]:
    return [lambda p: throttled(limited, p, NOW), lambda p: repeated(limited, p, "a", NOW)]


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_a_fingerprint_does_not_depend_on_the_order_of_keys(parts: dict[str, Any]):
    backwards = dict(reversed(parts.items()))
    assert fingerprint(parts) == fingerprint(backwards)
    assert fingerprint(json.loads(json.dumps(parts))) == fingerprint(parts)


@given(
    st.dictionaries(st.text(), json_values, max_size=3),
    st.dictionaries(st.text(), json_values, max_size=3),
)
def test_different_content_has_different_fingerprints(one: dict[str, Any], two: dict[str, Any]):
    is_same = json.dumps(one, sort_keys=True) == json.dumps(two, sort_keys=True)
    assert (fingerprint(one) == fingerprint(two)) == is_same


def test_a_fingerprint_is_sha_256_in_hex():
    empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert fingerprint({}) == empty
    assert fingerprint({"a": 1}) != fingerprint({"a": "1"})
