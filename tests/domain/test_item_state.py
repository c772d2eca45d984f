"""Item states: reports come late, twice and out of order, and end alike."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.item_state import (
    CLEARABLE,
    IMPLIES,
    Counters,
    ItemState,
    Mark,
    Snooze,
    StateChange,
)
from tests.clock import START

moments = st.integers(0, 1_000_000).map(lambda seconds: START + timedelta(seconds=seconds))
reports = st.dictionaries(st.sampled_from(Mark), moments, max_size=4).map(StateChange)
snoozes = st.none() | st.builds(Snooze, moments, moments)
changes = st.builds(
    StateChange,
    st.dictionaries(st.sampled_from(Mark), moments, max_size=3),
    st.frozensets(st.sampled_from(sorted(CLEARABLE))),
    snoozes,
    st.booleans(),
)


def told(*given: StateChange, to: ItemState | None = None) -> ItemState:
    state = to or ItemState()
    for change in given:
        state = state.after(change)
    return state


states = st.lists(changes, max_size=4).map(lambda given: told(*given))


@given(st.lists(reports, min_size=1, max_size=4))
def test_reports_in_any_order_end_alike(given: list[StateChange]):
    ends = {told(*order) for order in permutations(given)}
    assert len(ends) == 1


@given(st.lists(reports, max_size=6), st.data())
def test_a_repeated_report_moves_nothing(given: list[StateChange], data: st.DataObject):
    again = data.draw(st.lists(st.sampled_from(given))) if given else []
    assert told(*given, *again) == told(*given)


@given(states, reports)
def test_a_set_state_stays_set_and_never_moves_later(before: ItemState, report: StateChange):
    after = before.after(report)
    for mark in Mark:
        was, now = getattr(before, mark), getattr(after, mark)
        assert was is None or now <= was


@given(states, changes)
def test_only_taking_back_clears_and_only_what_it_names(before: ItemState, change: StateChange):
    after = before.after(change)
    snoozed = {Mark.ARCHIVED} if change.snooze else set[Mark]()
    for mark in set(Mark) - change.clears - snoozed:
        if getattr(before, mark) is not None:
            assert getattr(after, mark) is not None


@pytest.mark.parametrize("mark", Mark)
def test_who_acts_on_an_item_has_done_what_that_implies(mark: Mark):
    state = told(StateChange({mark: START}))
    done = {each for each in Mark if getattr(state, each) is not None}
    assert done == {mark, *IMPLIES[mark]}
    assert Mark.SEEN in done


@given(states)
def test_an_item_counts_in_exactly_one_of_active_snoozed_and_archived(state: ItemState):
    counted = Counters.of(state)
    assert counted.active + counted.archived + counted.snoozed == 1
    assert counted.unread <= counted.active
    assert counted.unread == int(counted.active == 1 and state.opened is None)
    assert counted.saved == int(state.saved is not None)
    assert counted.unseen == int(state.seen is None)


@given(st.lists(states), st.lists(states))
def test_counters_add_up(some: list[ItemState], more: list[ItemState]):
    def total(counted: list[ItemState]) -> Counters:
        return sum(map(Counters.of, counted), Counters())

    assert total(some) + total(more) == total(some + more)
    assert total(some + more) - total(more) == total(some)


def test_an_unread_item_is_not_opened():
    assert ItemState().unread
    assert not told(StateChange({Mark.OPENED: START})).unread


def test_marking_unread_leaves_the_item_seen():
    opened = StateChange({Mark.OPENED: START})
    state = told(opened, StateChange(clears=frozenset({Mark.OPENED})))
    assert (state.opened, state.seen) == (None, START)


LATER = START + timedelta(hours=1)
SNOOZED = StateChange(snooze=Snooze(LATER, START))


@given(states)
def test_what_is_snoozed_has_been_seen_and_is_not_in_the_archive(before: ItemState):
    after = before.after(SNOOZED)
    assert (after.snoozed, after.snoozed_at, after.archived) == (LATER, START, None)
    assert after.seen is not None


@pytest.mark.parametrize("mark", [Mark.OPENED, Mark.CLICKED, Mark.ACTIONED1, Mark.ARCHIVED])
def test_reading_or_archiving_ends_a_snooze(mark: Mark):
    after = told(SNOOZED, StateChange({mark: START}))
    assert (after.snoozed, after.snoozed_at) == (None, None)


@pytest.mark.parametrize("mark", [Mark.SEEN, Mark.SAVED])
def test_seeing_or_saving_leaves_a_snooze(mark: Mark):
    assert told(SNOOZED, StateChange({mark: LATER})).snoozed == LATER


def test_a_late_report_of_reading_does_not_end_a_snooze_that_came_after_it():
    report = StateChange({Mark.OPENED: START - timedelta(minutes=1)})
    assert told(SNOOZED, report).snoozed == LATER


def test_what_comes_back_is_new_and_says_so_until_it_is_read():
    back = told(StateChange({Mark.OPENED: START}), SNOOZED).woken()
    assert (back.seen, back.opened, back.snoozed, back.snoozed_at) == (None, None, None, START)
    assert back.after(StateChange({Mark.OPENED: LATER})).snoozed_at is None
