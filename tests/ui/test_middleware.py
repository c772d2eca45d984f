"""Every event is bound to the session cookie of the socket it came over."""

# pyright: standard

from __future__ import annotations

import logging

import pytest
import reflex as rx
from reflex_base.event import Event
from reflex_base.utils.format import format_event_handler

from inbox_app.domain.environment import Environment
from inbox_app.runtime import Runtime
from inbox_app.services import access
from inbox_app.ui.middleware import PUBLIC, QuietUnknownEvents
from inbox_app.ui.states.actions import ActionState
from inbox_app.ui.states.calm import CalmState
from inbox_app.ui.states.detail import DetailState
from inbox_app.ui.states.feed import FeedState
from inbox_app.ui.states.flash import FlashState
from inbox_app.ui.states.live import LiveState
from inbox_app.ui.states.session import ViewerState, session_token
from tests.factories import send
from tests.ui.conftest import OpenTab

OURS = (ViewerState, FeedState, DetailState, FlashState, ActionState, LiveState, CalmState)


def handlers(state: type[rx.State]) -> set[str]:
    """Full names of a state's own event handlers."""
    return {
        format_event_handler(handler)
        for name, handler in state.event_handlers.items()
        if name != "setvar"
    }


def test_none_of_our_handlers_is_public_but_the_farewell() -> None:
    ours = set[str]().union(*map(handlers, OURS))
    assert ours & PUBLIC == {format_event_handler(ViewerState.event_handlers["leave"])}


async def test_without_a_session_no_handler_runs(
    open_tab: OpenTab, runtime: Runtime, environment: Environment
) -> None:
    note = await send(runtime, environment, "ada")
    tab = await open_tab()
    await tab.load()
    await tab.run(ActionState.act([note], "archive", "", "first"), FeedState.load_more(0))
    assert tab.holds(ViewerState, "ended") is True
    assert not tab.holds(FeedState, "page")
    assert not (tab.holds(FlashState, "message") or {}).get("text")


async def test_a_stolen_tab_id_shows_nothing(
    open_tab: OpenTab, runtime: Runtime, environment: Environment
) -> None:
    note = await send(runtime, environment, "ada", title="Private")
    mine = await open_tab("ada", path=f"/inbox/?id={note}")
    await mine.load()
    thief = await open_tab("ben", token=mine.token)
    await thief.load()
    assert thief.holds(FeedState, "page") == []
    assert "Private" not in str(thief.browsers._held[thief.token])


async def test_a_session_that_ended_ends_here_too(
    open_tab: OpenTab, runtime: Runtime, environment: Environment
) -> None:
    await send(runtime, environment, "ada", title="Private")
    tab = await open_tab("ada")
    await tab.load()
    await access.sign_out(runtime, session_token(tab.cookie))
    await tab.run(FeedState.show_newest)
    assert tab.holds(ViewerState, "ended") is True
    assert "Private" not in str(tab.browsers._held[tab.token])


async def test_unknown_events_leave_one_short_line(
    open_tab: OpenTab, caplog: pytest.LogCaptureFixture
) -> None:
    log = logging.getLogger("reflex_base.event.processor.event_processor")
    quiet = QuietUnknownEvents()
    log.addFilter(quiet)
    try:
        tab = await open_tab("ada")
        for _ in range(3):
            await tab.processor.enqueue(tab.token, Event(name="no.such_event", payload={"x": "y"}))
        await tab.load()
    finally:
        log.removeFilter(quiet)
    lines = [each for each in caplog.records if each.name == log.name]
    assert [each.getMessage() for each in lines] == ["An unknown event was refused."]
    assert lines[0].exc_info is None
