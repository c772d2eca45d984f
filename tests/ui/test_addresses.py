"""What a tab hears of attempts with addresses, without a browser."""

# pyright: standard

from __future__ import annotations

from inbox_app.domain.environment import Environment
from inbox_app.runtime import Runtime
from inbox_app.ui.states.addresses import AddressState
from tests.factories import make_user
from tests.ui.conftest import OpenTab


async def test_of_each_attempt_is_told_how_it_ended(
    open_tab: OpenTab, runtime: Runtime, environment: Environment
) -> None:
    await make_user(runtime, environment, "ada")
    tab = await open_tab("ada", path="/preferences/")
    await tab.run(
        AddressState.ask("email", "nonsense", "first"),
        AddressState.confirm("number", "000000", "second"),
        AddressState.ask("email", "new@acme.example", "third"),
    )
    await tab.until(lambda: len(tab.holds(AddressState, "sent")) == 3)
    ended = {each["attempt"]: each["trouble"] for each in tab.holds(AddressState, "sent")}
    codes = {attempt: trouble["code"] for attempt, trouble in ended.items()}
    assert codes == {"first": "INVALID_INPUT", "second": "NOT_FOUND", "third": ""}
    assert ended["first"]["why"] == {"key": "why.no_email", "values": {}}
