"""Fair share: turns by weight, spread evenly, and nobody waits for ever."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.fair_share import FairShare

weights = st.dictionaries(st.integers(1, 10**9), st.integers(1, 9), min_size=1, max_size=6)


def test_turns_are_spread_as_nginx_spreads_them():
    share = FairShare()
    assert [share.pick({1: 5, 2: 1, 3: 1}) for _ in range(7)] == [1, 1, 2, 1, 3, 1, 1]


def test_a_busy_environment_does_not_starve_another():
    share = FairShare()
    for _ in range(1_000):
        share.pick({1: 1})
    assert 2 in [share.pick({1: 1, 2: 1}) for _ in range(2)]


def test_what_is_gone_is_forgotten():
    share = FairShare()
    assert share.pick({1: 3, 2: 2}) == 1
    assert share.pick({3: 1}) == 3
    assert share.pick({1: 3, 2: 2}) == 1


def test_there_is_no_turn_without_anybody_ready():
    with pytest.raises(ValueError, match="ready"):
        FairShare().pick({})


@given(weights, st.integers(1, 4))
def test_turns_are_exactly_by_weight(ready: dict[int, int], rounds: int):
    share = FairShare()
    turns = Counter(share.pick(ready) for _ in range(rounds * sum(ready.values())))
    assert turns == {id_: rounds * weight for id_, weight in ready.items()}


@given(weights)
def test_nobody_waits_much_longer_than_an_even_spread_would_have_it(ready: dict[int, int]):
    share, total = FairShare(), sum(ready.values())
    turns = [share.pick(ready) for _ in range(3 * total)]
    for id_, weight in ready.items():
        at = [-1, *(n for n, turn in enumerate(turns) if turn == id_)]
        gaps = [at[n + 1] - at[n] for n in range(len(at) - 1)]
        assert max(gaps) <= total - weight + 1
        assert max(gaps) <= 2 * -(-total // weight)


@given(weights, st.data())
def test_one_who_is_always_ready_gets_a_turn_whatever_the_others_do(
    others: dict[int, int], data: st.DataObject
):
    share, waited = FairShare(), 0
    longest = 2 * (sum(others.values()) + 1)
    for _ in range(60):
        there = data.draw(st.sets(st.sampled_from(sorted(others))))
        ready = {id_: others[id_] for id_ in there} | {0: 1}
        waited = 0 if share.pick(ready) == 0 else waited + 1
        assert waited < longest
