"""The plan: one decision per channel, each with the one rule that made it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.decision import Decision, Outcome, Rule
from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption
from inbox_app.domain.environment import Environment
from inbox_app.domain.limits import Past
from inbox_app.domain.notification_type import (
    Channel,
    NotificationType,
    PeriodUnit,
    Throttling,
)
from inbox_app.domain.preference import Preferences
from inbox_app.domain.quiet_hours import QuietHours, Span
from inbox_app.domain.user import Profile, User
from inbox_app.pipeline.plan import Facts, plan
from tests.factories import make_send

NOW = datetime(2026, 6, 10, 21, 30, tzinfo=UTC)  # 23:30 in Berlin, a Wednesday
ACME = Environment(1, "client_1", "secret", "Acme")
KIND = NotificationType(1, 1, "order_shipped", "Order shipped", (Channel.INAPP_WEB,))
REACHABLE = Profile(
    email="ada@acme.example",
    number="+491700000",
    timezone="Europe/Berlin",
    push_tokens=({"token": "t"},),
    web_push_tokens=({"sub": {"endpoint": "https://push.example/1"}},),
    slack_channel="#ops",
)
EVERY = tuple(Channel)
ALL_DIGESTS = frozenset(DeliveryOption)
NIGHT = QuietHours({day: Span(time(22), time(7)) for day in range(7)})
chosen = st.lists(st.sampled_from(Channel), unique=True).map(tuple)


def facts(**changes: Any) -> Facts:
    """Facts under which an e-mail and an inbox item are sent."""
    user = User(
        7,
        1,
        "ada",
        created_at=NOW,
        updated_at=NOW,
        profile=changes.pop("profile", REACHABLE),
        preferences=changes.pop("preferences", Preferences()),
    )
    fields: dict[str, Any] = {"kind": KIND, "user": user, "now": NOW}
    fields |= {name: changes.pop(name) for name in list(changes) if name in Facts.__annotations__}
    environment = changes.pop("environment", ACME)
    send: dict[str, Any] = {"channels_with_content": (Channel.EMAIL, Channel.INAPP_WEB)}
    send["accepted_at"] = fields["now"]
    fields.setdefault("send", make_send(environment, **send | changes))
    return Facts(**fields)


def decided(**changes: Any) -> dict[Channel, Decision]:
    decisions = plan(facts(**changes))
    assert len({each.channel for each in decisions}) == len(decisions)
    return {each.channel: each for each in decisions}


# Each situation is the one before it with one more reason not to send; the earlier rule wins.
LAYERS: list[tuple[Rule, Outcome, Callable[[dict[str, Any]], dict[str, Any]]]] = [
    (Rule.ALLOWED, Outcome.SEND, lambda at: at),
    (Rule.SCHEDULED, Outcome.HOLD, lambda at: {**at, "schedule": NOW + timedelta(hours=12)}),
    (
        Rule.ESCALATION,
        Outcome.HOLD,
        lambda at: {**at, "preferences": Preferences(escalation=timedelta(minutes=10))},
    ),
    (
        Rule.DIGEST,
        Outcome.HOLD,
        lambda at: {
            **at,
            "preferences": replace(
                at["preferences"],
                cells={"order_shipped": {"": {Channel.EMAIL: DeliveryOption.DAILY}}},
            ),
        },
    ),
    (
        Rule.QUIET_HOURS,
        Outcome.HOLD,
        lambda at: {
            **at,
            "preferences": replace(
                at["preferences"], quiet=QuietHours({d: Span(time(0), time(0)) for d in range(7)})
            ),
        },
    ),
    (
        Rule.PAUSED,
        Outcome.HOLD,
        lambda at: {
            **at,
            "preferences": replace(at["preferences"], paused_until=NOW + timedelta(days=3)),
        },
    ),
    (
        Rule.PREFERENCE_OFF,
        Outcome.SKIP,
        lambda at: {
            **at,
            "preferences": replace(at["preferences"], channels={Channel.EMAIL: False}),
        },
    ),
    (
        Rule.THROTTLED,
        Outcome.SKIP,
        lambda at: {
            **at,
            "kind": replace(at["kind"], throttling=Throttling(1, 2, PeriodUnit.DAYS)),
            "past": (Past(NOW, "same"),),
        },
    ),
    (
        Rule.DEDUPLICATED,
        Outcome.SKIP,
        lambda at: {
            **at,
            "kind": replace(at["kind"], deduplication=timedelta(days=2)),
            "fingerprint": "same",
        },
    ),
    (
        Rule.SUPPRESSED,
        Outcome.SKIP,
        lambda at: {**at, "suppressed": frozenset({(Channel.EMAIL, "ada@acme.example")})},
    ),
    (
        Rule.NO_ADDRESS,
        Outcome.SKIP,
        lambda at: {**at, "profile": replace(REACHABLE, email=None)},
    ),
    (
        Rule.NO_CONTENT,
        Outcome.FAIL,
        lambda at: {**at, "channels_with_content": (Channel.INAPP_WEB,)},
    ),
    (
        Rule.TYPE_DISABLED,
        Outcome.SKIP,
        lambda at: {**at, "kind": replace(at["kind"], enabled=False)},
    ),
    (
        Rule.ENVIRONMENT_OFF,
        Outcome.SKIP,
        lambda at: {**at, "environment": replace(ACME, disable_sending=frozenset(EVERY))},
    ),
]


@pytest.mark.parametrize("depth", range(len(LAYERS)), ids=[rule.value for rule, _, _ in LAYERS])
def test_of_all_rules_that_apply_the_first_one_decides(depth: int):
    options = {Channel.EMAIL: ChannelOptions(offered=ALL_DIGESTS)}
    kind = replace(KIND, channels=(Channel.INAPP_WEB, Channel.EMAIL), options=options)
    situation: dict[str, Any] = {"kind": kind}
    for _, _, more in LAYERS[: depth + 1]:
        situation = more(situation)
    rule, outcome, _ = LAYERS[depth]
    found = decided(**situation)[Channel.EMAIL]
    assert (found.rule, found.outcome) == (rule, outcome)
    assert found.sentence.endswith(".")


def test_the_inbox_is_never_held_by_quiet_hours_or_a_pause():
    preferences = Preferences(quiet=NIGHT, paused_until=NOW + timedelta(days=1))
    found = decided(preferences=preferences)
    assert found[Channel.INAPP_WEB].outcome is Outcome.SEND
    assert found[Channel.EMAIL].rule is Rule.PAUSED


def test_quiet_hours_hold_until_the_morning_where_the_person_lives():
    found = decided(preferences=Preferences(quiet=NIGHT))[Channel.EMAIL]
    assert found.due_at == datetime(2026, 6, 11, 5, 0, tzinfo=UTC)
    assert "11 June 2026, 07:00" in found.sentence
    assert not found.alone


ENDS = datetime.max.replace(tzinfo=UTC)
LAST_OF_ALL: list[Preferences] = [
    Preferences(paused_until=ENDS),
    Preferences(quiet=NIGHT),
    Preferences(quiet=QuietHours({day: Span(time(0), time(0)) for day in range(7)})),
    Preferences(escalation=timedelta(days=366)),
    *(
        Preferences(cells={"order_shipped": {"": {Channel.EMAIL: option}}})
        for option in DeliveryOption
        if option.is_digest
    ),
]


@pytest.mark.parametrize("chosen", LAST_OF_ALL)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
@pytest.mark.parametrize("before_the_end", [0, 1, 12, 26, 24 * 300])
def test_the_end_of_the_calendar_is_no_end_of_plans(
    chosen: Preferences, zone: str, before_the_end: int
):
    kind = replace(KIND, options={Channel.EMAIL: ChannelOptions(offered=ALL_DIGESTS)}, retention=30)
    schedule = ENDS - timedelta(hours=before_the_end)
    found = decided(
        kind=kind,
        preferences=chosen,
        profile=replace(REACHABLE, timezone=zone),
        schedule=schedule,
    )
    assert found[Channel.EMAIL].outcome is Outcome.HOLD
    assert found[Channel.EMAIL].due_at


def test_what_a_type_keeps_for_long_is_kept_to_the_end_of_the_calendar():
    assert replace(KIND, retention=10**6).expires_at(ENDS) == ENDS
    assert replace(KIND, retention=3_000_000).expires_at(NOW) == ENDS


def test_a_pause_to_the_end_of_the_calendar_is_told_as_such():
    preferences = Preferences(paused_until=ENDS)
    found = decided(preferences=preferences)[Channel.EMAIL]
    assert found.sentence == "You paused notifications until 31 December 9999, 23:59."


def test_who_chose_not_to_wait_gets_the_email_at_once_whatever_the_type_says():
    kind = replace(KIND, escalation=timedelta(hours=1))
    for chosen, outcome in [(None, Outcome.HOLD), (timedelta(0), Outcome.SEND)]:
        found = decided(kind=kind, preferences=Preferences(escalation=chosen))
        assert found[Channel.EMAIL].outcome is outcome


@pytest.mark.parametrize("batch", [None, "Ana liked post 1"])
def test_an_email_waits_for_an_item_that_it_is_part_of_as_for_its_own(batch: str | None):
    kind = replace(KIND, escalation=timedelta(hours=1))
    assert decided(kind=kind, batch=batch)[Channel.EMAIL].rule is Rule.ESCALATION


def test_forced_channels_take_the_place_of_all_others():
    found = decided(forced_channels=(Channel.SMS,), channels_with_content=EVERY)
    assert set(found) == {Channel.SMS}


def test_what_has_waited_is_not_limited_again():
    kind = replace(KIND, throttling=Throttling(1), deduplication=timedelta(hours=1))
    situation = {"kind": kind, "past": (Past(NOW, "same"),), "fingerprint": "same"}
    assert decided(**situation)[Channel.EMAIL].outcome is Outcome.SKIP
    assert decided(**situation, again=True)[Channel.EMAIL].outcome is Outcome.SEND


preferences = st.builds(
    Preferences,
    cells=st.dictionaries(
        st.just("order_shipped"),
        st.dictionaries(
            st.sampled_from(["", "returns"]),
            st.dictionaries(st.sampled_from(Channel), st.sampled_from(DeliveryOption)),
        ),
    ),
    channels=st.dictionaries(st.sampled_from(Channel), st.booleans()),
    quiet=st.sampled_from([None, NIGHT]),
    paused_until=st.sampled_from([None, NOW + timedelta(hours=1), NOW - timedelta(hours=1)]),
    escalation=st.sampled_from([None, timedelta(minutes=5)]),
)


@given(preferences=preferences, sub=st.sampled_from([None, "returns"]))
def test_a_required_type_always_goes_out_at_once(preferences: Preferences, sub: str | None):
    found = decided(
        kind=replace(KIND, required=True, channels=EVERY, escalation=timedelta(hours=1)),
        channels_with_content=EVERY,
        preferences=preferences,
        sub_notification_id=sub,
    )
    assert {each.outcome for each in found.values()} == {Outcome.SEND}


@given(preferences=preferences, muted=st.sampled_from(Channel))
def test_a_mute_never_adds_a_send(preferences: Preferences, muted: Channel):
    options = {channel: ChannelOptions(offered=ALL_DIGESTS) for channel in Channel}
    kind = replace(KIND, channels=EVERY, options=options)

    def out(chosen: Preferences) -> set[Channel]:
        found = decided(kind=kind, channels_with_content=EVERY, preferences=chosen)
        return {c for c, d in found.items() if d.outcome in {Outcome.SEND, Outcome.HOLD}}

    quieter = replace(preferences, channels={**preferences.channels, muted: False})
    assert out(quieter) <= out(preferences) - {muted}


@given(
    kind_channels=chosen,
    content=chosen,
    forced=chosen,
    off=chosen,
    enabled=st.booleans(),
    known=st.booleans(),
    preferences=preferences,
)
def test_every_channel_meant_gets_one_decision_with_a_reason(  # noqa: PLR0913, PLR0917
    kind_channels: tuple[Channel, ...],
    content: tuple[Channel, ...],
    forced: tuple[Channel, ...],
    off: tuple[Channel, ...],
    enabled: bool,
    known: bool,
    preferences: Preferences,
):
    found = decided(
        environment=replace(ACME, disable_sending=frozenset(off)),
        kind=replace(KIND, channels=kind_channels, enabled=enabled),
        profile=REACHABLE if known else Profile(),
        channels_with_content=content,
        forced_channels=forced,
        preferences=preferences,
    )
    assert set(found) == (set(forced) or {*kind_channels, *content})
    for channel, decision in found.items():
        assert decision.sentence.endswith(".")
        assert (decision.due_at is not None) == (decision.outcome is Outcome.HOLD)
        if decision.outcome is Outcome.SEND:
            assert enabled
            assert channel not in off
            assert channel in content
