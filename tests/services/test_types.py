"""Notification types: set up, changed, deleted, and what sends make of them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, cast

import pytest

from inbox_app.domain.delivery_option import Batching, ChannelOptions, DeliveryOption
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Conflict, InvalidInput, NotFound
from inbox_app.domain.notification_type import Channel, Throttling
from inbox_app.domain.user import Profile
from inbox_app.pipeline.accept import TYPE_MEMORY
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, inbox, outgoing, templates, types
from inbox_app.services.templates import Place
from inbox_app.services.types import MOST_SUB_NOTIFICATIONS, TypeChange
from tests.clock import SetClock
from tests.factories import make_environment, make_user, send

SHIPPED = "order_shipped"
BOTH = (Channel.INAPP_WEB, Channel.EMAIL)


async def make(
    rt: Runtime, environment: Environment, name: str = SHIPPED, **change: Any
) -> types.TypeView:
    asked: dict[str, Any] = {"channels": BOTH, **change}
    return await types.create(rt, environment, name, "Order shipped", cast("TypeChange", asked))


async def titles(rt: Runtime, environment: Environment) -> list[str]:
    user = await make_user(rt, environment, "ada")
    return [entry.item.content.title for entry in await inbox.entries(rt, user.id, None, 50)]


async def test_a_type_that_is_made_is_found_and_listed(runtime: Runtime, environment: Environment):
    made = await make(runtime, environment, deduplication=timedelta(minutes=5))
    assert await types.get(runtime, environment, SHIPPED) == made
    assert await types.every(runtime, environment) == [made]
    assert made.type.channels == (Channel.EMAIL, Channel.INAPP_WEB)


async def test_types_of_another_environment_are_not_seen(
    runtime: Runtime, environment: Environment
):
    other = await make_environment(runtime, "Other")
    await make(runtime, other)
    assert await types.every(runtime, environment) == []
    with pytest.raises(NotFound, match="no notification type 'order_shipped'"):
        await types.remove(runtime, environment, SHIPPED)
    await make(runtime, environment)


async def test_a_type_is_made_once(runtime: Runtime, environment: Environment):
    made = await asyncio.gather(
        *(make(runtime, environment) for _ in range(5)), return_exceptions=True
    )
    assert [type(each) for each in made].count(Conflict) == 4


async def test_a_type_that_a_send_made_is_to_be_changed_instead(
    runtime: Runtime, environment: Environment
):
    await send(runtime, environment)
    with pytest.raises(Conflict) as refused:
        await make(runtime, environment)
    assert "Change it instead" in refused.value.fix


async def test_a_change_leaves_what_it_does_not_name(runtime: Runtime, environment: Environment):
    limit = Throttling(2)
    await make(runtime, environment, throttling=limit, required=True)
    changed = await types.change(
        runtime, environment, SHIPPED, {"title": "Shipped", "retention": 9}
    )
    kind = changed.type
    assert (kind.title, kind.retention, kind.throttling, kind.required) == (
        "Shipped",
        9,
        limit,
        True,
    )
    gone = await types.change(runtime, environment, SHIPPED, {"throttling": None})
    assert gone.type.throttling is None
    assert await types.get(runtime, environment, SHIPPED) == gone


async def test_options_and_subjects_are_merged_by_key(runtime: Runtime, environment: Environment):
    daily = ChannelOptions(DeliveryOption.DAILY, frozenset({DeliveryOption.DAILY}))
    batched = ChannelOptions(batching=Batching("order"))
    await make(
        runtime, environment, options={Channel.EMAIL: daily}, sub_notifications={"a": "A", "b": "B"}
    )
    changed = await types.change(
        runtime,
        environment,
        SHIPPED,
        {
            "options": {Channel.INAPP_WEB: batched, Channel.EMAIL: None},
            "sub_notifications": {"b": None, "c": "C"},
        },
    )
    assert changed.type.options == {Channel.INAPP_WEB: batched}
    assert changed.type.sub_notifications == {"a": "A", "c": "C"}


async def test_there_are_only_so_many_subjects(runtime: Runtime, environment: Environment):
    many = {str(number): "Title" for number in range(MOST_SUB_NOTIFICATIONS + 1)}
    with pytest.raises(InvalidInput, match="subNotifications"):
        await make(runtime, environment, sub_notifications=many)


async def test_changes_at_once_do_not_undo_each_other(runtime: Runtime, environment: Environment):
    await make(runtime, environment)
    names = [str(number) for number in range(8)]
    await asyncio.gather(
        *(
            types.change(runtime, environment, SHIPPED, {"sub_notifications": {name: "Title"}})
            for name in names
        )
    )
    view = await types.get(runtime, environment, SHIPPED)
    assert sorted(view.type.sub_notifications) == names


# What it is for


async def test_a_type_with_deduplication_ignores_the_second_send(
    runtime: Runtime, environment: Environment
):
    await make(runtime, environment, deduplication=timedelta(hours=1))
    await send(runtime, environment, title="The same")
    again = await send(runtime, environment, title="The same")
    assert await titles(runtime, environment) == ["The same"]
    story = await outgoing.story(runtime, environment, again)
    assert story.decisions[1].rule == "deduplicated"


async def test_a_change_rules_sends_once_they_have_forgotten_the_old_one(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await send(runtime, environment, title="Before")
    await types.change(runtime, environment, SHIPPED, {"enabled": False})
    clock.advance(seconds=TYPE_MEMORY.total_seconds() + 1)
    await send(runtime, environment, title="After")
    assert await titles(runtime, environment) == ["Before"]


# Deleting


async def test_a_deleted_type_is_gone(runtime: Runtime, environment: Environment):
    await make(runtime, environment)
    await types.remove(runtime, environment, SHIPPED)
    assert await types.every(runtime, environment) == []
    for gone in (types.get, types.remove):
        with pytest.raises(NotFound):
            await gone(runtime, environment, SHIPPED)
    with pytest.raises(NotFound):
        await types.change(runtime, environment, SHIPPED, {"enabled": False})


async def test_a_type_can_be_deleted_and_made_again_and_again(
    runtime: Runtime, environment: Environment
):
    for _ in range(3):
        await make(runtime, environment, required=True)
        await types.remove(runtime, environment, SHIPPED)
    made = await make(runtime, environment)
    assert not made.type.required


async def test_what_was_sent_of_a_deleted_type_keeps_its_name_and_story(
    runtime: Runtime, environment: Environment
):
    await make(runtime, environment)
    tracking_id = await send(runtime, environment)
    await types.remove(runtime, environment, SHIPPED)
    user = await make_user(runtime, environment, "ada")
    (entry,) = await inbox.entries(runtime, user.id, None, 50)
    assert (entry.item.type_name, entry.item.type_title) == (SHIPPED, "Order shipped")
    assert (await outgoing.story(runtime, environment, tracking_id)).decisions
    await inbox.see_all(runtime, user.id, SHIPPED)
    assert (await inbox.state(runtime, user.id)).counters.unseen == 0


async def test_a_send_to_a_deleted_name_makes_a_fresh_type(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make(runtime, environment, enabled=False)
    await send(runtime, environment, title="Off")
    await types.remove(runtime, environment, SHIPPED)
    clock.advance(seconds=TYPE_MEMORY.total_seconds() + 1)
    await send(runtime, environment, title="On")
    assert await titles(runtime, environment) == ["On"]
    fresh = await types.get(runtime, environment, SHIPPED)
    assert fresh.type.enabled


async def test_what_waits_when_its_type_is_deleted_still_goes_out(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make(runtime, environment)
    place = Place(environment, SHIPPED, Channel.EMAIL)
    await templates.create(runtime, place, "first", {"subject": "Soon", "html": "<p>Soon</p>"})
    later = clock.now() + timedelta(hours=1)
    fields: dict[str, Any] = {"profile": Profile(email="ada@acme.example"), "schedule": later}
    await send(runtime, environment, **fields, forced_channels=(Channel.EMAIL,))
    await types.remove(runtime, environment, SHIPPED)
    clock.advance(hours=2)
    while await delivering.work(runtime):
        pass
    (kept,) = await outgoing.captured(runtime, environment, 10)
    assert kept.fields["subject"] == "Soon"
