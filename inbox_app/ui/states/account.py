"""The account page of one tab."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass

import reflex as rx

from inbox_app.domain.errors import InvalidInput
from inbox_app.services import account
from inbox_app.services.access import Viewer
from inbox_app.services.views import SessionView
from inbox_app.ui import bridge
from inbox_app.ui.states.edge import by_flash, guarded
from inbox_app.ui.states.flash import NONE, FlashState, Trouble
from inbox_app.ui.states.session import ViewerState, viewer_of


@dataclass(frozen=True)
class Saving:
    """How the latest attempt to save a field ended.

    Attributes:
        attempt: The browser's name for it.
        field: Which.
        trouble: Why it was not saved, if so.
    """

    attempt: str = ""
    field: str = ""
    trouble: Trouble = NONE


class AccountState(rx.State):
    """The person's sessions, and how saving went.

    ``phase`` is "new", "ready" or "failed".
    """

    sessions: list[SessionView] = []
    saving: Saving = Saving()
    phase: str = "new"
    trouble: Trouble = Trouble()

    @rx.event
    async def arrive(self) -> None:
        """Loads where the person is signed in."""
        await self._load()

    @rx.event
    async def save(self, field: str, value: str, attempt: str) -> None:
        """Saves a field; the browser shows it as saved or turns it back.

        Args:
            field: "name", "zone", "language", "shortcuts", "keys", or "key." and what it does.
            value: What it is to hold.
            attempt: The browser's name for this attempt.
        """

        def tell(trouble: Trouble) -> None:
            self.saving = Saving(attempt, field, trouble)

        async with guarded("save", tell):
            viewer = await viewer_of(self)
            await _save(viewer, field, value)
            await self._show_viewer()
            self.saving = Saving(attempt, field)

    @rx.event
    async def switch(self, on: bool) -> None:
        """Switches single keys on or off, from the help that every page has."""
        async with guarded("save", by_flash(self)):
            viewer = await viewer_of(self)
            await account.set_shortcuts(bridge.runtime(), viewer.user_id, on=on)
            await self._show_viewer()

    @rx.event
    async def sign_out(self, session_id: str) -> None:
        """Signs out another browser."""
        async with guarded("sign_out", by_flash(self)):
            viewer = await viewer_of(self)
            await account.end_session(bridge.runtime(), viewer, session_id)
            (await self.get_state(FlashState)).say("account.signed_out_one")
        await self._load()

    @rx.event
    async def sign_out_others(self) -> None:
        """Signs out every other browser."""
        async with guarded("sign_out", by_flash(self)):
            viewer = await viewer_of(self)
            ended = await account.end_other_sessions(bridge.runtime(), viewer)
            (await self.get_state(FlashState)).say("account.signed_out_others", n=ended)
        await self._load()

    @rx.event
    async def delete(self, typed: str, attempt: str) -> None:
        """Deletes the account; every tab leaves through the live hub."""

        def tell(trouble: Trouble) -> None:
            self.saving = Saving(attempt, "delete", trouble)

        async with guarded("delete", tell):
            await account.delete(bridge.runtime(), await viewer_of(self), typed)

    async def _load(self) -> None:
        async with guarded("other", self._fail):
            self.sessions = await account.signed_in(bridge.runtime(), await viewer_of(self))
            self.phase, self.trouble = "ready", Trouble()

    def _fail(self, trouble: Trouble) -> None:
        self.phase, self.trouble = "failed", trouble

    async def _show_viewer(self) -> None:
        (await self.get_state(ViewerState)).know(await viewer_of(self))


def _save(viewer: Viewer, field: str, value: str) -> Awaitable[None]:
    rt, user_id = bridge.runtime(), viewer.user_id
    match field.partition("."):
        case ("name", _, _):
            return account.rename(rt, user_id, value)
        case ("zone", _, _):
            return account.set_zone(rt, user_id, value)
        case ("language", _, _):
            return account.set_language(rt, user_id, value)
        case ("shortcuts", _, _):
            return account.set_shortcuts(rt, user_id, on=value == "on")
        case ("key", _, act):
            return account.set_key(rt, user_id, act, value)
        case ("keys", _, _):
            return account.reset_keys(rt, user_id)
        case _:
            raise InvalidInput("There is no such setting.", fix="Load the page again.")
