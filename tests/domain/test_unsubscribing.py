"""What a link to unsubscribe changes, and what taking it back restores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain import preference, unsubscribing
from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption
from inbox_app.domain.json_document import Change
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.preference import Preferences
from inbox_app.domain.unsubscribing import BY_LINK, BY_UNDO

EVERY = ChannelOptions(offered=frozenset(DeliveryOption))
KIND = NotificationType(
    1, 1, "a/b~c", "A", (Channel.EMAIL,), options={Channel.EMAIL: EVERY}, sub_notifications={}
)
EMAIL = Channel.EMAIL
OFF, DAILY, WEEKLY, INSTANT = (
    *(DeliveryOption.OFF, DeliveryOption.DAILY, DeliveryOption.WEEKLY),
    DeliveryOption.INSTANT,
)


Press = Callable[["Person"], None]


@dataclass
class Person:
    """Somebody who chooses, with the history of it."""

    chosen: Preferences = preference.NOBODY_CHOSE
    history: list[tuple[str, list[Change]]] = field(default_factory=list[tuple[str, list[Change]]])
    kind: NotificationType | None = KIND

    def change(self, change: dict[str, object], by: str) -> None:
        after = preference.patched(self.chosen, change)
        if made := preference.changes(self.chosen, after):
            self.history.insert(0, (by, made))
        self.chosen = after

    def choose(self, option: DeliveryOption | None, sub: str = "") -> None:
        cell = {"channels": {"EMAIL": option and option.value}}
        self.change({"types": {KIND.name: {"subs": {sub: cell}} if sub else cell}}, "user")

    def stop(self) -> None:
        self.change(unsubscribing.stopping(self.chosen, self.kind), BY_LINK)

    def weekly(self) -> None:
        self.change(unsubscribing.made_weekly(self.chosen, KIND, self._earlier()), BY_LINK)

    def undo(self) -> None:
        self.change(unsubscribing.restoring(self._earlier(), self.kind), BY_UNDO)

    def _earlier(self) -> unsubscribing.Earlier:
        return unsubscribing.earlier(self.history, unsubscribing.places(self.chosen, self.kind))

    def option(self, sub: str | None = None) -> DeliveryOption:
        return self.chosen.option(KIND, sub, EMAIL).option


@pytest.mark.parametrize("before", [None, DAILY, INSTANT])
def test_undo_restores_exactly_what_was_chosen(before: DeliveryOption | None):
    ada = Person()
    ada.choose(before)
    chosen = ada.chosen
    ada.stop()
    assert ada.option() is OFF
    ada.stop()
    ada.undo()
    assert ada.chosen == chosen
    ada.undo()
    assert ada.chosen == chosen


def test_stopping_a_type_stops_every_subject_of_it():
    ada = Person()
    ada.choose(DAILY)
    ada.choose(INSTANT, "x/y")
    ada.choose(OFF, "z")
    chosen = ada.chosen
    ada.stop()
    assert {ada.option(sub) for sub in (None, "x/y", "z", "other")} == {OFF}
    ada.undo()
    assert ada.chosen == chosen


def test_weekly_leaves_off_what_the_person_switched_off_otherwise():
    ada = Person()
    ada.choose(INSTANT, "x")
    ada.choose(OFF, "z")
    ada.stop()
    ada.weekly()
    assert [ada.option(sub) for sub in (None, "x", "z")] == [WEEKLY, WEEKLY, OFF]
    ada.undo()
    assert [ada.option(sub) for sub in (None, "x", "z")] == [INSTANT, INSTANT, OFF]


def test_undo_of_a_second_time_goes_back_to_what_the_first_one_left():
    ada = Person()
    ada.weekly()
    ada.stop()
    ada.undo()
    assert ada.option() is WEEKLY


def test_undo_of_weekly_restores_even_off():
    ada = Person()
    ada.choose(OFF)
    ada.weekly()
    ada.undo()
    assert ada.option() is OFF
    ada.undo()
    assert ada.option() is OFF


def test_what_the_person_chose_since_is_not_taken_back():
    ada = Person()
    ada.stop()
    ada.choose(WEEKLY)
    ada.undo()
    assert ada.option() is WEEKLY


def test_an_earlier_choice_that_is_no_longer_offered_becomes_none():
    ada = Person()
    ada.choose(DAILY)
    ada.stop()
    ada.kind = NotificationType(1, 1, KIND.name, "A", (EMAIL,))
    ada.undo()
    assert ada.chosen == preference.NOBODY_CHOSE


def test_all_email_goes_off_and_comes_back():
    ada = Person(kind=None)
    ada.stop()
    assert unsubscribing.has_stopped(ada.chosen, None)
    assert unsubscribing.has_stopped(ada.chosen, KIND)
    ada.undo()
    assert ada.chosen == preference.NOBODY_CHOSE


@given(
    st.sampled_from([None, *DeliveryOption]),
    st.sampled_from([None, *DeliveryOption]),
    st.lists(st.sampled_from([Person.stop, Person.undo]), max_size=8),
)
def test_whatever_is_pressed_undo_ends_where_it_began(
    whole: DeliveryOption | None, sub: DeliveryOption | None, pressed: list[Press]
):
    ada = Person()
    ada.choose(whole)
    ada.choose(sub, "x")
    chosen = ada.chosen
    for press in pressed:
        press(ada)
    ada.undo()
    assert ada.chosen == chosen
