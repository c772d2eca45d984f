"""Where in Slack messages go: the live list, what is chosen of it, and what Slack refuses."""

from __future__ import annotations

import asyncio
import gc
import weakref
from dataclasses import replace

import pytest

from inbox_app.channels.slack import places
from inbox_app.channels.slack.client import Slack
from inbox_app.channels.slack.places import KEPT, Place, PlaceKind, PlaceLists, Places
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InboxError, NotFound, Refused, Unavailable
from inbox_app.runtime import Runtime
from inbox_app.services import (
    address_trials,
    integrations,
    slack_app,
    slack_connecting,
    slack_places,
)
from inbox_app.services.access import Viewer
from inbox_app.services.centre_views import ENDED, SlackPlacesView
from tests.clock import SetClock
from tests.services.slack.process import address_of, connect, sign_in
from tests.standins.http import Do, Respond
from tests.standins.slack import ADA, BEN, BOT, Channel, SlackStandIn, answer, person

LISTS = ("conversations.list", "users.conversations", "users.list")


@pytest.fixture
async def connected(runtime: Runtime, ada: Viewer, slack: SlackStandIn) -> Viewer:
    """Ada, who has connected Slack."""
    await connect(runtime, ada, slack)
    return ada


async def search(rt: Runtime, viewer: Viewer, typed: str = "") -> SlackPlacesView:
    return await slack_places.search(rt, viewer.user_id, typed)


async def names(rt: Runtime, viewer: Viewer, typed: str = "") -> list[str]:
    return [each.name for each in (await search(rt, viewer, typed)).places]


async def refused(rt: Runtime, viewer: Viewer, place: str) -> InboxError:
    with pytest.raises(InboxError) as raised:
        await slack_places.choose(rt, viewer.user_id, place)
    return raised.value


# The list


async def test_the_list_holds_what_the_person_may_name_the_person_first(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn
):
    """No apps, nobody who left, and no private channel that the person or the app is not in."""
    found = await search(runtime, connected)
    shown = [(each.kind, each.name, each.note) for each in found.places]
    assert shown == [
        ("person", "Ada", ""),
        ("public", "closed", ""),
        ("public", "general", ""),
        ("public", "ops-café", ""),
        ("private", "team-日本", ""),
        ("person", "ben", "Ben Müller"),
    ]
    first, *others = found.places
    assert (first.own, first.chosen) == (True, True)
    assert not any(each.own or each.chosen for each in others)
    assert (found.more, found.whole) == (False, True)
    # Two in a page, and every page once.
    assert [len(slack.asked(each)) for each in LISTS] == [2, 1, 3]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("gen", ["general"]),
        (" GEN ", ["general"]),
        ("cafe", ["ops-café"]),
        ("café ops", ["ops-café"]),
        ("日本", ["team-日本"]),
        ("müller", ["ben"]),
        ("MULLER b", ["ben"]),
        ("#en", ["general"]),
        ("@e", ["ben"]),
        ("#", ["closed", "general", "ops-café", "team-日本"]),
        ("nothing like it", []),
        ("board", []),
        ("hers", []),
    ],
)
async def test_it_is_searched_as_one_types(
    runtime: Runtime, connected: Viewer, typed: str, found: list[str]
):
    assert await names(runtime, connected, typed) == found


async def test_typing_asks_slack_once_a_minute(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn, clock: SetClock
):
    await asyncio.gather(*(search(runtime, connected, typed) for typed in ("g", "ge", "gen")))
    slack.channels.append(Channel("C0NEW", "genesis"))
    assert await names(runtime, connected, "gen") == ["general"]
    assert len(slack.asked("users.conversations")) == 1
    clock.at += KEPT
    assert await names(runtime, connected, "gen") == ["general", "genesis"]


async def test_a_list_is_for_one_person(
    runtime: Runtime, environment: Environment, connected: Viewer, slack: SlackStandIn
):
    await search(runtime, connected)
    with pytest.raises(NotFound):
        await search(runtime, await sign_in(runtime, environment, "ben"))


async def test_of_many_that_fit_some_are_shown(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn
):
    slack.people += [person(f"U{n}", f"Person {n}") for n in range(40)]
    found = await search(runtime, connected, "person")
    assert (len(found.places), found.more) == (slack_places.MOST, True)


async def test_of_a_workspace_without_end_a_part_is_searched(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn
):
    again = {"next_cursor": "again"}
    slack.instead["users.list"] = answer(ok=True, members=[], response_metadata=again)
    found = await search(runtime, connected)
    assert not found.whole
    # However many others there are, a person can have messages sent to themselves again.
    assert [(each.name, each.own) for each in found.places[:1]] == [("Ada", True)]
    assert len(slack.asked("users.list")) == places.MOST_PAGES


@pytest.mark.parametrize("method", LISTS)
async def test_of_a_list_that_slack_breaks_off_the_part_that_came_is_searched(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn, method: str
):
    """Some twenty pages of a list are handed out in a minute, and large workspaces have more."""
    slack.people.append(person("U0ZOE", "Zoe"))
    slack.channels += [Channel(f"G{n}", f"more-{n}", {ADA, BOT}, private=True) for n in range(3)]
    slack.later[method] = Respond(429, {"Retry-After": "30"})
    found = await search(runtime, connected)
    assert not found.whole
    assert len(slack.asked(method)) == 2
    assert found.places[0].own


async def test_what_there_is_no_time_for_is_left_out(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn
):
    slack.people.insert(0, person("U0ZOE", "Zoe"))
    slack.people.insert(0, person("U0YAN", "Yan"))
    hurried = replace(runtime, tools=replace(runtime.tools, timeout=1.0))
    own = await slack_app.connection(hurried, connected.user_id)
    brief = Slack(hurried.tools, own.grant.token, own.grant.speaker(runtime.clock.now()))
    found = await places.read_places(brief, ADA)
    assert not found.whole
    assert [len(slack.asked(each)) for each in LISTS] == [1, 1, 1]
    assert [each.name for each in found.found if each.own] == ["Ada"]


async def test_what_slack_tells_oddly_is_left_out(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn
):
    odd = ["x", {}, {"id": "C1"}, {"name": "n"}, {"id": 7, "name": "n"}, {"id": "C2", "name": "ok"}]
    slack.instead["conversations.list"] = answer(ok=True, channels=odd)
    slack.instead["users.list"] = answer(ok=True, members=[{"id": "U1"}, *odd])
    slack.instead["users.conversations"] = answer(ok=True, channels=7)
    assert [each.id for each in (await search(runtime, connected)).places] == ["C2"]


async def test_lists_that_nobody_believes_any_more_are_let_go(clock: SetClock):
    lists, ours = PlaceLists(), [Places(), Places()]
    first = weakref.ref(ours[0])

    async def ask() -> Places:
        return ours.pop(0)

    await lists.get((1, "T1"), clock.now(), ask)
    gc.collect()
    assert first() is not None
    clock.at += KEPT
    await lists.get((2, "T1"), clock.now(), ask)
    gc.collect()
    assert first() is None


async def test_only_so_many_lists_are_remembered(clock: SetClock):
    lists, read = PlaceLists(), 0

    async def ask() -> Places:
        nonlocal read
        read += 1
        return Places((Place("C1", PlaceKind.PUBLIC, "one"),))

    for owner in range(places.MOST_LISTS + 1):
        await lists.get((owner, "T1"), clock.now(), ask)
    await lists.get((1, "T1"), clock.now(), ask)
    assert read == places.MOST_LISTS + 1
    await lists.get((0, "T1"), clock.now(), ask)
    assert read == places.MOST_LISTS + 2


# What Slack refuses


async def busy(rt: Runtime, viewer: Viewer) -> int:
    """For how many seconds the person is asked to wait."""
    with pytest.raises(Unavailable) as raised:
        await search(rt, viewer)
    assert raised.value.name == "why.slack_busy"
    return int(raised.value.values["n"])


async def test_a_pause_that_slack_asks_for_is_told_and_kept(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn, clock: SetClock
):
    slack.script(Respond(429, {"Retry-After": "17"}))
    assert await busy(runtime, connected) == 17
    clock.advance(seconds=12)
    assert await busy(runtime, connected) == 5
    assert len(slack.asked("conversations.list")) == 1
    clock.advance(seconds=5)
    assert "general" in await names(runtime, connected)


async def test_a_pause_of_unknown_length_is_half_a_minute(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn, clock: SetClock
):
    slack.script(answer(ok=False, error="ratelimited"))
    assert await busy(runtime, connected) == 30
    clock.advance(seconds=31)
    assert "general" in await names(runtime, connected)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (Respond(503, body=b"<html>"), "why.slack_silent"),
        (Do.CUT_AFTER_READING, "why.slack_silent"),
        (Respond(body=b"[]"), "why.slack_silent"),
        (answer(ok=False, error="internal_error"), "why.slack_silent"),
        (answer(ok=False, error="missing_scope", needed="users:read"), "why.slack_rights"),
    ],
)
async def test_what_slack_refuses_is_told_and_asked_again(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn, said: Respond | Do, name: str
):
    slack.instead["conversations.list"] = said
    with pytest.raises(InboxError) as raised:
        await search(runtime, connected)
    assert raised.value.name == name
    slack.instead.clear()
    found = await address_of(runtime, connected)
    assert found is not None
    assert found.status == "verified"
    assert "general" in await names(runtime, connected)


@pytest.mark.parametrize("code", ["token_revoked", "account_inactive", "invalid_auth"])
async def test_a_token_that_is_dead_is_not_used_any_more(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn, code: str
):
    slack.script(answer(ok=False, error=code))
    with runtime.hub.subscribe(connected.user_id, connected.session_id) as subscription:
        with pytest.raises(Refused) as raised:
            await search(runtime, connected)
        assert await subscription.wait(5) is not None
    assert raised.value.name == "why.slack_ended"
    found = await address_of(runtime, connected)
    assert found is not None
    assert (found.status, found.reason) == ("suppressed", ENDED)


async def test_what_slack_says_of_an_old_token_says_nothing_of_a_newer_one(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn, clock: SetClock
):
    """Ada connects again in another tab, while this one still waits for an answer."""
    slack.instead["conversations.list"] = Do.STALL
    searching = asyncio.create_task(search(runtime, connected))
    while not slack.asked("conversations.list"):
        await slack.arrived(len(slack.requests) + 1)
    clock.advance(seconds=5)
    await connect(runtime, connected, slack)
    slack.instead["conversations.list"] = answer(ok=False, error="token_revoked")
    slack.release()
    with pytest.raises(Refused):
        await searching
    found = await address_of(runtime, connected)
    assert found is not None
    assert found.status == "verified"


async def test_a_token_that_has_ended_is_renewed_first(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn, clock: SetClock
):
    clock.advance(hours=13)
    slack.valid.clear()
    assert "general" in await names(runtime, connected)
    assert slack.refreshed == ["xoxe-1-1"]


async def test_a_token_that_cannot_be_renewed_is_dead(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn, clock: SetClock
):
    clock.advance(hours=13)
    slack.unused.clear()
    with pytest.raises(Refused) as raised:
        await search(runtime, connected)
    assert raised.value.name == "why.slack_ended"
    found = await address_of(runtime, connected)
    assert found is not None
    assert found.reason == ENDED


async def test_without_the_integration_nothing_is_found(
    runtime: Runtime, environment: Environment, connected: Viewer
):
    [view] = await integrations.every(runtime, environment)
    await integrations.remove(runtime, environment, view.integration.id)
    with pytest.raises(Refused) as raised:
        await search(runtime, connected)
    assert raised.value.name == "why.slack_closed"


# Choosing


@pytest.mark.parametrize(
    ("place", "shown"),
    [("C0GENERAL", "#general"), ("G0TEAM", "#team-日本"), (BEN, "ben"), (ADA, "")],
)
async def test_messages_go_to_what_was_chosen(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn, place: str, shown: str
):
    assert await slack_places.choose(runtime, connected.user_id, place) == shown
    found = await address_of(runtime, connected)
    assert found is not None
    assert (found.text, found.status) == (shown, "verified")
    assert await address_trials.send(runtime, connected.user_id, found.key)
    assert [each.channel for each in slack.posts] == [place]
    assert [e.name for e in (await search(runtime, connected)).places if e.chosen] == [
        shown.removeprefix("#") or "Ada"
    ]
    assert slack.asked("conversations.join") == []


async def test_the_app_joins_a_public_channel_that_is_chosen(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn
):
    before = {each.id: each.joined for each in (await search(runtime, connected)).places}
    assert not before["C0OPS"]
    assert await slack_places.choose(runtime, connected.user_id, "C0OPS") == "#ops-café"
    assert any(each.id == "C0OPS" and BOT in each.members for each in slack.channels)
    after = {each.id: each.joined for each in (await search(runtime, connected)).places}
    assert after["C0OPS"]


async def test_a_channel_that_the_app_may_not_join_is_explained(
    runtime: Runtime, connected: Viewer
):
    assert (await refused(runtime, connected, "C0CLOSED")).name == "why.slack_not_joined"
    found = await address_of(runtime, connected)
    assert found is not None
    assert found.text == ""


@pytest.mark.parametrize("place", ["C0UNKNOWN", "G0BOARD", "G0HERS", "USLACKBOT", BOT, "", "#x"])
async def test_nothing_else_can_be_chosen(runtime: Runtime, connected: Viewer, place: str):
    assert (await refused(runtime, connected, place)).name == "why.slack_place_gone"


async def test_after_a_place_died_another_one_is_used(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn
):
    await slack_places.choose(runtime, connected.user_id, "C0GENERAL")
    slack.script(answer(ok=False, error="is_archived"))
    found = await address_of(runtime, connected)
    assert found is not None
    assert not await address_trials.send(runtime, connected.user_id, found.key)
    dead = await address_of(runtime, connected)
    assert dead is not None
    assert (dead.status, dead.reason) == ("suppressed", "Invalid")
    await slack_places.choose(runtime, connected.user_id, BEN)
    alive = await address_of(runtime, connected)
    assert alive is not None
    assert (alive.status, alive.text) == ("verified", "ben")


async def test_the_same_place_chosen_again_is_used_again(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn
):
    await slack_places.choose(runtime, connected.user_id, "C0GENERAL")
    found = await address_of(runtime, connected)
    assert found is not None
    slack.script(answer(ok=False, error="channel_not_found"))
    assert not await address_trials.send(runtime, connected.user_id, found.key)
    await slack_places.choose(runtime, connected.user_id, "C0GENERAL")
    alive = await address_of(runtime, connected)
    assert alive is not None
    assert alive.status == "verified"


async def test_connected_again_in_the_same_workspace_messages_go_where_they_went(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn
):
    await slack_places.choose(runtime, connected.user_id, "C0GENERAL")
    await connect(runtime, connected, slack)
    found = await address_of(runtime, connected)
    assert found is not None
    assert found.text == "#general"


async def test_what_was_disconnected_meanwhile_cannot_be_moved(
    runtime: Runtime, connected: Viewer, slack: SlackStandIn
):
    slack.instead["conversations.join"] = Do.STALL
    choosing = asyncio.create_task(slack_places.choose(runtime, connected.user_id, "C0OPS"))
    while not slack.asked("conversations.join"):
        await slack.arrived(len(slack.requests) + 1)
    assert await slack_connecting.disconnect(runtime, connected.user_id)
    slack.valid.add("xoxe.xoxb-1")
    slack.revoked.clear()
    slack.instead.clear()
    slack.release()
    with pytest.raises(NotFound):
        await choosing
    assert await address_of(runtime, connected) is None
