"""Templates: which one a delivery takes."""

from __future__ import annotations

from datetime import UTC, datetime

from inbox_app.domain.delivery_option import DeliveryOption
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.template import Mode, Template, chosen

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def template(name: str, *modes: Mode, channel: Channel = Channel.EMAIL) -> Template:
    return Template(1, channel, name, {}, frozenset(modes), NOW, NOW)


WELCOME = template("welcome", Mode.INSTANT)
SPRING = template("spring")
DAILY = template("daily", Mode.DAILY, Mode.WEEKLY)
TEXT = template("text", Mode.INSTANT, channel=Channel.SMS)
ALL = [SPRING, TEXT, WELCOME, DAILY]


def test_a_named_template_is_taken_in_any_mode():
    assert chosen(ALL, Channel.EMAIL, Mode.INSTANT, "spring") is SPRING
    assert chosen(ALL, Channel.EMAIL, Mode.HOURLY, "welcome") is WELCOME


def test_an_unknown_name_finds_nothing_rather_than_the_default():
    assert chosen(ALL, Channel.EMAIL, Mode.INSTANT, "autumn") is None
    assert chosen(ALL, Channel.SMS, Mode.INSTANT, "welcome") is None


def test_without_a_name_the_default_of_the_mode_is_taken():
    assert chosen(ALL, Channel.EMAIL, Mode.INSTANT, None) is WELCOME
    assert chosen(ALL, Channel.EMAIL, Mode.WEEKLY, "") is DAILY
    assert chosen(ALL, Channel.SMS, Mode.INSTANT, None) is TEXT


def test_a_digest_without_a_default_of_its_own_has_none():
    assert chosen(ALL, Channel.SMS, Mode.DAILY, None) is None
    assert chosen(ALL, Channel.EMAIL, Mode.MONTHLY, None) is None


def test_modes_are_the_options_that_deliver():
    assert {mode.value for mode in Mode} == {option.value for option in DeliveryOption} - {"off"}
