"""What a tab hears of Slack, without a browser."""

# pyright: standard

from __future__ import annotations

from inbox_app.domain.environment import Environment
from inbox_app.runtime import Runtime
from inbox_app.ui.states.session import ViewerState
from inbox_app.ui.states.slack import SlackState
from tests.services.slack.process import integrate
from tests.ui.conftest import OpenTab

PAGE = "/preferences/"


async def test_connecting_is_offered_where_it_is_set_up(
    open_tab: OpenTab, runtime: Runtime, environment: Environment
) -> None:
    tab = await open_tab("ada", path=PAGE)
    await tab.run(SlackState.arrive())
    assert not tab.holds(SlackState, "offered")
    await integrate(runtime, environment)
    await tab.run(SlackState.arrive())
    assert tab.holds(SlackState, "offered")


async def test_of_each_attempt_is_told_how_it_ended(open_tab: OpenTab) -> None:
    tab = await open_tab("ada", path=PAGE)
    await tab.run(SlackState.choose("C1", "first"), SlackState.disconnect("second"))
    await tab.until(lambda: len(tab.holds(SlackState, "ended") or []) == 2)
    for each in tab.holds(SlackState, "ended"):
        assert each["trouble"]["why"]["key"] == "why.slack_not_connected"
    assert {each["attempt"] for each in tab.holds(SlackState, "ended")} == {"first", "second"}


async def test_only_the_latest_search_is_shown(open_tab: OpenTab) -> None:
    tab = await open_tab("ada", path=PAGE)
    await tab.run(SlackState.search("g", "first"), SlackState.search("ge", "second"))
    await tab.until(lambda: tab.holds(SlackState, "found")["attempt"] == "second")
    found = tab.holds(SlackState, "found")
    assert found["trouble"]["what"] == "failed.slack_search"
    assert found["trouble"]["code"] == "NOT_FOUND"
    assert found["places"] == []


async def test_nobody_asks_slack_who_is_not_signed_in(open_tab: OpenTab) -> None:
    tab = await open_tab(path=PAGE)
    await tab.run(SlackState.search("g", "first"), SlackState.disconnect("second"))
    assert tab.holds(ViewerState, "ended")
    assert tab.holds(SlackState, "ended") is None
