"""What a tab holds after what happens, without a browser."""

# pyright: standard

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from reflex.state import State
from sqlalchemy import update

from inbox_app.domain.act import Act
from inbox_app.domain.delivery_option import Batching, ChannelOptions
from inbox_app.domain.environment import Environment
from inbox_app.domain.feed import Box
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.domain.item_state import Counters
from inbox_app.domain.notification import Action, InAppContent
from inbox_app.domain.notification_type import Channel
from inbox_app.runtime import Runtime
from inbox_app.services import access, inbox
from inbox_app.services.inbox import acts, finding, indexing
from inbox_app.storage import inbox as stored
from inbox_app.storage.item_rows import ITEMS
from inbox_app.ui import bridge
from inbox_app.ui.states import live, window
from inbox_app.ui.states.actions import ActionState
from inbox_app.ui.states.calm import CalmState
from inbox_app.ui.states.detail import DetailState
from inbox_app.ui.states.feed import FeedState
from inbox_app.ui.states.flash import FlashState
from inbox_app.ui.states.live import LiveState, place
from inbox_app.ui.states.session import ViewerState, session_token
from inbox_app.ui.states.sync import fetch, position, show_at
from tests.clock import SetClock
from tests.factories import make_type, make_user, send
from tests.ui.conftest import PATIENCE, OpenTab, Tab


@pytest.fixture
async def note(runtime: Runtime, environment: Environment) -> str:
    return await send(runtime, environment, "ada", title="Order 17 has shipped")


def titles(tab: Tab) -> list[str]:
    """Titles of the rows a tab holds, newest first."""
    rows = (tab.holds(FeedState, "page") or []) + (tab.holds(FeedState, "fresh") or [])
    patch = tab.holds(FeedState, "patch") or {}
    shown = [row for row in rows if not (row | patch.get(row["id"], {}))["archived"]]
    return [row["title"] for row in sorted(shown, key=lambda row: row["at"], reverse=True)]


def message(tab: Tab) -> dict[str, Any]:
    return tab.holds(FlashState, "message") or {}


async def test_arriving_loads_the_list(open_tab: OpenTab, note: str) -> None:
    tab = await open_tab("ada")
    await tab.load()
    assert titles(tab) == ["Order 17 has shipped"]
    assert tab.holds(FeedState, "phase") == "ready"
    assert tab.holds(FeedState, "counts")["unread"] == 1
    assert tab.holds(ViewerState, "viewer")["brand"] == "Acme"


async def test_the_address_names_view_and_item(open_tab: OpenTab, note: str) -> None:
    tab = await open_tab("ada", path=f"/inbox/?view=archived&id={note}")
    await tab.load()
    assert tab.holds(FeedState, "shown")["view"] == "archived"
    assert titles(tab) == []
    assert tab.holds(DetailState, "item")["row"]["title"] == "Order 17 has shipped"


async def test_an_unknown_item_is_gone(open_tab: OpenTab, note: str) -> None:
    tab = await open_tab("ben", path=f"/inbox/?id={note}")
    await tab.load()
    assert tab.holds(DetailState, "phase") == "gone"
    assert "Order 17" not in str(tab.browsers.held(tab.token, DetailState))


async def test_following_shows_what_comes(
    open_tab: OpenTab, runtime: Runtime, environment: Environment, clock: SetClock, note: str
) -> None:
    tab = await open_tab("ada")
    await tab.load()
    for number in range(15):
        clock.advance(seconds=1)
        await send(runtime, environment, "ada", title=f"More {number}")
    await tab.until(lambda: len(titles(tab)) == 16)
    assert titles(tab)[0] == "More 14"
    assert tab.holds(FeedState, "counts")["all"] == 16


async def test_the_inbox_is_followed_once_however_often_that_is_asked_for(
    open_tab: OpenTab, runtime: Runtime, environment: Environment, note: str
) -> None:
    tab = await open_tab("ada")
    await tab.load()
    async with asyncio.timeout(PATIENCE):
        await tab.run(*(LiveState.follow() for _ in range(3)))
    await send(runtime, environment, "ada", title="Second")
    await tab.until(lambda: "Second" in titles(tab))
    assert runtime.hub.readers == 1


async def test_following_outlives_what_cannot_be_read_for_a_while(
    open_tab: OpenTab,
    runtime: Runtime,
    environment: Environment,
    note: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "RETRY", 0.05)
    failed = asyncio.Event()
    monkeypatch.setattr(live.logger, "filters", [lambda _: failed.set()])
    tab = await open_tab("ada")
    await tab.load()
    ada = await make_user(runtime, environment, "ada")
    await _rewrite(runtime, ada.id, actions=[{"no": "action"}])
    await asyncio.wait_for(failed.wait(), PATIENCE)
    await _rewrite(runtime, ada.id, actions=None, title="Readable")
    await tab.until(lambda: "Readable" in titles(tab))


async def _rewrite(rt: Runtime, user_id: int, **values: Any) -> None:
    """Changes all items of a person as no service would, and tells of it."""
    async with rt.database.write() as tx:
        reached = await stored.advance(tx, {user_id: (1, Counters())})
        mine = update(ITEMS).where(ITEMS.c.user_id == user_id)
        await tx.execute(mine.values(change=reached[user_id], **values))
    await rt.hub.publish(reached)


async def test_news_for_a_list_that_was_left_are_not_shown_in_another(
    runtime: Runtime, environment: Environment, note: str
) -> None:
    ada = await make_user(runtime, environment, "ada")
    root = State(_reflex_internal_init=True)  # pyright: ignore[reportCallIssue]
    feed = await root.get_state(FeedState)
    everything, done = InboxFilter(), InboxFilter(Box.ARCHIVED)
    feed.show(everything, await inbox.find(runtime, ada.id, everything))
    at = await position(root)
    await send(runtime, environment, "ada", title="Second")
    update = await fetch(runtime, ada.id, at)
    feed.show(done, replace(await inbox.find(runtime, ada.id, done), change=at.change))
    shown, now = await show_at(root, at, update)
    assert (shown, now.part, now.change) == (False, done, at.change)
    shown, now = await show_at(root, now, await fetch(runtime, ada.id, now))
    assert (shown, now.change, feed.counts.unread) == (True, update.changes.change, 2)


async def test_acting_shows_at_once_and_can_be_undone(open_tab: OpenTab, note: str) -> None:
    tab = await open_tab("ada")
    await tab.load()
    await tab.run(ActionState.act([note], "archive", "", "first"))
    assert titles(tab) == []
    assert message(tab)["phrase"]["key"] == "said.archive"
    assert message(tab)["undo"]
    await tab.run(ActionState.undo(message(tab)["undo"], "second"))
    assert titles(tab) == ["Order 17 has shipped"]
    assert message(tab)["phrase"]["key"] == "said.undone"
    await tab.run(ActionState.undo("first", "third"))
    assert message(tab)["tone"] == "bad"
    assert tab.holds(ActionState, "settled") == ["first", "second", "third"]


async def test_an_act_that_comes_twice_is_done_once(
    open_tab: OpenTab, runtime: Runtime, note: str
) -> None:
    tab = await open_tab("ada")
    await tab.load()
    await tab.run(ActionState.act([note], "archive", "", "first"))
    await tab.run(ActionState.act([note], "restore", "", "second"))
    await tab.run(ActionState.act([note], "archive", "", "first"))
    assert titles(tab) == ["Order 17 has shipped"]


async def test_an_act_that_comes_late_leaves_what_was_decided_since(
    open_tab: OpenTab, runtime: Runtime, clock: SetClock, note: str
) -> None:
    hour = 3_600_000
    tab = await open_tab("ada")
    await tab.load()
    clock.advance(minutes=90)
    # Reflex types four arguments at most.
    act: Any = ActionState.act
    act_on_all: Any = ActionState.act_on_all
    await tab.run(act([note], "archive", "", "now", 0))
    await tab.run(act([note], "restore", "", "since", 0))
    await tab.run(act([note], "archive", "", "late", hour))
    await tab.run(act_on_all({"view": "all"}, "archive", "", "all", hour))
    await tab.until(lambda: tab.holds(ActionState, "settled")[-1:] == ["all"])
    assert titles(tab) == ["Order 17 has shipped"]


async def test_acting_on_all_and_undo(
    open_tab: OpenTab, runtime: Runtime, environment: Environment, note: str
) -> None:
    await send(runtime, environment, "ada", title="Second")
    tab = await open_tab("ada")
    await tab.load()
    await tab.run(ActionState.act_on_all({"view": "unread"}, "read", "", "first"))
    await tab.until(lambda: tab.holds(ActionState, "settled") == ["first"])
    assert message(tab)["phrase"] == {"key": "said.read", "values": {"n": 2, "until": ""}}
    await tab.until(lambda: tab.holds(FeedState, "counts")["unread"] == 0)
    await tab.run(ActionState.undo("first", "second"))
    assert tab.holds(FeedState, "counts")["unread"] == 2


async def test_acts_on_all_follow_each_other_and_are_done_once(
    open_tab: OpenTab, runtime: Runtime, environment: Environment, note: str
) -> None:
    tab = await open_tab("ada")
    await tab.load()
    first = ActionState.act_on_all({"view": "unread"}, "save", "", "first")
    second = ActionState.act_on_all({"view": "saved"}, "archive", "", "second")
    # All at once, as after a lost line; each of them twice.
    await tab.start(first, second, first, second)
    await tab.until(lambda: tab.holds(ActionState, "settled") == ["first", "second"])
    await tab.until(lambda: tab.holds(FeedState, "counts")["archived"] == 1)
    assert tab.holds(FeedState, "counts")["saved"] == 1
    await tab.run(ActionState.act([note], "restore", "", "third"), second)
    assert tab.holds(FeedState, "counts")["all"] == 1


async def test_an_act_on_all_that_failed_goes_on_when_tried_again(
    open_tab: OpenTab, runtime: Runtime, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "PORTION", 2)
    for number in range(5):
        await send(runtime, environment, "ada", title=str(number))
    ada = await make_user(runtime, environment, "ada")
    tab = await open_tab("ada")
    await tab.load()
    # Its first portion is done when the database goes.
    cut = inbox.perform_all(runtime, ada.id, Act.ARCHIVE, InboxFilter(), None, inbox.Asked("first"))
    await anext(cut)
    await cut.aclose()
    await tab.until(lambda: len(titles(tab)) == 3)
    bridge.install(replace(runtime, database=None))
    await tab.run(ActionState.act_on_all({"view": "all"}, "archive", "", "first"))
    await tab.until(lambda: tab.holds(ActionState, "settled") == ["first"])
    assert (message(tab)["tone"], message(tab)["attempt"]) == ("bad", "first")
    bridge.install(runtime)
    await tab.run(ActionState.act_on_all({"view": "all"}, "archive", "", "first~1"))
    await tab.until(lambda: tab.holds(ActionState, "settled") == ["first", "first~1"])
    # Its rows are gone when it is said to be over: the browser shows nothing of its own from then.
    assert titles(tab) == []
    assert (message(tab)["phrase"]["values"]["n"], message(tab)["undo"]) == (5, "first")


async def test_a_search_finds_and_follows(
    open_tab: OpenTab, runtime: Runtime, environment: Environment, note: str
) -> None:
    await send(runtime, environment, "ada", title="Parcel 1")
    tab = await open_tab("ada", path="/inbox/?q=parcel")
    await tab.load()
    assert titles(tab) == ["Parcel 1"]
    await send(runtime, environment, "ada", title="Third")
    await send(runtime, environment, "ada", title="Parcel 2")
    await tab.until(lambda: "Parcel 2" in titles(tab))
    assert "Third" not in titles(tab)


async def test_pages_follow_each_other(
    open_tab: OpenTab, runtime: Runtime, environment: Environment, clock: SetClock
) -> None:
    for number in range(70):
        clock.advance(seconds=1)
        await send(runtime, environment, "ada", title=str(number))
    tab = await open_tab("ada")
    await tab.load()
    assert len(titles(tab)) == inbox.PAGE
    await tab.run(FeedState.load_more(0))
    assert len(titles(tab)) == 2 * inbox.PAGE
    await tab.run(FeedState.load_more(0), FeedState.load_more(0))
    assert titles(tab) == [str(number) for number in range(69, -1, -1)]
    assert tab.holds(FeedState, "more") is False


async def test_a_window_that_is_full_moves_on_until_nothing_is_left(
    open_tab: OpenTab,
    runtime: Runtime,
    environment: Environment,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(window, "LARGEST", inbox.PAGE)
    for number in range(70):
        clock.advance(seconds=1)
        await send(runtime, environment, "ada", title=str(number))
    tab = await open_tab("ada")
    await tab.load()
    assert (tab.holds(FeedState, "more"), tab.holds(FeedState, "beyond")) == (False, True)
    await tab.run(FeedState.show_older)
    assert titles(tab) == [str(number) for number in range(39, 9, -1)]
    assert tab.holds(FeedState, "beyond") is True
    await tab.run(FeedState.show_older)
    assert titles(tab) == [str(number) for number in range(9, -1, -1)]
    assert tab.holds(FeedState, "beyond") is False


async def test_a_search_is_complete_once_its_index_is_made(
    open_tab: OpenTab, runtime: Runtime, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However long it takes: each go at it ends after one portion.
    monkeypatch.setattr(indexing, "PORTION", 2)
    monkeypatch.setattr(finding, "PATIENCE", 0)
    monkeypatch.setattr(inbox.prepare, "__defaults__", (0.0,))
    for number in range(12):
        await send(runtime, environment, "ada", title=f"Parcel {number}")
    tab = await open_tab("ada", path="/inbox/?q=parcel")
    await tab.load()
    assert tab.holds(FeedState, "complete") is False
    await tab.run(FeedState.index)
    await tab.until(lambda: tab.holds(FeedState, "complete"))
    assert len(titles(tab)) == 12


async def test_an_index_that_cannot_be_made_is_no_alarm(
    open_tab: OpenTab, runtime: Runtime, note: str, caplog: pytest.LogCaptureFixture
) -> None:
    tab = await open_tab("ada")
    await tab.load()
    bridge.install(replace(runtime, database=None))
    await tab.run(FeedState.index)
    assert "failed.search" in caplog.text
    assert message(tab)["tone"] == "plain"


async def test_a_group_that_grows_unseen_is_told_of(
    open_tab: OpenTab, runtime: Runtime, environment: Environment, clock: SetClock
) -> None:
    batching = ChannelOptions(batching=Batching("post", timedelta(minutes=10)))
    await make_type(runtime, environment, options={Channel.INAPP_WEB: batching})
    await send(runtime, environment, "ada", title="First", parameters={"post": "1"})
    tab = await open_tab("ada")
    await tab.load()
    change, counts = tab.holds(FeedState, "change"), tab.holds(FeedState, "counts")
    clock.advance(seconds=1)
    await send(runtime, environment, "ada", title="Second", parameters={"post": "1"})
    await tab.until(lambda: tab.holds(FeedState, "change") > change)
    # Nothing that the bell counts has moved.
    assert tab.holds(FeedState, "counts") == counts


async def test_after_a_restart_as_many_rows_come_back(
    open_tab: OpenTab, runtime: Runtime, environment: Environment, clock: SetClock
) -> None:
    for number in range(70):
        clock.advance(seconds=1)
        await send(runtime, environment, "ada", title=str(number))
    tab = await open_tab("ada")
    await tab.load()
    await tab.run(FeedState.load_more(61))
    assert len(titles(tab)) == 61


@pytest.mark.parametrize("act", ["archive", "restore", "read", "unread"])
async def test_nobody_acts_on_what_is_not_theirs(
    open_tab: OpenTab, runtime: Runtime, note: str, act: str
) -> None:
    tab = await open_tab("ben")
    await tab.load()
    await tab.run(ActionState.act([note], act, "", "first"))
    assert message(tab)["tone"] == "bad"
    assert message(tab)["attempt"] == "first"


async def test_an_act_that_does_not_exist_is_refused(open_tab: OpenTab, note: str) -> None:
    tab = await open_tab("ada")
    await tab.load()
    await tab.run(ActionState.act([note], "explode", "", "first"))
    assert message(tab)["tone"] == "bad"


async def test_a_reply_tells_how_it_went(open_tab: OpenTab, note: str) -> None:
    tab = await open_tab("ada", path=f"/inbox/?id={note}")
    await tab.load()
    await tab.run(DetailState.reply(note, "Thanks", [], "one"))
    outcome = tab.holds(DetailState, "outcome")
    assert (outcome["attempt"], outcome["trouble"]["what"]) == ("one", "")
    assert tab.holds(DetailState, "item")["thread"][0]["message"] == "Thanks"
    await tab.run(DetailState.reply(note, "  ", [], "two"))
    assert tab.holds(DetailState, "outcome")["attempt"] == "two"
    trouble = tab.holds(DetailState, "outcome")["trouble"]
    assert (trouble["what"], trouble["code"]) == ("failed.reply", "INVALID_INPUT")
    assert "empty" in trouble["message"]


async def test_an_error_has_a_reference_and_keeps_the_rows(
    open_tab: OpenTab, runtime: Runtime, note: str, caplog: pytest.LogCaptureFixture
) -> None:
    tab = await open_tab("ada")
    await tab.load()
    bridge.install(replace(runtime, database=None))
    await tab.run(FeedState.show_newest)
    trouble = tab.holds(FeedState, "trouble")
    assert trouble["what"] == "failed.load"
    assert trouble["reference"] in caplog.text
    assert titles(tab) == ["Order 17 has shipped"]


async def test_the_end_of_a_session_empties_its_tabs(
    open_tab: OpenTab, runtime: Runtime, note: str
) -> None:
    tab = await open_tab("ada", path=f"/inbox/?id={note}")
    await tab.load()
    await access.sign_out(runtime, session_token(tab.cookie))
    await tab.until(lambda: tab.holds(ViewerState, "ended"))
    assert "Order 17" not in str(tab.browsers._held[tab.token])


async def test_a_state_the_server_forgot_is_made_anew(
    open_tab: OpenTab, runtime: Runtime, environment: Environment, note: str
) -> None:
    tab = await open_tab("ada")
    await tab.load()
    tab.manager.states.clear()
    await send(runtime, environment, "ada", title="Second")
    await tab.until(lambda: "Second" in titles(tab))
    assert sorted(titles(tab)) == ["Order 17 has shipped", "Second"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, (InboxFilter(), "")),
        ({"view": "unread", "id": "x"}, (InboxFilter(Box.UNREAD), "x")),
        ({"view": "<script>"}, (InboxFilter(), "")),
        ({"id": "x" * 500}, (InboxFilter(), "x" * 200)),
        (
            {"category": "Orders", "type": "shipped", "q": " late "},
            (InboxFilter(Box.ALL, "Orders", "shipped", "late"), ""),
        ),
        ({"q": "x" * 501}, (InboxFilter(), "")),
    ],
)
def test_reading_the_address(query: dict[str, str], expected: tuple[InboxFilter, str]) -> None:
    assert place(query) == expected


@pytest.mark.parametrize(
    ("cookies", "token"),
    [
        ("inbox_session=abc", "abc"),
        ("a=b; inbox_session=abc; c=d", "abc"),
        ("", ""),
        ("inbox_session", ""),
        ("x" * 10_000, ""),
    ],
)
def test_reading_the_cookie(cookies: str, token: str) -> None:
    assert session_token(cookies) == token


async def test_an_empty_inbox_can_send_itself_a_test(open_tab: OpenTab, note: str) -> None:
    tab = await open_tab("ben")
    await tab.load()
    await tab.run(CalmState.send_test("en"))
    assert titles(tab) == ["This is a test"]
    await tab.run(CalmState.send_test("en"))
    assert message(tab)["trouble"]["code"] == "UNAVAILABLE"


async def test_what_was_cleared_is_counted(open_tab: OpenTab, clock: SetClock, note: str) -> None:
    tab = await open_tab("ada")
    await tab.load()
    await tab.run(ActionState.act([note], "archive", "", "first"))
    await tab.run(CalmState.look(clock.now().isoformat()))
    assert tab.holds(CalmState, "view")["cleared"] == 1
    await tab.run(CalmState.look("this morning"))
    # Nobody asked, so nobody is told.
    assert message(tab)["tone"] == "plain"
    assert tab.holds(CalmState, "view")["cleared"] == 1


async def test_an_answer_that_comes_again_is_recorded_once(
    open_tab: OpenTab, runtime: Runtime, environment: Environment
) -> None:
    buttons = InAppContent("Approve?", actions=(Action("Yes"), Action("No")))
    asked = await send(runtime, environment, "ada", in_app=buttons)
    tab = await open_tab("ada")
    await tab.load()
    await tab.run(ActionState.choose(asked, 2, "first"))
    assert tab.holds(FeedState, "patch")[asked]["done"] == [False, True]
    await tab.run(ActionState.act([asked], "unread", "", "second"))
    await tab.run(ActionState.choose(asked, 2, "first"), ActionState.choose(asked, 3, "third"))
    assert tab.holds(FeedState, "patch")[asked]["unread"] is True
    assert tab.holds(ActionState, "settled") == ["first", "second", "first", "third"]
    assert message(tab)["attempt"] == "third"
