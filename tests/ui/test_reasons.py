"""What became of a notification can be told in every language, whatever became of it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from inbox_app.domain.decision import Rule
from inbox_app.domain.delivery_option import DeliveryOption
from inbox_app.domain.failure import Failure
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.setting import Setting, SettingKind
from inbox_app.lib.catalogue import LANGUAGES, Tongue, texts
from inbox_app.services.about import AboutView, ChannelView, Control, Fate
from inbox_app.ui.reasons import WAITS, phrase, why

AT, SEEN, OPENED = "2026-07-01T20:00:00Z", "2026-07-01T09:41:00Z", "2026-07-01T09:43:00Z"


def channel(
    fate: Fate,
    rule: str = Rule.ALLOWED,
    channel: Channel = Channel.EMAIL,
    at: str = AT,
    option: str = DeliveryOption.DAILY,
    setting: str = "",
) -> ChannelView:
    control = Control.CHANGE if setting else Control.NONE
    return ChannelView(
        channel, fate, rule, at, option, required=False, detail="No.", control=control,
        setting=setting,
    )  # fmt: skip


def about(*channels: ChannelView, seen: str = "", opened: str = "") -> AboutView:
    return AboutView("order", "Order shipped", "", "", seen, opened, list(channels))


def told(view: ChannelView, language: str = "en", *, seen: str = "", opened: str = "") -> str:
    return Tongue(language).phrase(phrase(about(seen=seen, opened=opened), view))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fate", Fate)
@pytest.mark.parametrize("rule", [*Rule, ""])
@pytest.mark.parametrize("kind", Channel)
def test_whatever_became_of_it_is_told(language: str, fate: Fate, rule: str, kind: Channel) -> None:
    timeless = fate in {Fate.WAITING, Fate.NOT_SENT, Fate.FAILED, Fate.SHOWN}
    for at in (AT, "") if timeless else (AT,):
        said = told(channel(fate, rule, kind, at), language)
        assert said
        assert "{" not in said
        assert not said.endswith((".", " ")) or fate is Fate.FAILED


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("failure", Failure)
def test_a_failure_is_told_in_the_language_with_the_words_of_the_provider(
    language: str, failure: Failure
) -> None:
    said = told(replace(channel(Fate.FAILED, ""), failure=failure), language)
    assert str(texts(language)[f"failure.{failure}"]) in said
    assert "No." in said


@pytest.mark.parametrize("option", DeliveryOption)
def test_every_summary_has_a_name(option: DeliveryOption) -> None:
    held = channel(Fate.WAITING, Rule.DIGEST, option=option)
    assert str(texts("de")[f"option.{option}"]) in told(held, "de")


@pytest.mark.parametrize("rule", sorted(WAITS))
def test_what_waits_says_until_when_and_is_looked_at_again_then(rule: Rule) -> None:
    held = channel(Fate.WAITING, rule)
    assert AT in told(held)
    (line,) = why(about(held)).lines
    assert line.waits == AT


@pytest.mark.parametrize("rule", sorted(set(Rule) - WAITS - {Rule.ALLOWED, Rule.ASKED}))
def test_what_was_kept_back_names_its_rule(rule: Rule) -> None:
    assert phrase(about(), channel(Fate.NOT_SENT, rule)).key == f"reason.{rule}"


def test_what_was_cancelled_does_not_promise_a_time() -> None:
    assert told(channel(Fate.NOT_SENT, Rule.SCHEDULED)) == "Cancelled by the sender"


def test_the_inbox_tells_what_the_person_did() -> None:
    shown = channel(Fate.SHOWN, channel=Channel.INAPP_WEB)
    assert told(shown, seen=SEEN, opened=OPENED) == f"Shown {SEEN}, you opened it {OPENED}"
    assert told(shown, seen=SEEN) == f"Shown {SEEN}"
    assert told(shown) == "In your inbox, not looked at yet"


def test_a_control_leads_to_its_setting() -> None:
    setting = Setting(SettingKind.CELL, ("a/b c", "", "EMAIL"))
    (line,) = why(about(channel(Fate.SENT, setting=setting.encode()))).lines
    address = urlsplit(line.href)
    assert address.path == "/preferences/"
    assert Setting.decode(parse_qs(address.query)["at"][0]) == setting


def test_without_a_control_there_is_no_link() -> None:
    (line,) = why(about(channel(Fate.NOT_SENT, Rule.THROTTLED))).lines
    assert (line.control, line.href) == (Control.NONE, "")


def test_what_is_required_says_so() -> None:
    free, required = channel(Fate.SENT), replace(channel(Fate.SENT), required=True)
    assert not why(about(free)).required
    assert why(about(required)).required
