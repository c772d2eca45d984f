"""Acts that arrive late: what was decided later, on the same field, stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.act import Act, change_of
from inbox_app.domain.item_state import ItemState, Mark, StateChange
from inbox_app.domain.late import LATEST, decided_by, meant_at, still_meant, undone_fields
from tests.clock import START

BEFORE, SINCE = START - timedelta(minutes=5), START + timedelta(minutes=5)
NOW = START + timedelta(hours=1)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def act(name: Act, meant: datetime = START) -> StateChange:
    return change_of(name, NOW, NOW + timedelta(days=1), meant)


def left(change: StateChange, state: ItemState, **known: datetime) -> StateChange:
    return still_meant(change, state, known, None)


def nothing(change: StateChange) -> bool:
    return not (change.sets or change.clears or change.snooze or change.unsnooze)


@pytest.mark.parametrize(
    ("name", "state", "known"),
    [
        (Act.READ, ItemState(), {"opened": SINCE}),
        (Act.READ, ItemState(snoozed_at=SINCE), {}),
        (Act.UNREAD, ItemState(opened=SINCE), {}),
        (Act.UNREAD, ItemState(), {"opened": SINCE}),
        (Act.ARCHIVE, ItemState(), {"archived": SINCE}),
        (Act.ARCHIVE, ItemState(snoozed=NOW, snoozed_at=SINCE), {}),
        (Act.RESTORE, ItemState(archived=SINCE), {}),
        (Act.SAVE, ItemState(), {"saved": SINCE}),
        (Act.UNSAVE, ItemState(saved=SINCE), {}),
        (Act.SNOOZE, ItemState(archived=SINCE), {}),
        (Act.SNOOZE, ItemState(opened=SINCE), {}),
        (Act.SNOOZE, ItemState(), {"archived": SINCE}),
        (Act.SNOOZE, ItemState(), {"snoozed": SINCE}),
        (Act.SNOOZE, ItemState(snoozed=NOW, snoozed_at=SINCE), {}),
        (Act.UNSNOOZE, ItemState(snoozed=NOW, snoozed_at=SINCE), {}),
    ],
)
def test_what_was_decided_since_stays(name: Act, state: ItemState, known: dict[str, datetime]):
    assert nothing(left(act(name), state, **known))
    # Decided before, it gives way; and who acts now always decides last.
    assert left(act(name, at(9)), state, **known) == act(name, at(9))
    just_now = change_of(name, NOW, NOW + timedelta(days=1))
    assert left(just_now, state, **known) == just_now


def test_each_field_is_decided_by_itself():
    elsewhere = ItemState(opened=SINCE, archived=SINCE)
    assert left(act(Act.SAVE), elsewhere) == act(Act.SAVE)
    assert left(act(Act.READ), ItemState(), archived=SINCE, saved=SINCE) == act(Act.READ)


def test_one_answer_stands_the_latest():
    yes = StateChange({Mark.ACTIONED1: START}, meant=START)
    assert nothing(left(yes, ItemState(actioned2=SINCE)))
    assert left(yes, ItemState(actioned2=BEFORE)) == yes


@pytest.mark.parametrize("name", [Act.READ, Act.ARCHIVE, Act.SNOOZE])
def test_a_group_that_got_another_one_since_stays_new(name: Act):
    assert nothing(still_meant(act(name), ItemState(), {}, SINCE))
    assert still_meant(act(name), ItemState(), {}, BEFORE) == act(name)
    assert still_meant(act(Act.SAVE), ItemState(), {}, SINCE) == act(Act.SAVE)


PAIRS = [
    (Act.READ, Act.UNREAD),
    (Act.ARCHIVE, Act.RESTORE),
    (Act.SAVE, Act.UNSAVE),
    (Act.SNOOZE, Act.UNSNOOZE),
]


@given(st.sampled_from(PAIRS), st.lists(st.booleans(), min_size=1, max_size=5))
def test_in_whatever_order_acts_arrive_the_one_meant_last_holds(
    pair: tuple[Act, Act], choices: list[bool]
):
    meant = [(pair[which], at(n + 1)) for n, which in enumerate(choices)]
    ends = {arrived(order) for order in permutations(meant)}
    assert {_visible(state) for state in ends} == {_visible(arrived(meant))}


def _visible(state: ItemState) -> tuple[bool, ...]:
    return state.unread, state.archived is None, state.saved is None, state.snoozed is None


def arrived(acts: Sequence[tuple[Act, datetime]]) -> ItemState:
    state, known = ItemState(seen=START), dict[str, datetime]()
    for name, meant in acts:
        change = act(name, meant)
        state = state.after(still_meant(change, state, known, None))
        for field in decided_by(change):
            known[field] = max(meant, known.get(field, meant))
    return state


def test_undoing_decides_on_what_it_changes():
    now = ItemState(opened=START, archived=START, saved=START)
    assert undone_fields(now, ItemState(opened=START)) == {"archived", "saved"}


def test_the_age_is_bounded_and_none_means_now():
    assert meant_at(NOW, timedelta()) is None
    assert meant_at(NOW, timedelta(seconds=-5)) is None
    assert meant_at(NOW, timedelta(minutes=60)) == START
    assert meant_at(NOW, timedelta(days=400)) == NOW - LATEST


def test_a_late_snooze_may_be_over_if_it_was_not_when_it_was_meant():
    change = change_of(Act.SNOOZE, NOW, at(30), START)
    assert change.snooze is not None
    assert (change.snooze.until, change.snooze.at) == (at(30), START)
