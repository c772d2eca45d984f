"""About a notification: every rule is named, and its control leads to what changes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.act import Act
from inbox_app.domain.decision import Rule
from inbox_app.domain.delivery import Suppression, SuppressionReason
from inbox_app.domain.delivery_option import Batching, ChannelOptions, DeliveryOption
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InvalidInput, NotFound
from inbox_app.domain.failure import Failure
from inbox_app.domain.notification_type import Channel, PeriodUnit, Throttling
from inbox_app.domain.preference import Preferences
from inbox_app.domain.quiet_hours import QuietHours, Span
from inbox_app.domain.setting import PARTS, Setting, SettingKind
from inbox_app.domain.user import Profile
from inbox_app.runtime import Runtime
from inbox_app.services import about, inbox, next_digests, outgoing
from inbox_app.services.about import ChannelView, Control, Fate
from inbox_app.storage import outbox, users
from tests import factories
from tests.clock import SetClock
from tests.factories import make_user, send
from tests.pipeline.test_delivering import captured, drain, integrate
from tests.standins.smtp import SmtpStandIn, Step

MAIL: dict[str, Any] = {
    "channels_with_content": (Channel.EMAIL, Channel.INAPP_WEB),
    "content": {Channel.EMAIL: {"subject": "Order", "html": "<p>It has shipped</p>"}},
    "profile": Profile(email="ada@acme.example", timezone="Europe/Berlin"),
}
ALWAYS = QuietHours({day: Span(time(0), time(0)) for day in range(7)})
ALL = frozenset(DeliveryOption)
CELL = "cell/order_shipped//EMAIL"


async def email(rt: Runtime, environment: Environment, tracking_id: str) -> ChannelView:
    """What is told about the e-mail."""
    user = await make_user(rt, environment, "ada")
    view = await about.of_notification(rt, user.id, tracking_id)
    return next(each for each in view.channels if each.channel is Channel.EMAIL)


async def prefer(rt: Runtime, environment: Environment, chosen: Preferences) -> None:
    user = await make_user(rt, environment, "ada")
    async with rt.database.write() as tx:
        await users.save(tx, [replace(user, preferences=chosen)])


async def make_type(rt: Runtime, environment: Environment, **rules: Any) -> None:
    rules.setdefault("options", {Channel.EMAIL: ChannelOptions(offered=ALL)})
    both = (Channel.INAPP_WEB, Channel.EMAIL)
    await factories.make_type(rt, environment, channels=both, **rules)


async def suppress(rt: Runtime, environment: Environment) -> None:
    nothing: dict[str, Any] = {}
    bounced = Suppression(
        *(environment.id, Channel.EMAIL, "ada@acme.example", SuppressionReason.BOUNCE),
        *(nothing, rt.clock.now()),
    )
    async with rt.database.write() as tx:
        await outbox.suppress(tx, [bounced])


Situation = Callable[[Runtime, Environment], Awaitable[str]]
"""Sends in some situation; the tracking id."""


def situation(
    chosen: Preferences | None = None, sends: int = 1, rules: Any = None, **sent: Any
) -> Situation:
    async def happen(rt: Runtime, environment: Environment) -> str:
        await make_type(rt, environment, **(rules or {}))
        await prefer(rt, environment, chosen or Preferences())
        return [await send(rt, environment, **{**MAIL, **sent}) for _ in range(sends)][-1]

    return happen


async def switched_off_for_all(rt: Runtime, environment: Environment) -> str:
    await make_type(rt, environment)
    off = replace(environment, disable_sending=frozenset({Channel.EMAIL}))
    return await send(rt, off, **MAIL)


async def to_a_dead_address(rt: Runtime, environment: Environment) -> str:
    await suppress(rt, environment)
    return await situation()(rt, environment)


async def read_in_time(rt: Runtime, environment: Environment) -> str:
    wait = Preferences(escalation=timedelta(minutes=10))
    tracking_id = await situation(wait)(rt, environment)
    user = await make_user(rt, environment, "ada")
    await inbox.perform(rt, user.id, Act.READ, [tracking_id])
    assert isinstance(rt.clock, SetClock)
    rt.clock.advance(minutes=11)
    await drain(rt)
    return tracking_id


def option(value: DeliveryOption) -> Preferences:
    return Preferences({"order_shipped": {"": {Channel.EMAIL: value}}})


async def taken_out_of_the_summary(rt: Runtime, environment: Environment) -> str:
    tracking_id = await situation(option(DeliveryOption.DAILY))(rt, environment)
    await drain(rt)
    user = await make_user(rt, environment, "ada")
    (digest,) = await next_digests.upcoming(rt, user.id)
    await next_digests.remove(rt, user.id, digest.id, tracking_id)
    return tracking_id


SITUATIONS: dict[Rule, tuple[Situation, Fate, Control, str]] = {
    Rule.ENVIRONMENT_OFF: (switched_off_for_all, Fate.NOT_SENT, Control.NONE, ""),
    Rule.TYPE_DISABLED: (*(situation(rules={"enabled": False}), Fate.NOT_SENT, Control.NONE, ""),),
    Rule.NO_CONTENT: (
        *(situation(channels_with_content=(Channel.INAPP_WEB,)), Fate.FAILED, Control.NONE, ""),
    ),
    Rule.NO_ADDRESS: (
        *(situation(profile=Profile()), Fate.NOT_SENT, Control.ADD, "address/EMAIL"),
    ),
    Rule.SUPPRESSED: (to_a_dead_address, Fate.NOT_SENT, Control.CHECK, "address/EMAIL"),
    Rule.DEDUPLICATED: (
        *(situation(sends=2, rules={"deduplication": timedelta(hours=1)}), Fate.NOT_SENT),
        *(Control.NONE, ""),
    ),
    Rule.THROTTLED: (
        situation(sends=2, rules={"throttling": Throttling(1, 1, PeriodUnit.DAYS)}),
        *(Fate.NOT_SENT, Control.NONE, ""),
    ),
    Rule.PREFERENCE_OFF: (
        *(situation(option(DeliveryOption.OFF)), Fate.NOT_SENT, Control.TURN_ON, CELL),
    ),
    Rule.PAUSED: (
        situation(Preferences(paused_until=factories.START + timedelta(days=3))),
        *(Fate.WAITING, Control.CHANGE, "pause"),
    ),
    Rule.QUIET_HOURS: (
        *(situation(Preferences(quiet=ALWAYS)), Fate.WAITING, Control.CHANGE, "quiet-hours"),
    ),
    Rule.DIGEST: (*(situation(option(DeliveryOption.DAILY)), Fate.WAITING, Control.CHANGE, CELL),),
    Rule.ESCALATION: (
        situation(Preferences(escalation=timedelta(minutes=10))),
        *(Fate.WAITING, Control.CHANGE, "escalation"),
    ),
    Rule.SCHEDULED: (
        situation(schedule=factories.START + timedelta(days=1)),
        *(Fate.WAITING, Control.NONE, ""),
    ),
    Rule.ALLOWED: (situation(), Fate.WAITING, Control.CHANGE, CELL),
    Rule.REMOVED: (taken_out_of_the_summary, Fate.NOT_SENT, Control.CHANGE, CELL),
    Rule.READ_MEANWHILE: (read_in_time, Fate.NOT_SENT, Control.CHANGE, CELL),
}


@pytest.mark.parametrize("rule", SITUATIONS)
async def test_each_rule_is_named_and_its_control_leads_to_what_changes_it(
    runtime: Runtime, environment: Environment, rule: Rule
):
    happen, fate, control, setting = SITUATIONS[rule]
    told = await email(runtime, environment, await happen(runtime, environment))
    assert (told.rule, told.fate, told.control, told.setting) == (rule, fate, control, setting)
    assert told.detail


def test_every_rule_of_the_plan_is_there():
    # The inbox alone merges (see below); what is gone has no page to be told on, and a summary
    # that was asked for is none of the notifications in it.
    assert set(Rule) - SITUATIONS.keys() == {Rule.BATCHED, Rule.GONE, Rule.ASKED}


async def test_what_went_out_says_when_and_by_what(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    tracking_id = await situation()(runtime, environment)
    clock.advance(minutes=1)
    await drain(runtime)
    assert len(await captured(runtime, environment)) == 1
    told = await email(runtime, environment, tracking_id)
    assert (told.fate, told.rule, told.at) == (Fate.SENT, Rule.ALLOWED, "2026-03-02T09:31:00.000Z")


async def test_what_went_with_a_digest_still_names_the_digest(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    tracking_id = await situation(option(DeliveryOption.DAILY))(runtime, environment)
    clock.advance(days=2)
    await drain(runtime)
    told = await email(runtime, environment, tracking_id)
    assert (told.fate, told.rule, told.option) == (Fate.SENT, Rule.DIGEST, DeliveryOption.DAILY)


async def test_a_channel_that_is_off_everywhere_is_turned_on_there(
    runtime: Runtime, environment: Environment
):
    everywhere = Preferences(channels={Channel.EMAIL: False})
    told = await email(runtime, environment, await situation(everywhere)(runtime, environment))
    assert (told.rule, told.setting) == (Rule.PREFERENCE_OFF, "channel/EMAIL")


async def test_of_a_subject_the_cell_of_that_subject_is_meant(
    runtime: Runtime, environment: Environment
):
    rules = {"sub_notifications": {"eu/1": "Europe"}}
    happen = situation(rules=rules, sub_notification_id="eu/1")
    told = await email(runtime, environment, await happen(runtime, environment))
    assert told.setting == "cell/order_shipped/eu%2F1/EMAIL"


async def test_what_is_required_has_no_control(runtime: Runtime, environment: Environment):
    happen = situation(option(DeliveryOption.OFF), rules={"required": True})
    told = await email(runtime, environment, await happen(runtime, environment))
    assert (told.required, told.rule, told.control) == (True, Rule.ALLOWED, Control.NONE)


async def test_what_its_sender_took_back_was_not_sent(runtime: Runtime, environment: Environment):
    tracking_id = await SITUATIONS[Rule.SCHEDULED][0](runtime, environment)
    await outgoing.cancel(runtime, environment, tracking_id)
    told = await email(runtime, environment, tracking_id)
    assert (told.fate, told.rule, told.control) == (Fate.NOT_SENT, Rule.SCHEDULED, Control.NONE)


async def test_what_a_provider_refused_is_told_with_its_reason(
    runtime: Runtime, environment: Environment
):
    with SmtpStandIn() as server:
        server.script(Step.RCPT, "550 5.1.1 nobody here")
        await integrate(runtime, environment, server)
        tracking_id = await situation()(runtime, environment)
        await drain(runtime)
    told = await email(runtime, environment, tracking_id)
    assert (told.fate, told.failure) == (Fate.FAILED, Failure.ADDRESS)
    assert "nobody here" in told.detail


async def test_the_inbox_comes_first_and_tells_when_it_was_seen(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    rules = {"description": "When a parcel leaves", "category": "Orders"}
    tracking_id = await situation(rules=rules)(runtime, environment)
    user = await make_user(runtime, environment, "ada")
    clock.advance(minutes=2)
    await inbox.see(runtime, user.id, [tracking_id])
    view = await about.of_notification(runtime, user.id, tracking_id)
    assert (view.title, view.description) == ("Order shipped", "When a parcel leaves")
    assert [each.channel for each in view.channels] == [Channel.INAPP_WEB, Channel.EMAIL]
    assert view.channels[0].fate is Fate.SHOWN
    assert (view.seen, view.opened) == ("2026-03-02T09:32:00.000Z", "")


async def test_what_became_part_of_another_is_set_apart_in_the_inbox(
    runtime: Runtime, environment: Environment
):
    rules = {"options": {Channel.INAPP_WEB: ChannelOptions(batching=Batching())}}
    tracking_id = await situation(rules=rules, sends=2)(runtime, environment)
    user = await make_user(runtime, environment, "ada")
    told = (await about.of_notification(runtime, user.id, tracking_id)).channels[0]
    assert (told.rule, told.fate) == (Rule.BATCHED, Fate.MERGED)
    assert (told.control, told.setting) == (Control.CHANGE, "cell/order_shipped//INAPP_WEB")


async def test_nobody_is_told_about_somebody_elses(runtime: Runtime, environment: Environment):
    tracking_id = await situation()(runtime, environment)
    stranger = await make_user(runtime, environment, "ben")
    for name in (tracking_id, "tr_nothing"):
        with pytest.raises(NotFound):
            await about.of_notification(runtime, stranger.id, name)


names = st.text(min_size=1)


@given(st.sampled_from(SettingKind), st.tuples(names, names, names))
def test_a_setting_survives_the_way_through_an_address(
    kind: SettingKind, given_names: tuple[str, str, str]
):
    setting = Setting(kind, given_names[: PARTS.get(kind, 0)])
    assert Setting.decode(setting.encode()) == setting


@pytest.mark.parametrize("text", ["", "cell", "cell/a/b", "pause/x", "nothing/a", "cell/a/b/c/d"])
def test_what_names_no_setting_is_refused(text: str):
    with pytest.raises(InvalidInput):
        Setting.decode(text)
