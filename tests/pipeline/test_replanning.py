"""A send that waits is given another time or other content, and decided once more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from inbox_app.domain.decision import Outcome, Rule
from inbox_app.domain.delivery import Delivery, DeliveryStatus
from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InvalidInput, NotFound
from inbox_app.domain.notification import InAppContent
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.runtime import Runtime
from inbox_app.services import inbox, outgoing
from tests.clock import SetClock
from tests.factories import make_send, make_type, make_user, send
from tests.pipeline.test_delivering import BOTH, ONLY_MAIL, captured, drain
from tests.pipeline.test_holding import DAILY, all_of, choose, pause

OFFERED = {Channel.EMAIL: ChannelOptions(offered=frozenset(DeliveryOption))}


async def change(rt: Runtime, environment: Environment, tracking_id: str, **said: Any) -> None:
    """Says something anew, and nothing else."""
    fields: dict[str, Any] = {"in_app": None, "channels_with_content": (), **said}
    changed = make_send(environment, **fields, accepted_at=rt.clock.now())
    await outgoing.reschedule(rt, environment, tracking_id, changed)


async def by_channel(rt: Runtime, tracking_id: str) -> dict[Channel, Delivery]:
    return {each.channel: each for each in await all_of(rt, tracking_id)}


async def test_what_falls_into_a_digest_moves_to_the_digest_of_its_new_time(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_type(runtime, environment, options=OFFERED)
    await choose(runtime, environment, DAILY)
    start = clock.now()
    tracking_id = await send(runtime, environment, **ONLY_MAIL, schedule=start + timedelta(days=2))
    before = (await by_channel(runtime, tracking_id))[Channel.EMAIL]
    await change(runtime, environment, tracking_id, schedule=start + timedelta(days=9))
    after = (await by_channel(runtime, tracking_id))[Channel.EMAIL]
    assert after.status is DeliveryStatus.HELD
    assert after.due_at - before.due_at == timedelta(days=7)
    clock.advance(days=3)
    await drain(runtime)
    assert await captured(runtime, environment) == []
    clock.advance(days=7)
    await drain(runtime)
    assert len(await captured(runtime, environment)) == 1


async def test_a_mail_still_waits_whether_the_item_is_read(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_type(runtime, environment, escalation=timedelta(minutes=30))
    start = clock.now()
    tracking_id = await send(runtime, environment, **BOTH, schedule=start + timedelta(hours=2))
    later = start + timedelta(hours=3)
    await change(runtime, environment, tracking_id, schedule=later)
    due = {
        channel: each.due_at for channel, each in (await by_channel(runtime, tracking_id)).items()
    }
    assert due == {Channel.INAPP_WEB: later, Channel.EMAIL: later + timedelta(minutes=30)}


async def test_other_content_alone_changes_no_time(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_type(runtime, environment, escalation=timedelta(minutes=30))
    tracking_id = await send(
        runtime, environment, **BOTH, schedule=clock.now() + timedelta(hours=2)
    )
    before = await by_channel(runtime, tracking_id)
    clock.advance(hours=1)
    await change(runtime, environment, tracking_id, parameters={"order": "18"})
    after = await by_channel(runtime, tracking_id)
    assert {c: e.due_at for c, e in after.items()} == {c: e.due_at for c, e in before.items()}
    clock.advance(hours=2)
    await drain(runtime)
    assert [each.fields["subject"] for each in await captured(runtime, environment)] == ["Order 18"]


async def test_a_channel_that_had_no_content_is_told_when_it_has_some(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    later = clock.now() + timedelta(hours=2)
    reachable = Profile(email="ada@acme.example", number="+34600000001")
    asked: dict[str, Any] = ONLY_MAIL | {"profile": reachable, "schedule": later}
    tracking_id = await send(runtime, environment, **asked)
    said: dict[str, Any] = {
        "channels_with_content": (Channel.SMS,),
        "content": {Channel.SMS: {"message": "Order {{order}} has shipped"}},
    }
    await change(runtime, environment, tracking_id, **said)
    clock.advance(hours=2)
    await drain(runtime)
    told = {each.channel: each.fields for each in await captured(runtime, environment)}
    assert set(told) == {Channel.EMAIL, Channel.SMS}
    assert told[Channel.SMS]["message"] == "Order 17 has shipped"
    story = await outgoing.story(runtime, environment, tracking_id)
    assert {each.channel for each in story.decisions} == {Channel.EMAIL, Channel.SMS}


@pytest.mark.parametrize("title", ["", "{% if %}"])
async def test_in_app_content_that_cannot_be_used_is_refused_and_changes_nothing(
    runtime: Runtime, environment: Environment, clock: SetClock, title: str
):
    later = clock.now() + timedelta(hours=2)
    tracking_id = await send(runtime, environment, schedule=later)
    said: dict[str, Any] = {
        "in_app": InAppContent(title),
        "channels_with_content": (Channel.INAPP_WEB,),
    }
    with pytest.raises(InvalidInput):
        await change(runtime, environment, tracking_id, **said)
    clock.advance(hours=2)
    await drain(runtime)
    user = await make_user(runtime, environment, "ada")
    (entry,) = await inbox.entries(runtime, user.id, None, 10)
    assert entry.item.content.title == "Order 17 has shipped"


async def test_what_is_asked_for_now_appears_now(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    tracking_id = await send(runtime, environment, schedule=clock.now() + timedelta(hours=2))
    await change(runtime, environment, tracking_id, schedule=clock.now())
    clock.advance(seconds=1)
    await drain(runtime)
    user = await make_user(runtime, environment, "ada")
    assert len(await inbox.entries(runtime, user.id, None, 10)) == 1


async def test_what_stands_in_the_inbox_is_not_told_there_again(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await pause(runtime, environment, clock.now() + timedelta(hours=3))
    tracking_id = await send(runtime, environment, **BOTH)
    later = clock.now() + timedelta(hours=6)
    await change(runtime, environment, tracking_id, schedule=later)
    waiting = await by_channel(runtime, tracking_id)
    assert {channel: each.due_at for channel, each in waiting.items()} == {Channel.EMAIL: later}
    story = await outgoing.story(runtime, environment, tracking_id)
    decided = {each.channel: (each.outcome, each.rule) for each in story.decisions}
    assert decided[Channel.INAPP_WEB] == (Outcome.SEND, Rule.ALLOWED)
    assert decided[Channel.EMAIL] == (Outcome.HOLD, Rule.SCHEDULED)


async def test_what_has_gone_out_or_was_cancelled_cannot_be_changed(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    later = clock.now() + timedelta(hours=6)
    sent = await send(runtime, environment, **ONLY_MAIL)
    await drain(runtime)
    cancelled = await send(runtime, environment, **ONLY_MAIL, schedule=later)
    await outgoing.cancel(runtime, environment, cancelled)
    for tracking_id in (sent, cancelled):
        with pytest.raises(NotFound):
            await change(runtime, environment, tracking_id, schedule=later)
