"""Retries: bounded, spread, never before a provider said, and they stop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.errors import (
    OutcomeUnknown,
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
    UnsupportedContent,
)
from inbox_app.domain.retry import (
    LEAST_WAIT,
    LONGEST_RETRY_AFTER,
    GiveUp,
    Retry,
    RetryPolicy,
    decide_retry,
    parse_retry_after,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WEEK = LONGEST_RETRY_AFTER.total_seconds()

chances = st.floats(0, 1, exclude_max=True)
attempts = st.integers(1, 7)
ages = st.timedeltas(timedelta(0), timedelta(hours=30))
answers = st.none() | st.floats() | st.floats(0, 100_000)


def limited(retry_after: float | None) -> RateLimited:
    return RateLimited("smtp", "too many", retry_after=retry_after)


def decided(error: ProviderError, tried: int, chance: float = 0.5, age: timedelta | None = None):
    return decide_retry(error, tried, NOW - (age or timedelta(0)), NOW, lambda: chance)


def wait_of(decision: Retry | GiveUp) -> timedelta:
    assert isinstance(decision, Retry)
    return decision.at - NOW


@pytest.mark.parametrize(
    ("tried", "longest"),
    [(1, 5), (2, 10), (3, 20), (4, 40), (7, 320)],
)
def test_the_wait_is_a_random_part_of_one_that_doubles(tried: int, longest: int):
    assert wait_of(decided(Transient("smtp", "busy"), tried, 0.5)) == timedelta(seconds=longest / 2)


@pytest.mark.parametrize("tried", [20, 2_000])
def test_the_wait_stops_growing(tried: int):
    policy = RetryPolicy(most=1_000_000)
    decision = decide_retry(Transient("smtp", "busy"), tried, NOW, NOW, lambda: 0.5, policy)
    assert wait_of(decision) == policy.cap / 2


def test_nothing_is_tried_again_at_once():
    assert wait_of(decided(Transient("smtp", "busy"), 1, 0.0)) == LEAST_WAIT


def test_a_provider_is_not_asked_before_it_said():
    assert wait_of(decided(limited(120.0), 1, 0.0)) == timedelta(seconds=120)


def test_what_was_turned_away_together_does_not_come_back_together():
    waits = {wait_of(decided(limited(120.0), 3, n / 10)) for n in range(10)}
    assert len(waits) == 10


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Permanent("smtp", "no such box"), "refused"),
        (UnsupportedContent("sms", "pictures"), "refused"),
        (OutcomeUnknown("smtp", "cut"), "may have arrived, so it is not sent again"),
        (ProviderError("smtp", "odd"), "does not allow"),
    ],
)
def test_what_will_not_come_right_is_not_tried_again(error: ProviderError, reason: str):
    decision = decided(error, 1)
    assert isinstance(decision, GiveUp)
    assert reason in decision.reason


def test_a_delivery_is_tried_eight_times_at_most():
    assert isinstance(decided(Transient("smtp", "busy"), 7), Retry)
    assert decided(Transient("smtp", "busy"), 8) == GiveUp(
        "It was tried 8 times, which is the most."
    )


def test_a_day_after_the_first_try_there_is_no_other():
    almost = timedelta(hours=24) - timedelta(seconds=2)
    assert wait_of(decided(Transient("smtp", "busy"), 7, 0.9, almost)) == timedelta(seconds=2)
    last = timedelta(hours=24) - LEAST_WAIT
    assert wait_of(decided(Transient("smtp", "busy"), 7, 0.9, last)) == LEAST_WAIT
    assert isinstance(decided(Transient("smtp", "busy"), 7, 0.9, last + LEAST_WAIT / 2), GiveUp)


@pytest.mark.parametrize("seconds", [86_401.0, 1e30, float("inf")])
def test_a_provider_that_asks_for_more_patience_than_there_is_gets_no_other_try(seconds: float):
    assert isinstance(decided(limited(seconds), 1), GiveUp)


@pytest.mark.parametrize("seconds", [-5.0, 0.0, float("nan"), None])
def test_an_answer_without_sense_asks_for_nothing(seconds: float | None):
    plain = decided(Transient("smtp", "busy"), 2)
    assert decided(limited(seconds), 2) == plain


@given(answers, attempts, chances, ages)
def test_a_retry_is_in_the_future_bounded_and_not_before_the_provider_said(
    retry_after: float | None, tried: int, chance: float, age: timedelta
):
    decision = decided(limited(retry_after), tried, chance, age)
    asked = retry_after if retry_after and retry_after > 0 else 0.0
    policy = RetryPolicy()
    if isinstance(decision, GiveUp):
        assert max(asked, 1.0) > (policy.patience - age).total_seconds()
        return
    assert decision.at <= NOW - age + policy.patience
    assert decision.at >= NOW + LEAST_WAIT
    assert timedelta(seconds=asked) <= wait_of(decision)
    assert wait_of(decision) <= timedelta(seconds=max(asked, 1.0)) + policy.cap


@given(st.lists(chances, min_size=1, max_size=30), answers)
def test_a_provider_that_always_fails_is_left_alone_in_the_end(
    drawn: list[float], retry_after: float | None
):
    now, tried, calls = NOW, 0, iter(drawn * 30)
    while True:
        tried += 1
        decision = decide_retry(limited(retry_after), tried, NOW, now, lambda: next(calls))
        if isinstance(decision, GiveUp):
            break
        assert decision.at > now
        now = decision.at
    assert tried <= RetryPolicy().most
    assert now <= NOW + RetryPolicy().patience


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 120\t", 120.0),
        ("1.5", 1.5),
        ("9" * 5_000, WEEK),
        ("Mon, 02 Mar 2026 09:32:00 GMT", 120.0),
        ("Monday, 02-Mar-26 09:32:00 GMT", 120.0),
        ("Mon Mar  2 09:32:00 2026", 120.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 0.0),
        ("Sun Nov  6 08:49:37 1994", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", WEEK),
    ],
)
def test_both_forms_of_retry_after_are_read(value: str, seconds: float):
    assert parse_retry_after(value, NOW) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "-1",
        "+1",
        "1.",
        "1e3",
        "\u0663",
        "120 seconds",
        "2026-03-02T09:32:00Z",
        "Mon, 31 Feb 2026 09:32:00 GMT",
        "Mon, 02 Mar 2026 25:00:00 GMT",
        "Mon, 02 Xyz 2026 09:32:00 GMT",
        "Mon, 02 Mar 2026 09:32:00",
    ],
)
def test_what_is_no_retry_after_is_ignored(value: str):
    assert parse_retry_after(value, NOW) is None


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2},? \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"))
def test_no_header_breaks_it(value: str):
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or 0 <= seconds <= WEEK


@given(st.integers(0, 604_800))
def test_seconds_and_date_say_the_same(seconds: int):
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert parse_retry_after(date, NOW) == parse_retry_after(str(seconds), NOW) == seconds
