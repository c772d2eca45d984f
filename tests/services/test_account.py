"""What a person does with their account, on both databases."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from inbox_app.domain.act import Act
from inbox_app.domain.address_code import AddressKind
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Conflict, InvalidInput, NotFound
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.domain.notification import InAppContent
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.personal import Personal
from inbox_app.domain.user import Profile
from inbox_app.runtime import Runtime
from inbox_app.services import (
    access,
    account,
    addresses,
    attachments,
    delivering,
    environments,
    filters,
    inbox,
    personal_data,
    users,
)
from inbox_app.services.access import Viewer
from inbox_app.storage import personal
from tests.clock import SetClock
from tests.factories import make_environment, make_user, send
from tests.lib.test_images import picture

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


async def visit(rt: Runtime, environment: Environment, user_id: str = "ada") -> Viewer:
    """A new browser of a person."""
    link = await access.sign_in_link(rt, environment, user_id)
    signed_in = await access.sign_in(rt, link.partition("token=")[2], FIREFOX)
    viewer = await access.viewer(rt, signed_in.token)
    assert viewer is not None
    return viewer


@pytest.fixture
async def ada(runtime: Runtime, environment: Environment) -> Viewer:
    await make_user(runtime, environment, "ada", email="ada@acme.test", properties={"plan": "pro"})
    return await visit(runtime, environment)


async def stored(rt: Runtime, viewer: Viewer) -> Personal:
    async with rt.database.read() as tx:
        return await personal.get(tx, viewer.user_id)


async def test_a_new_name_keeps_the_other_properties(
    runtime: Runtime, environment: Environment, ada: Viewer
) -> None:
    await account.rename(runtime, ada.user_id, "  Ada   Lovelace ")
    user = await users.find(runtime, environment, "ada")
    assert user is not None
    assert user.display_name == "Ada Lovelace"
    assert (user.profile.properties or {})["plan"] == "pro"
    assert user.profile.email == "ada@acme.test"


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\u202eb", "a\0b"])
async def test_a_name_that_is_none_is_refused(runtime: Runtime, ada: Viewer, name: str) -> None:
    with pytest.raises(InvalidInput):
        await account.rename(runtime, ada.user_id, name)


async def test_the_zone_is_set_and_taken_back(
    runtime: Runtime, environment: Environment, ada: Viewer
) -> None:
    """It is the one that the preference centre knows, whatever the application says."""
    link = await access.sign_in_link(runtime, environment, "ada")
    token = (await access.sign_in(runtime, link.partition("token=")[2])).token
    for zone in ("Asia/Tokyo", ""):
        await account.set_zone(runtime, ada.user_id, zone)
        user = await users.find(runtime, environment, "ada")
        assert user is not None
        assert (user.preferences.zone or "") == zone
        shown = await access.viewer(runtime, token)
        assert shown is not None
        assert shown.view.zone == zone
    with pytest.raises(InvalidInput):
        await account.set_zone(runtime, ada.user_id, "Middle-earth/Shire")


async def test_settings_follow_the_person_and_survive_what_senders_say(
    runtime: Runtime, environment: Environment, ada: Viewer
) -> None:
    await account.set_language(runtime, ada.user_id, "de")
    await account.set_shortcuts(runtime, ada.user_id, on=False)
    await account.set_key(runtime, ada.user_id, "next", "n")
    await users.identify(runtime, environment, "ada", Profile(email="new@acme.test"))
    await send(runtime, environment, "ada")
    assert await stored(runtime, ada) == Personal("de", shortcuts=False, keys={"next": "n"})
    view = (await visit(runtime, environment)).view
    assert (view.language, view.shortcuts, view.key_of["next"]) == ("de", False, "n")
    await account.reset_keys(runtime, ada.user_id)
    await account.set_language(runtime, ada.user_id, "")
    assert await stored(runtime, ada) == Personal(shortcuts=False)


async def test_what_makes_no_sense_is_refused(runtime: Runtime, ada: Viewer) -> None:
    with pytest.raises(InvalidInput):
        await account.set_language(runtime, ada.user_id, "tlh")
    with pytest.raises(Conflict):
        await account.set_key(runtime, ada.user_id, "next", "k")
    assert await stored(runtime, ada) == Personal()


async def test_sessions_are_listed_this_browser_first(
    runtime: Runtime, environment: Environment, ada: Viewer, clock: SetClock
) -> None:
    clock.advance(minutes=1)
    other = await visit(runtime, environment)
    found = await account.signed_in(runtime, ada)
    assert [each.id for each in found] == [str(ada.session_id), str(other.session_id)]
    assert [each.mine for each in found] == [True, False]
    assert (found[1].browser, found[1].system) == ("Firefox", "Linux")


async def test_use_is_noted_now_and_then(
    runtime: Runtime, environment: Environment, clock: SetClock
) -> None:
    link = await access.sign_in_link(runtime, environment, "ada")
    token = (await access.sign_in(runtime, link.partition("token=")[2])).token
    began = clock.now()
    clock.advance(minutes=9)
    viewer = await access.viewer(runtime, token)
    assert viewer is not None
    assert (await account.signed_in(runtime, viewer))[0].last_used[:16] == began.isoformat()[:16]
    clock.advance(minutes=2)
    await access.viewer(runtime, token)
    later = (began + timedelta(minutes=11)).isoformat()[:16]
    assert (await account.signed_in(runtime, viewer))[0].last_used[:16] == later


async def test_a_session_is_ended_by_its_owner_alone(
    runtime: Runtime, environment: Environment, ada: Viewer
) -> None:
    other, ben = await visit(runtime, environment), await visit(runtime, environment, "ben")
    for nobodys in (str(ben.session_id), "x", "", "-1", "9" * 30, "²"):
        with pytest.raises(NotFound):
            await account.end_session(runtime, ada, nobodys)
    with runtime.hub.subscribe(other.user_id, other.session_id) as watching:
        await account.end_session(runtime, ada, str(other.session_id))
        news = await watching.wait(5)
    assert news is not None
    assert news.ended
    assert len(await account.signed_in(runtime, ada)) == 1
    assert len(await account.signed_in(runtime, ben)) == 1


async def test_all_others_are_ended(
    runtime: Runtime, environment: Environment, ada: Viewer
) -> None:
    await visit(runtime, environment)
    await visit(runtime, environment)
    assert await account.end_other_sessions(runtime, ada) == 2
    assert [each.mine for each in await account.signed_in(runtime, ada)] == [True]
    assert await account.end_other_sessions(runtime, ada) == 0


async def test_an_account_is_deleted_by_its_name(
    runtime: Runtime, environment: Environment, ada: Viewer
) -> None:
    await send(runtime, environment, "ada")
    with pytest.raises(InvalidInput):
        await account.delete(runtime, ada, "Ben")
    assert await users.find(runtime, environment, "ada")
    await account.delete(runtime, ada, " ada ")
    assert await users.find(runtime, environment, "ada") is None
    assert (await inbox.state(runtime, ada.user_id)).counters.active == 0
    with pytest.raises(NotFound):
        await account.delete(runtime, ada, "ada")


async def test_the_look_of_an_environment_reaches_its_people(runtime: Runtime) -> None:
    place = await make_environment(runtime)
    viewer = await visit(runtime, place)
    assert viewer.view.look == {}
    await environments.set_look(runtime, place, "https://acme.test/logo.png", "#C01C28")
    view = (await visit(runtime, place)).view
    assert view.logo == "https://acme.test/logo.png"
    assert view.look["light"]["accent"] == "#c01c28"


async def exported(rt: Runtime, viewer: Viewer, portion: int = 200) -> dict[str, Any]:
    parts = await personal_data.export(rt, viewer.user_id, portion)
    return json.loads("".join([part async for part in parts]))


async def test_the_data_of_a_person_without_any(runtime: Runtime, environment: Environment) -> None:
    data = await exported(runtime, await visit(runtime, environment, "new"))
    assert data["profile"]["id"] == "new"
    for name in ("notifications", "preferenceHistory", "summaries"):
        assert data[name] == []


async def test_the_data_is_whole_over_many_portions_and_only_theirs(
    runtime: Runtime, environment: Environment, ada: Viewer
) -> None:
    titles = [f"Note {number}" for number in range(8)]
    sent = [await send(runtime, environment, "ada", title=title) for title in titles]
    await inbox.reply(runtime, ada.user_id, sent[-1], "Thanks")
    await send(runtime, environment, "ben", title="For Ben")
    await account.set_language(runtime, ada.user_id, "de")
    data = await exported(runtime, ada, portion=3)
    assert sorted(each["item"]["title"] for each in data["notifications"]) == titles
    replies = [each["message"] for one in data["notifications"] for each in one["replies"]]
    assert replies == ["Thanks"]
    assert data["settings"] == {"language": "de"}
    assert data["profile"]["email"] == "ada@acme.test"
    assert data["notifications"][0]["decisions"][0]["channel"] == Channel.INAPP_WEB
    assert "Ben" not in json.dumps(data)


async def test_what_the_person_made_of_their_inbox_is_in_the_data(
    runtime: Runtime, environment: Environment, ada: Viewer
) -> None:
    await filters.create(runtime, ada.user_id, "Bills", InboxFilter(query="invoice"))
    item = await send(runtime, environment, "ada", in_app=InAppContent("Invoice", replies=True))
    await inbox.perform(runtime, ada.user_id, Act.SAVE, [item])
    shown = await attachments.upload(runtime, ada.user_id, item, picture())
    await inbox.reply(runtime, ada.user_id, item, "Paid", [shown.id])
    await addresses.ask(runtime, ada.user_id, AddressKind.EMAIL, "new@acme.example")
    data = await exported(runtime, ada)
    assert data["savedFilters"] == [{"name": "Bills", "filter": {"box": "all", "query": "invoice"}}]
    assert [each["address"] for each in data["addressesToProve"]] == ["new@acme.example"]
    assert [each["address"] for each in data["serverMessages"]] == ["new@acme.example"]
    assert data["summaries"] == []
    (told,) = data["notifications"]
    assert told["item"]["saved"]
    assert [each["reply_id"] for each in told["pictures"]] == [told["replies"][0]["id"]]


async def test_no_secret_is_in_the_data(runtime: Runtime, environment: Environment) -> None:
    keys = {"p256dh": "public-part", "auth": "secret-part"}
    endpoint = "https://push.example/secret-address"
    await make_user(
        runtime,
        environment,
        "eve",
        push_tokens=({"type": "FCM", "token": "secret-token"},),
        web_push_tokens=({"sub": {"endpoint": endpoint, "keys": keys}},),
        slack_channel="C0001",
        slack_token="secret-sealed",
    )
    channels = (Channel.PUSH, Channel.WEB_PUSH, Channel.SLACK)
    content = {
        Channel.PUSH: {"title": "Hello", "message": "There"},
        Channel.WEB_PUSH: {"title": "Hello", "message": "There"},
        Channel.SLACK: {"text": "Hello"},
    }
    told = {"channels_with_content": channels, "in_app": None, "content": content}
    await send(runtime, environment, "eve", **told)
    while await delivering.work(runtime):
        pass
    data = await exported(runtime, await visit(runtime, environment, "eve"))
    assert "secret" not in json.dumps(data)
    known = {each["channel"]: each for each in data["profile"]["devicesAndChats"]}
    assert (known["WEB_PUSH"]["name"], known["SLACK"]["name"]) == ("push.example", "C0001")
    assert all(each["lastSuccessAt"] for each in known.values())
    (one,) = data["notifications"]
    assert {each["channel"] for each in one["deliveries"]} == {*channels}
