"""Whoever holds a link to preferences may do what that page does, and nothing else."""

# pyright: standard

from __future__ import annotations

import pytest

from inbox_app.domain.environment import Environment
from inbox_app.domain.feed import Box
from inbox_app.runtime import Runtime
from inbox_app.services import inbox, preference_centre, preference_links
from inbox_app.ui.middleware import BY_LINK
from inbox_app.ui.states.account import AccountState
from inbox_app.ui.states.actions import ActionState
from inbox_app.ui.states.addresses import AddressState
from inbox_app.ui.states.calm import CalmState
from inbox_app.ui.states.detail import DetailState
from inbox_app.ui.states.feed import FeedState
from inbox_app.ui.states.flash import FlashState
from inbox_app.ui.states.live import LiveState
from inbox_app.ui.states.preferences import CentreState
from inbox_app.ui.states.session import ViewerState
from inbox_app.ui.states.slack import SlackState
from tests.factories import make_user, send
from tests.ui.conftest import OpenTab, Tab
from tests.ui.test_middleware import handlers

PAGE = "/preferences/by-link/"
NOT_THEIRS = (
    *(ViewerState, FeedState, DetailState, ActionState, LiveState, CalmState),
    *(AccountState, AddressState, SlackState),
)


async def visiting(open_tab: OpenTab, rt: Runtime, place: Environment, path: str = PAGE) -> Tab:
    """A tab that holds ada's link and no session."""
    tab = await open_tab(path=path)
    key = (await preference_links.make(rt, place, "ada")).url.partition("key=")[2]
    tab.cookie = f"{preference_links.COOKIE}={key}"
    return tab


def test_no_handler_of_other_states_is_open_to_visitors() -> None:
    ours = set[str]().union(*map(handlers, NOT_THEIRS))
    assert not ours & BY_LINK


async def test_a_visitor_changes_their_own_settings(
    open_tab: OpenTab, runtime: Runtime, environment: Environment
) -> None:
    ada = await make_user(runtime, environment, "ada")
    tab = await visiting(open_tab, runtime, environment)
    await tab.run(CentreState.change("zone", "Asia/Tokyo", "1"))
    assert (await preference_centre.centre(runtime, ada.id)).when.zone == "Asia/Tokyo"
    assert tab.holds(CentreState, "outcomes")[0]["undo"]


async def test_an_error_that_nobody_foresaw_leaves_a_visitor_where_they_are(
    open_tab: OpenTab, runtime: Runtime, environment: Environment
) -> None:
    await make_user(runtime, environment, "ada")
    tab = await visiting(open_tab, runtime, environment)
    await tab.run(CentreState.retry())
    await tab.run(FlashState.alarm("4711"))
    assert tab.holds(FlashState, "message")["trouble"]["reference"] == "4711"
    assert not tab.holds(ViewerState, "ended")


@pytest.mark.parametrize("path", [PAGE, "/inbox/", "/preferences/", "/preferences/by-link/x"])
async def test_a_visitor_calls_nothing_of_the_inbox(
    open_tab: OpenTab, runtime: Runtime, environment: Environment, path: str
) -> None:
    note = await send(runtime, environment, "ada", title="Private")
    tab = await visiting(open_tab, runtime, environment, path)
    await tab.run(
        ActionState.act([note], "archive", "", "1"),
        FeedState.load_more(0),
        LiveState.arrive(),
        AccountState.arrive(),
        AddressState.remove("email"),
    )
    assert "Private" not in str(tab.browsers._held.get(tab.token))
    ada = await make_user(runtime, environment, "ada")
    assert [row.id for row in (await inbox.page(runtime, ada.id, Box.ALL)).rows] == [note]


@pytest.mark.parametrize("path", ["/inbox/", "/preferences/"])
async def test_the_key_counts_on_its_page_alone(
    open_tab: OpenTab, runtime: Runtime, environment: Environment, path: str
) -> None:
    await make_user(runtime, environment, "ada")
    tab = await visiting(open_tab, runtime, environment, path)
    await tab.run(CentreState.change("zone", "Asia/Tokyo", "1"))
    assert tab.holds(ViewerState, "ended") is True
    assert not tab.holds(CentreState, "outcomes")


async def test_what_a_visitor_saw_is_gone_with_the_link(
    open_tab: OpenTab, runtime: Runtime, environment: Environment
) -> None:
    await make_user(runtime, environment, "ada", email="ada@acme.example")
    tab = await visiting(open_tab, runtime, environment)
    await tab.run(CentreState.retry())
    assert "ada@acme.example" in str(tab.holds(CentreState, "where"))
    await preference_links.revoke(runtime, environment, "ada")
    await tab.run(CentreState.retry())
    await tab.until(lambda: tab.holds(ViewerState, "ended"))
    await tab.until(lambda: "ada@acme.example" not in str(tab.browsers._held[tab.token]))
