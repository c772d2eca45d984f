"""What a tab does with settings of the account, without a browser."""

# pyright: standard

from __future__ import annotations

from inbox_app.domain.environment import Environment
from inbox_app.domain.personal import USUAL_KEYS
from inbox_app.runtime import Runtime
from inbox_app.ui.states.account import AccountState
from inbox_app.ui.states.session import ViewerState
from tests.factories import make_user
from tests.ui.conftest import OpenTab


async def test_what_is_no_setting_changes_nothing(
    open_tab: OpenTab, runtime: Runtime, environment: Environment
) -> None:
    await make_user(runtime, environment, "ada")
    tab = await open_tab("ada", path="/account/")
    await tab.run(AccountState.save("key.archive", "q", "1"))
    await tab.run(AccountState.save("nonsense", "", "2"))
    assert tab.holds(AccountState, "saving")["trouble"]["code"] == "INVALID_INPUT"
    assert tab.holds(ViewerState, "viewer")["key_of"]["archive"] == "q"
    await tab.run(AccountState.save("keys", "", "3"))
    assert tab.holds(ViewerState, "viewer")["key_of"] == USUAL_KEYS
