"""Every rule can be explained in every language, in the person's zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from inbox_app.domain.decision import Rule
from inbox_app.domain.delivery_option import DeliveryOption
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.catalogue import LANGUAGES, texts
from inbox_app.ui.reasons import Reason, explain, phrase

TOKYO = ZoneInfo("Asia/Tokyo")
DUE = datetime(2026, 7, 1, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize("channel", Channel)
def test_every_rule_is_explained(language: str, rule: Rule, channel: Channel) -> None:
    said = explain(Reason(rule, channel, "Order shipped", DUE), language, TOKYO)
    assert said.endswith(".")
    assert "{" not in said


@pytest.mark.parametrize("option", DeliveryOption)
def test_every_summary_has_a_name(option: DeliveryOption) -> None:
    reason = Reason(Rule.DIGEST, Channel.EMAIL, "Order shipped", DUE, option)
    assert str(texts("de")[f"option.{option}"]) in explain(reason, "de", TOKYO)


def test_times_are_those_of_the_zone() -> None:
    reason = Reason(Rule.QUIET_HOURS, Channel.SMS, "Order shipped", DUE)
    assert explain(reason, "de", TOKYO) == "Sie haben Ruhezeit bis 2. Juli 2026, 05:00."


def test_the_inbox_is_named_as_such() -> None:
    assert phrase(Reason(Rule.ALLOWED, Channel.INAPP_WEB, "x")).key == "reason.allowed_inbox"
    assert phrase(Reason(Rule.ALLOWED, Channel.EMAIL, "x")).key == "reason.allowed"


def test_what_is_held_without_a_time_is_an_error() -> None:
    with pytest.raises(KeyError):
        explain(Reason(Rule.QUIET_HOURS, Channel.EMAIL, "x"), "en", TOKYO)
