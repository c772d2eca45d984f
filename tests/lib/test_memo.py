"""The small memory: values grow old, and the least used make room."""

from __future__ import annotations

from datetime import timedelta

from inbox_app.lib.memo import Memo
from tests.clock import SetClock


def remembering(size: int = 3) -> Memo[str, int]:
    return Memo(timedelta(seconds=5), size)


def test_a_value_is_remembered_until_it_is_too_old(clock: SetClock):
    memo = remembering()
    memo.put("a", 1, clock.now())
    assert memo.get("a", clock.advance(seconds=5)) == 1
    assert memo.get("a", clock.advance(seconds=0.001)) is None


def test_being_read_does_not_make_a_value_younger(clock: SetClock):
    memo = remembering()
    memo.put("a", 1, clock.now())
    memo.get("a", clock.advance(seconds=4))
    assert memo.get("a", clock.advance(seconds=4)) is None


def test_a_forgotten_value_is_gone_and_an_unknown_one_no_error(clock: SetClock):
    memo = remembering()
    memo.put("a", 1, clock.now())
    memo.forget("a")
    memo.forget("never there")
    assert memo.get("a", clock.now()) is None


def test_the_least_recently_used_makes_room(clock: SetClock):
    memo = remembering(size=2)
    memo.put("a", 1, clock.now())
    memo.put("b", 2, clock.now())
    memo.get("a", clock.now())
    memo.put("c", 3, clock.now())
    assert [memo.get(key, clock.now()) for key in "abc"] == [1, None, 3]


def test_putting_again_replaces(clock: SetClock):
    memo = remembering()
    memo.put("a", 1, clock.now())
    memo.put("a", 2, clock.advance(seconds=4))
    assert memo.get("a", clock.advance(seconds=4)) == 2


def test_values_can_be_forgotten_by_what_they_are(clock: SetClock):
    memo = remembering()
    for key, value in (("a", 1), ("b", 2), ("c", 1)):
        memo.put(key, value, clock.now())
    memo.forget_where(lambda value: value == 1)
    assert [memo.get(key, clock.now()) for key in "abc"] == [None, 2, None]
