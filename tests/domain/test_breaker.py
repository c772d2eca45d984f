"""Circuit breaker: open after failures in a row, probes one at a time, closed by a success."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from inbox_app.domain.breaker import Breaker, Breakers

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def opened(at: datetime = NOW, **limits: timedelta) -> Breaker:
    breaker = Breaker(**limits)  # pyright: ignore[reportArgumentType]
    for _ in range(5):
        assert breaker.allows(at)
        breaker.failed(at)
    return breaker


def test_a_new_one_is_closed():
    assert Breaker().allows(NOW)
    assert Breaker().opens_at(NOW) is None


def test_failures_in_a_row_open_it_for_a_while():
    breaker = opened()
    assert not breaker.allows(NOW)
    assert breaker.opens_at(NOW) == NOW + 30 * SECOND
    assert not breaker.allows(NOW + 29 * SECOND)
    assert breaker.allows(NOW + 30 * SECOND)


def test_a_success_in_between_starts_the_count_anew():
    breaker = Breaker(threshold=2)
    for _ in range(5):
        breaker.failed(NOW)
        breaker.succeeded(NOW)
    breaker.failed(NOW)
    assert breaker.allows(NOW)


def test_half_open_it_lets_one_probe_through():
    breaker, later = opened(), NOW + 30 * SECOND
    assert breaker.opens_at(later) is None
    assert breaker.allows(later)
    assert not breaker.allows(later)
    assert breaker.opens_at(later) == later + 30 * SECOND


def test_a_probe_that_succeeds_closes_it():
    breaker, later = opened(), NOW + 30 * SECOND
    assert breaker.allows(later)
    breaker.succeeded(later)
    assert all(breaker.allows(later) for _ in range(10))


def test_every_probe_that_fails_doubles_the_time_up_to_the_longest():
    breaker, now, waits = opened(), NOW, list[float]()
    for _ in range(7):
        until = breaker.opens_at(now)
        assert until is not None
        waits.append((until - now).total_seconds())
        now = until
        assert breaker.allows(now)
        breaker.failed(now)
    assert waits == [30, 60, 120, 240, 480, 600, 600]


def test_after_it_closed_the_first_time_is_short_again():
    breaker = opened()
    assert breaker.allows(NOW + 30 * SECOND)
    breaker.failed(NOW + 30 * SECOND)
    assert breaker.allows(NOW + 90 * SECOND)
    breaker.succeeded(NOW + 90 * SECOND)
    for _ in range(5):
        breaker.failed(NOW + 91 * SECOND)
    assert breaker.opens_at(NOW + 91 * SECOND) == NOW + 121 * SECOND


def test_failures_of_calls_from_before_do_not_make_it_longer():
    breaker = opened()
    for n in range(20):
        breaker.failed(NOW + n * SECOND)
    assert breaker.opens_at(NOW) == NOW + 30 * SECOND


def test_a_probe_that_is_never_reported_does_not_block_it_for_ever():
    breaker, later = opened(), NOW + 30 * SECOND
    assert breaker.allows(later)
    assert not breaker.allows(later + 29 * SECOND)
    assert breaker.allows(later + 30 * SECOND)
    assert not breaker.allows(later + 31 * SECOND)


class Calls(RuleBasedStateMachine):
    """Calls begin and end in any order, none takes as long as a probe may."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker(threshold=3)
        self.now = NOW
        self.in_a_row = 0
        self.is_open = False
        self.probes = 0

    @rule(seconds=st.integers(0, 700))
    def time_passes(self, seconds: int):
        if self.probes == 0:
            self.now += seconds * SECOND
        else:
            self.now += (seconds % 2) * SECOND / 100

    @rule()
    def a_call_is_asked_for(self):
        expected = self.breaker.opens_at(self.now)
        allowed = self.breaker.allows(self.now)
        assert allowed == (expected is None)
        if allowed and self.is_open:
            self.probes += 1
        if not self.is_open:
            assert allowed

    @rule()
    def a_call_succeeds(self):
        self.breaker.succeeded(self.now)
        self.is_open, self.in_a_row, self.probes = False, 0, 0
        assert self.breaker.opens_at(self.now) is None

    @precondition(lambda self: not self.is_open or self.probes)
    @rule()
    def a_call_fails(self):
        self.breaker.failed(self.now)
        self.in_a_row += 1
        self.is_open, self.probes = self.in_a_row >= 3, 0

    @invariant()
    def there_is_never_more_than_one_probe(self):
        assert self.probes <= 1

    @invariant()
    def a_next_call_is_never_further_away_than_the_longest(self):
        until = self.breaker.opens_at(self.now)
        assert until is None or self.now < until <= self.now + timedelta(minutes=10)


TestCalls = Calls.TestCase


def test_places_behind_an_integration_fail_by_themselves():
    breakers = Breakers()
    for _ in range(5):
        breakers.at(1, "a.example").failed(NOW)
    assert breakers.at(1, "a.example").opens_at(NOW)
    assert all(
        breakers.at(*place).opens_at(NOW) is None
        for place in [(1, "b.example"), (1, ""), (2, "a.example")]
    )
    breakers.forget(2)
    assert breakers.at(1, "a.example").opens_at(NOW)
    breakers.forget(1)
    assert breakers.at(1, "a.example").opens_at(NOW) is None


def test_places_that_were_not_used_for_the_longest_are_forgotten():
    breakers = Breakers(most=2)
    used = breakers.at(1, "used.example")
    for number in range(5):
        breakers.at(1, f"{number}.example")
        assert breakers.at(1, "used.example") is used
    first = breakers.at(1, "4.example")
    breakers.at(1, "5.example")
    assert breakers.at(1, "4.example") is first
    assert breakers.at(1, "used.example") is not used
