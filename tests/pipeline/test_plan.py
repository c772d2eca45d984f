"""The plan: one decision per channel, each with the one rule that made it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.decision import Decision, Outcome, Rule
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.user import Profile
from inbox_app.pipeline.plan import plan
from tests.factories import make_send

ACME = Environment(1, "client_1", "secret", "Acme")
KIND = NotificationType(1, 1, "order_shipped", "Order shipped", (Channel.INAPP_WEB,))
REACHABLE = Profile(
    email="ada@acme.example",
    number="+491700000",
    push_tokens=({"token": "t"},),
    web_push_tokens=({"sub": {}},),
    slack_channel="#ops",
)
EVERY = tuple(Channel)
chosen = st.lists(st.sampled_from(Channel), unique=True).map(tuple)


def decided(
    *,
    environment: Environment = ACME,
    kind: NotificationType = KIND,
    profile: Profile = REACHABLE,
    **changes: Any,
) -> dict[Channel, Decision]:
    decisions = plan(make_send(environment, **changes), kind, profile)
    assert len({each.channel for each in decisions}) == len(decisions)
    return {each.channel: each for each in decisions}


def test_an_in_app_notification_is_sent():
    found = decided()[Channel.INAPP_WEB]
    assert (found.outcome, found.rule) == (Outcome.SEND, Rule.ALLOWED)


@pytest.mark.parametrize(
    ("rule", "outcome", "arguments"),
    [
        (
            Rule.ENVIRONMENT_OFF,
            Outcome.SKIP,
            {"environment": replace(ACME, disable_sending=frozenset(EVERY))},
        ),
        (Rule.TYPE_DISABLED, Outcome.SKIP, {"kind": replace(KIND, enabled=False)}),
        (Rule.NO_CONTENT, Outcome.FAIL, {"channels_with_content": ()}),
    ],
)
def test_the_first_rule_that_applies_decides(
    rule: Rule, outcome: Outcome, arguments: dict[str, Any]
):
    found = decided(**arguments)[Channel.INAPP_WEB]
    assert (found.rule, found.outcome) == (rule, outcome)


def test_a_channel_without_an_address_is_skipped():
    found = decided(channels_with_content=(Channel.EMAIL,), profile=Profile())[Channel.EMAIL]
    assert (found.rule, found.outcome) == (Rule.NO_ADDRESS, Outcome.SKIP)


def test_a_channel_without_a_provider_is_skipped():
    found = decided(channels_with_content=(Channel.EMAIL,))[Channel.EMAIL]
    assert (found.rule, found.outcome) == (Rule.NO_PROVIDER, Outcome.SKIP)


def test_forced_channels_take_the_place_of_all_others():
    found = decided(forced_channels=(Channel.SMS,), channels_with_content=EVERY)
    assert set(found) == {Channel.SMS}


@given(
    kind_channels=chosen,
    content=chosen,
    forced=chosen,
    off=chosen,
    enabled=st.booleans(),
    known=st.booleans(),
)
def test_every_channel_meant_gets_one_decision_with_a_reason(
    kind_channels: tuple[Channel, ...],
    content: tuple[Channel, ...],
    forced: tuple[Channel, ...],
    off: tuple[Channel, ...],
    enabled: bool,
    known: bool,
):
    found = decided(
        environment=replace(ACME, disable_sending=frozenset(off)),
        kind=replace(KIND, channels=kind_channels, enabled=enabled),
        profile=REACHABLE if known else Profile(),
        channels_with_content=content,
        forced_channels=forced,
    )
    assert set(found) == (set(forced) or {*kind_channels, *content})
    for channel, decision in found.items():
        assert decision.sentence.endswith(".")
        if decision.outcome is Outcome.SEND:
            assert enabled
            assert channel not in off
            assert channel in content
