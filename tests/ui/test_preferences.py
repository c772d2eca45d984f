"""What a tab holds of somebody's settings, without a browser."""

# pyright: standard

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, replace
from typing import Any

import pytest
from reflex.state import State
from sqlalchemy import event, text

from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification import InAppContent
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.preference import Preferences
from inbox_app.domain.user import User
from inbox_app.runtime import Runtime
from inbox_app.services import preference_centre
from inbox_app.ui.states import preferences
from inbox_app.ui.states.effect import EffectState
from inbox_app.ui.states.flash import FlashState
from inbox_app.ui.states.preferences import CentreState, ComingState
from tests.factories import make_type, make_user, send
from tests.pipeline.test_delivering import ONLY_MAIL
from tests.ui.conftest import PATIENCE, OpenTab, Tab

BOTH = (Channel.INAPP_WEB, Channel.EMAIL)
OFFERED = ChannelOptions(offered=frozenset(DeliveryOption))
PARTS = ("summary", "when", "columns")


@pytest.fixture
async def ada(runtime: Runtime, environment: Environment) -> User:
    """Somebody with more types than a patch takes in."""
    for number in range(40):
        await make_type(
            *(runtime, environment),
            name=f"type-{number}",
            title=f"Type {number}",
            category=f"Category {number % 3}",
            channels=BOTH,
            options=dict.fromkeys(BOTH, OFFERED),
        )
    return await make_user(runtime, environment, "ada", email="ada@acme.example")


@pytest.fixture
async def tab(open_tab: OpenTab, ada: User) -> Tab:
    """A tab that follows its settings."""
    opened = await open_tab("ada", path="/preferences/")
    await opened.start(State.hydrate_and_load())
    await opened.until(lambda: opened.holds(CentreState, "phase") == "ready")
    return opened


def categories(tab: Tab) -> list[dict[str, Any]]:
    """As the page puts them together."""
    patch = {each["name"]: each for each in tab.holds(CentreState, "patch") or []}
    found = []
    for each in tab.holds(CentreState, "categories"):
        change = patch.get(each["name"], each)
        types = {kind["name"]: kind for kind in change["types"]}
        found.append(change | {"types": [types.get(k["name"], k) for k in each["types"]]})
    return found


async def fresh(rt: Runtime, user: User) -> dict[str, Any]:
    """Everything as somebody gets it who opens the page now."""
    return json.loads(json.dumps(asdict(await preference_centre.centre(rt, user.id))))


CHANGES = [
    ("cell/type-7//EMAIL", "weekly"),
    ("cell/type-8//EMAIL", "off"),
    ("category/Category 1/EMAIL", "daily"),
    ("channel/EMAIL", "off"),
    ("cell/type-9//INAPP_WEB", "off"),
    ("channel/EMAIL", "on"),
    ("quiet/01234", "20:00-07:30"),
    ("zone", "Asia/Tokyo"),
    ("reset/type-7", ""),
    ("reset-all", ""),
]


async def test_after_each_change_the_tab_holds_what_a_new_one_would_read(
    runtime: Runtime, tab: Tab, ada: User
) -> None:
    for number, (field, value) in enumerate(CHANGES):
        await tab.run(CentreState.change(field, value, f"try-{number}"))
        (*_, outcome) = tab.holds(CentreState, "outcomes")
        assert (outcome["attempt"], outcome["trouble"]["what"]) == (f"try-{number}", "")
        view = await fresh(runtime, ada)
        assert categories(tab) == view["categories"]
        assert [tab.holds(CentreState, part) for part in PARTS] == [view[part] for part in PARTS]


async def test_what_another_tab_changed_is_shown_beside_ones_own(
    runtime: Runtime, tab: Tab, ada: User
) -> None:
    await preference_centre.choose(runtime, ada.id, "type-1", Channel.EMAIL, DeliveryOption.MONTHLY)
    await tab.run(CentreState.change("cell/type-2//EMAIL", "weekly", "mine"))
    view = await fresh(runtime, ada)
    await tab.until(lambda: categories(tab) == view["categories"])


async def test_an_undo_that_comes_once_more_is_not_done_twice(tab: Tab) -> None:
    cell = "cell/type-2//EMAIL"
    await tab.run(CentreState.change(cell, "weekly", "first"))
    undo = tab.holds(CentreState, "outcomes")[0]["undo"]
    for _ in range(2):
        await tab.run(CentreState.change("undo", undo, "back"))
    ended = [
        (each["attempt"], each["trouble"]["what"]) for each in tab.holds(CentreState, "outcomes")
    ]
    assert ended == [("first", ""), ("back", "")]


async def test_the_effect_is_told_once_it_is_known(runtime: Runtime, tab: Tab) -> None:
    await tab.until(lambda: tab.holds(EffectState, "phase") == "ready")
    async with out_of_reach(runtime, "notifications"):
        await tab.run(EffectState.look_back(30))
        await tab.until(lambda: (tab.holds(FlashState, "message") or {}).get("tone") == "bad")
    assert tab.holds(FlashState, "message")["trouble"]["what"] == "failed.effect"
    assert tab.holds(EffectState, "phase") == "new"
    await tab.run(EffectState.look_back(30))
    await tab.until(lambda: tab.holds(EffectState, "phase") == "ready")
    assert round(tab.holds(EffectState, "found")["days"]) == 30


def test_nothing_is_said_of_the_effect_before_it_was_measured() -> None:
    state, usual = EffectState(), Preferences()
    assert state.begin(usual)
    assert state.phase == "new"
    state.give_up(usual, state.days)
    assert state.begin(usual)
    state.end(usual, state.days, state.found)
    assert state.phase == "ready"
    assert state.begin(replace(usual, zone="Asia/Tokyo"))
    assert state.phase == "busy"


async def test_what_was_taken_out_can_be_put_back_once_more_after_a_failure(
    runtime: Runtime, environment: Environment, tab: Tab
) -> None:
    await tab.run(CentreState.change("cell/type-2//EMAIL", "weekly", "mine"))
    # Open pages hear at once of what stands in the inbox, too.
    both = {"in_app": InAppContent("Hello"), "channels_with_content": BOTH}
    await send(runtime, environment, **ONLY_MAIL | both | {"type_name": "type-2"})
    await tab.until(lambda: tab.holds(ComingState, "digests"))
    (digest,) = tab.holds(ComingState, "digests")
    await tab.run(ComingState.take_out(digest["id"], []))
    assert tab.holds(ComingState, "taken") == 1
    async with out_of_reach(runtime, "deliveries"):
        await tab.run(ComingState.put_back())
        assert tab.holds(FlashState, "message")["trouble"]["what"] == "failed.put_back"
    assert tab.holds(ComingState, "taken") == 1
    await tab.run(ComingState.put_back())
    assert tab.holds(ComingState, "taken") == 0
    await tab.until(lambda: [each["count"] for each in tab.holds(ComingState, "digests")] == [1])


@asynccontextmanager
async def out_of_reach(rt: Runtime, table: str) -> AsyncIterator[None]:
    """A table that nobody can read meanwhile."""
    async with rt.database.write() as tx:
        await tx.execute(text(f"ALTER TABLE {table} RENAME TO elsewhere"))
    yield
    async with rt.database.write() as tx:
        await tx.execute(text(f"ALTER TABLE elsewhere RENAME TO {table}"))


@contextmanager
def reads_of(rt: Runtime, table: str) -> Iterator[list[str]]:
    """The queries of a table that are asked meanwhile."""
    asked: list[str] = []

    def remember(*told: Any) -> None:
        statement = told[2]
        if statement.startswith("SELECT") and f"FROM {table}" in statement:
            asked.append(statement)

    engines = [each.sync_engine for each in rt.database.engines]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", remember)
    yield asked
    for engine in engines:
        event.remove(engine, "before_cursor_execute", remember)


async def test_a_change_of_ones_own_is_not_read_once_more(
    runtime: Runtime, environment: Environment, tab: Tab
) -> None:
    with reads_of(runtime, "address_codes") as asked:
        await tab.run(CentreState.change("cell/type-2//EMAIL", "weekly", "mine"))
        await tab.until(lambda: len(tab.holds(ComingState, "history") or []) == 1)
    # Codes on their way to addresses are read with the whole of the centre only.
    assert asked == []
    with reads_of(runtime, "address_codes") as asked:
        await send(runtime, environment, "ada")
        await tab.until(lambda: asked)


async def test_what_comes_in_quick_succession_is_read_together(
    runtime: Runtime, environment: Environment, tab: Tab
) -> None:
    turns = asyncio.get_running_loop().time
    begun = list[float]()
    for _ in range(2):
        with reads_of(runtime, "address_codes") as asked:
            await send(runtime, environment, "ada")
            await tab.until(lambda asked=asked: asked)
        begun.append(turns())
    assert begun[1] - begun[0] >= preferences.REST


async def test_settings_are_followed_once_however_often_that_is_asked_for(
    runtime: Runtime, environment: Environment, tab: Tab, ada: User
) -> None:
    async with asyncio.timeout(PATIENCE):
        await tab.run(*(CentreState.follow() for _ in range(3)))
    await preference_centre.choose(runtime, ada.id, "type-1", Channel.EMAIL, DeliveryOption.OFF)
    view = await fresh(runtime, ada)
    await tab.until(lambda: categories(tab) == view["categories"])
