"""Preferences: which level decides, what wins over what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption, DigestTime
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.preference import (
    NOBODY_CHOSE,
    Chosen,
    Options,
    Preferences,
    Source,
    refusals,
)
from tests.domain.preferences import channels, kinds, options, preferences, subs

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
OFF, INSTANT = DeliveryOption.OFF, DeliveryOption.INSTANT
HOURLY, DAILY, WEEKLY = DeliveryOption.HOURLY, DeliveryOption.DAILY, DeliveryOption.WEEKLY
EMAIL, SMS = Channel.EMAIL, Channel.SMS
OFFERS_ALL = ChannelOptions(offered=frozenset(DeliveryOption))


def kind(on_email: ChannelOptions = OFFERS_ALL, name: str = "order_shipped") -> NotificationType:
    return NotificationType(1, 1, name, "Order shipped", (EMAIL,), options={EMAIL: on_email})


def chose(whole: Options | None = None, /, **changes: Any) -> Preferences:
    """Preferences for the whole type ``order_shipped``, or other fields."""
    return Preferences({"order_shipped": {"": whole}} if whole else {}, **changes)


def with_cell(
    p: Preferences, type_name: str, sub: str, channel: Channel, option: DeliveryOption
) -> Preferences:
    cells = {name: dict(subs) for name, subs in p.cells.items()}
    levels = cells.setdefault(type_name, {})
    levels[sub] = {**levels.get(sub, {}), channel: option}
    return replace(p, cells=cells)


def test_who_chose_nothing_has_the_types_default():
    daily = kind(ChannelOptions(default=DAILY))
    assert NOBODY_CHOSE.option(daily, None, EMAIL) == Chosen(DAILY, Source.DEFAULT)
    assert NOBODY_CHOSE.option(daily, None, SMS) == Chosen(INSTANT, Source.DEFAULT)


def test_a_choice_for_the_type_counts_for_its_subjects_too():
    p = chose({EMAIL: WEEKLY})
    assert p.option(kind(), None, EMAIL) == Chosen(WEEKLY, Source.TYPE)
    assert p.option(kind(), "returns", EMAIL) == Chosen(WEEKLY, Source.TYPE)
    assert p.option(kind(), "", EMAIL) == Chosen(WEEKLY, Source.TYPE)
    assert p.option(kind(name="other"), None, EMAIL) == Chosen(INSTANT, Source.DEFAULT)


def test_a_choice_for_a_subject_wins_over_the_one_for_the_type():
    p = with_cell(chose({EMAIL: OFF}), "order_shipped", "returns", EMAIL, DAILY)
    assert p.option(kind(), "returns", EMAIL) == Chosen(DAILY, Source.SUB_NOTIFICATION)
    assert p.option(kind(), "repairs", EMAIL) == Chosen(OFF, Source.TYPE)
    assert p.option(kind(), None, EMAIL) == Chosen(OFF, Source.TYPE)


def test_a_channel_that_is_off_is_off_for_everything():
    p = chose({EMAIL: INSTANT}, channels={EMAIL: False, SMS: True})
    assert p.option(kind(), None, EMAIL) == Chosen(OFF, Source.CHANNEL)
    assert p.option(kind(), None, SMS) == Chosen(INSTANT, Source.DEFAULT)


def test_a_choice_that_is_not_offered_any_more_falls_back_to_the_next_level():
    few = kind(ChannelOptions(DAILY, frozenset({OFF})))
    p = with_cell(chose({EMAIL: OFF}), "order_shipped", "returns", EMAIL, WEEKLY)
    assert p.option(few, "returns", EMAIL) == Chosen(OFF, Source.TYPE)
    p = with_cell(p, "order_shipped", "", EMAIL, HOURLY)
    assert p.option(few, "returns", EMAIL) == Chosen(DAILY, Source.DEFAULT)


def test_the_default_can_be_chosen_even_where_it_is_not_listed():
    few = kind(ChannelOptions(DAILY, frozenset({OFF})))
    assert chose({EMAIL: DAILY}).option(few, None, EMAIL) == Chosen(DAILY, Source.TYPE)


@given(preferences, kinds, st.none() | subs, channels)
def test_a_required_type_always_goes_at_once(
    p: Preferences, any_kind: NotificationType, sub: str | None, channel: Channel
):
    required = replace(any_kind, required=True)
    assert p.option(required, sub, channel) == Chosen(INSTANT, Source.REQUIRED)


@given(preferences, kinds, st.none() | subs, channels, st.data())
def test_adding_a_mute_never_adds_a_send(
    p: Preferences,
    any_kind: NotificationType,
    sub: str | None,
    channel: Channel,
    data: st.DataObject,
):
    muted_sub, muted_channel = data.draw(st.just("") | subs), data.draw(channels)
    muted = data.draw(
        st.sampled_from(
            [
                with_cell(p, any_kind.name, muted_sub, muted_channel, OFF),
                replace(p, channels={**p.channels, muted_channel: False}),
            ]
        )
    )
    if p.option(any_kind, sub, channel).option is OFF:
        assert muted.option(any_kind, sub, channel).option is OFF


@given(preferences, kinds, subs, channels)
def test_a_mute_that_is_offered_mutes(
    p: Preferences, any_kind: NotificationType, sub: str, channel: Channel
):
    optional = replace(any_kind, required=False)
    if OFF in optional.on(channel).offered:
        muted = with_cell(p, any_kind.name, sub, channel, OFF)
        assert muted.option(optional, sub, channel).option is OFF
    silent = replace(p, channels={**p.channels, channel: False})
    assert silent.option(optional, sub, channel) == Chosen(OFF, Source.CHANNEL)


@given(preferences, kinds, st.none() | subs, channels)
def test_only_what_the_type_offers_applies(
    p: Preferences, any_kind: NotificationType, sub: str | None, channel: Channel
):
    chosen, on = p.option(any_kind, sub, channel), any_kind.on(channel)
    if chosen.source in {Source.TYPE, Source.SUB_NOTIFICATION, Source.DEFAULT}:
        assert chosen.option in on.offered | {on.default}


def test_digests_are_due_when_the_user_said_else_when_the_type_says():
    evening, noon = DigestTime(time(18)), DigestTime(time(12))
    by_type = kind(ChannelOptions(times={DAILY: evening}))
    assert NOBODY_CHOSE.times_for(by_type, EMAIL, DAILY) == evening
    assert NOBODY_CHOSE.times_for(by_type, EMAIL, WEEKLY) == DigestTime()
    assert NOBODY_CHOSE.times_for(by_type, SMS, DAILY) == DigestTime()
    assert chose(times=noon).times_for(by_type, EMAIL, DAILY) == noon


def test_a_pause_holds_until_its_end():
    end = NOW + timedelta(hours=1)
    p = chose(paused_until=end)
    assert p.pause_ends(NOW) == end
    assert p.pause_ends(end - timedelta.resolution) == end
    assert p.pause_ends(end) is None
    assert NOBODY_CHOSE.pause_ends(NOW) is None


def test_choices_a_type_does_not_allow_are_told_in_sentences():
    few = kind(ChannelOptions(DAILY, frozenset({OFF})))
    alarm = NotificationType(2, 1, "alarm", "Alarm", (EMAIL,), required=True)
    p = Preferences(
        {
            "order_shipped": {"": {EMAIL: WEEKLY, SMS: OFF}, "returns": {EMAIL: DAILY}},
            "alarm": {"": {SMS: OFF}},
            "never_heard_of": {"": {EMAIL: HOURLY}},
        }
    )
    assert refusals(p, {"order_shipped": few, "alarm": alarm}) == [
        "Order shipped does not offer weekly for E-mail, only off, daily.",
        "Alarm is always sent, so nothing can be chosen for SMS.",
    ]


@given(preferences, kinds, subs, channels, options)
def test_a_choice_applies_or_is_refused(
    p: Preferences,
    any_kind: NotificationType,
    sub: str,
    channel: Channel,
    option: DeliveryOption,
):
    p = with_cell(replace(p, cells={}, channels={}), any_kind.name, sub, channel, option)
    told = refusals(p, {any_kind.name: any_kind})
    applies = p.option(any_kind, sub, channel) == Chosen(option, Source.SUB_NOTIFICATION)
    assert applies != bool(told)


@pytest.mark.parametrize("option", DeliveryOption)
def test_every_option_is_offered_where_all_are(option: DeliveryOption):
    assert chose({EMAIL: option}).option(kind(), None, EMAIL) == Chosen(option, Source.TYPE)
    assert refusals(chose({EMAIL: option}), {"order_shipped": kind()}) == []
