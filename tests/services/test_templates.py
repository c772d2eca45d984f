"""Templates: checked when saved, one default per mode, and used by what is sent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Conflict, InvalidInput, NotFound
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.template import Mode
from inbox_app.domain.type_rules import options_from
from inbox_app.domain.user import Profile
from inbox_app.pipeline.accept import TYPE_MEMORY
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, inbox, outgoing, templates, types
from inbox_app.services.templates import Place
from tests.clock import SetClock
from tests.factories import make_user, send

MAIL = {"subject": "Order {{order}}", "html": "<p>{{order}} has shipped</p>"}
INSTANT = frozenset({Mode.INSTANT})


@pytest.fixture
async def place(runtime: Runtime, environment: Environment) -> Place:
    """Where e-mail templates of a type are."""
    await types.create(runtime, environment, "order_shipped", "Order shipped", {"channels": ()})
    return Place(environment, "order_shipped", Channel.EMAIL)


def on(place: Place, channel: Channel) -> Place:
    return Place(place.environment, place.type_name, channel)


async def defaults(rt: Runtime, place: Place) -> dict[str, set[Mode]]:
    return {each.name: set(each.default_for) for each in await templates.every(rt, place)}


async def drain(rt: Runtime) -> None:
    while await delivering.work(rt):
        pass


async def subjects(rt: Runtime, environment: Environment) -> list[str]:
    await drain(rt)
    found = await outgoing.captured(rt, environment, 50)
    return sorted(each.fields["subject"] for each in found)


async def mail(rt: Runtime, environment: Environment, **fields: Any) -> str:
    wanted: dict[str, Any] = {
        "profile": Profile(email="ada@acme.example"),
        "forced_channels": (Channel.EMAIL,),
        "channels_with_content": (),
        "parameters": {"order": "17"},
        **fields,
    }
    return await send(rt, environment, **wanted)


async def test_a_template_is_saved_changed_and_deleted(runtime: Runtime, place: Place):
    made = await templates.create(runtime, place, "first", MAIL)
    assert await templates.get(runtime, place, "first") == made
    changed = await templates.change(
        runtime, place, "first", {"subject": "New", "previewText": "P"}
    )
    assert changed.content == {**MAIL, "subject": "New", "previewText": "P"}
    left = await templates.change(runtime, place, "first", {"previewText": None})
    assert left.content == {**MAIL, "subject": "New"}
    assert await templates.every(runtime, on(place, Channel.SMS)) == []
    await templates.remove(runtime, place, "first")
    with pytest.raises(NotFound):
        await templates.get(runtime, place, "first")
    with pytest.raises(NotFound):
        await templates.remove(runtime, place, "first")


async def test_a_template_needs_a_type(runtime: Runtime, environment: Environment):
    with pytest.raises(NotFound, match="no notification type"):
        await templates.create(runtime, Place(environment, "none", Channel.EMAIL), "first", MAIL)


async def test_a_name_is_taken_once_per_channel(runtime: Runtime, place: Place):
    made = await asyncio.gather(
        *(templates.create(runtime, place, "first", MAIL) for _ in range(4)),
        return_exceptions=True,
    )
    assert [type(each) for each in made].count(Conflict) == 3
    await templates.create(runtime, on(place, Channel.SMS), "first", {"message": "Hi"})


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"subject": "{{ order"}, "subject: "),
        ({"html": "{% for x in y %}"}, "html: "),
        ({"html": "{% include 'file' %}"}, "html: "),
        ({"instant": {"title": "{% if %}"}}, "instant.title: "),
        ({"blocks": [{"text": {"text": "{{"}}]}, "blocks.0.text.text: "),
        ({"instant": {"redirectURL": "javascript:alert(1)"}}, "instant.redirectURL "),
    ],
)
async def test_wrong_content_is_refused_by_its_field(
    runtime: Runtime, place: Place, content: dict[str, Any], field: str
):
    await templates.create(runtime, place, "first", MAIL)
    for saving in (
        templates.create(runtime, place, "second", content),
        templates.change(runtime, place, "first", content),
    ):
        with pytest.raises(InvalidInput) as refused:
            await saving
        assert refused.value.message.startswith(field)
    (left,) = await templates.every(runtime, place)
    assert left.content == MAIL


async def test_what_only_an_editor_reads_is_not_checked(runtime: Runtime, place: Place):
    made = await templates.create(runtime, place, "first", {**MAIL, "internal": "{% nonsense"})
    assert made.content["internal"] == "{% nonsense"


# Defaults


async def test_the_first_is_the_default(runtime: Runtime, place: Place):
    for name in ("first", "second"):
        await templates.create(runtime, place, name, MAIL)
    assert await defaults(runtime, place) == {"first": {Mode.INSTANT}, "second": set()}


async def test_a_draft_is_no_default_and_cannot_become_one(runtime: Runtime, place: Place):
    await templates.create(runtime, place, "draft", {"html": "<p>Soon</p>"})
    with pytest.raises(InvalidInput, match="has no subject"):
        await templates.make_default(runtime, place, "draft", [Mode.DAILY])
    await templates.create(runtime, place, "whole", MAIL)
    assert await defaults(runtime, place) == {"draft": set(), "whole": {Mode.INSTANT}}


async def test_a_default_cannot_lose_what_it_needs(runtime: Runtime, place: Place):
    await templates.create(runtime, place, "first", MAIL)
    with pytest.raises(InvalidInput, match="has no subject"):
        await templates.change(runtime, place, "first", {"subject": " "})


async def test_a_mode_has_one_default(runtime: Runtime, place: Place):
    for name in ("first", "second"):
        await templates.create(runtime, place, name, MAIL)
    chosen = await templates.make_default(runtime, place, "first", [Mode.DAILY, Mode.WEEKLY])
    assert chosen.default_for == {Mode.INSTANT, Mode.DAILY, Mode.WEEKLY}
    await templates.make_default(runtime, place, "second", [Mode.INSTANT, Mode.WEEKLY])
    assert await defaults(runtime, place) == {
        "first": {Mode.DAILY},
        "second": {Mode.INSTANT, Mode.WEEKLY},
    }


async def test_a_mode_has_one_default_however_many_are_made_at_once(runtime: Runtime, place: Place):
    names = [str(number) for number in range(5)]
    for name in names:
        await templates.create(runtime, place, name, MAIL)
    await asyncio.gather(
        *(templates.make_default(runtime, place, name, [Mode.DAILY]) for name in names)
    )
    found = await defaults(runtime, place)
    assert sum(Mode.DAILY in modes for modes in found.values()) == 1


# What they are for


async def test_the_default_is_used_when_nothing_is_said_inline(
    runtime: Runtime, environment: Environment, place: Place
):
    await templates.create(runtime, place, "first", MAIL)
    await templates.create(runtime, place, "second", {**MAIL, "subject": "Second {{order}}"})
    await mail(runtime, environment)
    await mail(runtime, environment, template="second")
    assert await subjects(runtime, environment) == ["Order 17", "Second 17"]


async def test_another_default_is_used_once_sends_have_forgotten_the_old_one(
    runtime: Runtime, environment: Environment, place: Place, clock: SetClock
):
    await templates.create(runtime, place, "first", MAIL)
    await templates.create(runtime, place, "second", {**MAIL, "subject": "Second {{order}}"})
    await mail(runtime, environment)
    await templates.make_default(runtime, place, "second", INSTANT)
    clock.advance(seconds=TYPE_MEMORY.total_seconds() + 1)
    await mail(runtime, environment)
    assert await subjects(runtime, environment) == ["Second 17", "Second 17"]


async def test_an_inbox_item_has_a_form_for_one_and_one_for_several(
    runtime: Runtime, environment: Environment, place: Place
):
    inapp = on(place, Channel.INAPP_WEB)
    forms = {"instant": {"title": "{{who}} wrote"}, "batch": {"title": "{{count}} wrote"}}
    await templates.create(runtime, inapp, "first", forms)
    batched = {"instant": {"enabled": True, "batching": True}}
    await types.change(
        runtime,
        environment,
        place.type_name,
        {"options": {Channel.INAPP_WEB: options_from(batched)}},
    )
    for who in ("Ben", "Cleo"):
        fields: dict[str, Any] = {"channels_with_content": (), "in_app": None}
        fields |= {"forced_channels": (Channel.INAPP_WEB,), "parameters": {"who": who}}
        await send(runtime, environment, **fields)
    user = await make_user(runtime, environment, "ada")
    entries = await inbox.entries(runtime, user.id, None, 10)
    assert [each.item.content.title for each in entries] == ["2 wrote"]


async def test_a_form_for_several_without_a_title_is_none(runtime: Runtime, place: Place):
    inapp = on(place, Channel.INAPP_WEB)
    forms = {"instant": {"title": "Hi"}, "batch": {"title": "", "redirectURL": "/x"}}
    made = await templates.create(runtime, inapp, "first", forms)
    assert made.content == {"instant": {"title": "Hi"}}
    grown = await templates.change(runtime, inapp, "first", {"batch": {"title": "Many"}})
    assert grown.content["batch"] == {"title": "Many"}
    again = await templates.change(runtime, inapp, "first", {"instant": {"body": "There"}})
    assert again.content["instant"] == {"title": "Hi", "body": "There"}


async def test_a_digest_is_written_by_its_own_default(
    runtime: Runtime, environment: Environment, place: Place, clock: SetClock
):
    daily = {"defaultDeliveryOption": "daily", "daily": {"enabled": True, "hour": "18"}}
    options = {Channel.EMAIL: options_from(daily)}
    await types.change(runtime, environment, place.type_name, {"options": options})
    await templates.create(runtime, place, "one", MAIL)
    many = {"subject": "{{count}} orders", "html": "{% for o in items %}{{o.order}};{% endfor %}"}
    await templates.create(runtime, place, "many", many)
    await templates.make_default(runtime, place, "many", [Mode.DAILY])
    for order in ("17", "18"):
        await mail(runtime, environment, parameters={"order": order})
    assert await subjects(runtime, environment) == []
    clock.advance(hours=12)
    assert await subjects(runtime, environment) == ["2 orders"]
    (digest,) = await outgoing.captured(runtime, environment, 9)
    assert "17;18;" in digest.fields["html"]
