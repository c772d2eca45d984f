"""The addresses of one tab: codes on their way, and how attempts ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import reflex as rx

from inbox_app.domain.address_code import AddressKind
from inbox_app.services import address_trials, addresses, browser_push
from inbox_app.ui import bridge
from inbox_app.ui.states.edge import by_flash, guarded
from inbox_app.ui.states.flash import NONE, FlashState, Trouble
from inbox_app.ui.states.session import ViewerState, viewer_of

KEPT: Final = 20
"""Attempts of which it is known how they ended."""


@dataclass(frozen=True)
class Sent:
    """How an attempt with an address ended.

    Attributes:
        attempt: The browser's name for it.
        trouble: What went wrong, if anything.
        arrived: Of a test: a provider took it, or the sandbox.
    """

    attempt: str = ""
    trouble: Trouble = NONE
    arrived: bool = True


class AddressState(rx.State):
    """Addresses can be changed by whoever is signed in, not by who only holds a link."""

    # The latest; of each the page hears even when several end at once.
    sent: list[Sent] = []

    @rx.event(background=True)
    async def ask(self, kind: str, typed: str, attempt: str) -> None:
        """Sends a code to an address; calls a provider, so no lock is held meanwhile."""
        tell = self._teller(attempt)
        async with guarded("code", tell):
            async with self:
                viewer = await viewer_of(self)
                language = (await self.get_state(ViewerState)).viewer.language
            which = AddressKind(kind)
            await addresses.ask(
                bridge.runtime(), viewer.user_id, which, typed, language=language or "en"
            )
            await tell(NONE)

    @rx.event(background=True)
    async def test(self, key: str, attempt: str) -> None:
        """Sends a test to an address; calls a provider, so no lock is held meanwhile."""
        tell = self._teller(attempt)
        async with guarded("test", tell):
            async with self:
                viewer = await viewer_of(self)
                language = (await self.get_state(ViewerState)).viewer.language
            arrived = await address_trials.send(
                bridge.runtime(), viewer.user_id, key, language=language or "en"
            )
            async with self:
                self._record(Sent(attempt, arrived=arrived))

    @rx.event
    async def confirm(self, kind: str, typed: str, attempt: str) -> None:
        """Takes the code that came."""

        def tell(trouble: Trouble) -> None:
            self._record(Sent(attempt, trouble))

        async with guarded("confirm", tell):
            viewer = await viewer_of(self)
            await addresses.confirm(bridge.runtime(), viewer.user_id, AddressKind(kind), typed)
            tell(NONE)
            (await self.get_state(FlashState)).say("where.confirmed")

    @rx.event
    async def cancel(self, kind: str) -> None:
        """Forgets the address that waits for its code."""
        async with guarded("save", by_flash(self)):
            viewer = await viewer_of(self)
            await addresses.cancel(bridge.runtime(), viewer.user_id, AddressKind(kind))

    @rx.event
    async def remove(self, kind: str) -> None:
        """Takes an address out of use."""
        async with guarded("save", by_flash(self)):
            viewer = await viewer_of(self)
            await addresses.remove(bridge.runtime(), viewer.user_id, AddressKind(kind))
            (await self.get_state(FlashState)).say("where.removed")

    @rx.event
    async def revoke(self, key: str) -> None:
        """Reaches one of the person's browsers or phones no more."""
        async with guarded("save", by_flash(self)):
            viewer = await viewer_of(self)
            await browser_push.revoke(bridge.runtime(), viewer.user_id, key)
            (await self.get_state(FlashState)).say("where.revoked")

    def _teller(self, attempt: str) -> Callable[[Trouble], Awaitable[None]]:
        """Tells how an attempt ended. Takes the lock."""

        async def tell(trouble: Trouble) -> None:
            async with self:
                self._record(Sent(attempt, trouble))

        return tell

    def _record(self, ended: Sent) -> None:
        self.sent = [*self.sent, ended][-KEPT:]
