"""The person's Slack in one tab: places that were looked for, and how attempts ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import reflex as rx

from inbox_app.services import slack_connecting, slack_places
from inbox_app.services.centre_views import SlackPlacesView, SlackPlaceView
from inbox_app.ui import bridge
from inbox_app.ui.states.addresses import KEPT, Sent
from inbox_app.ui.states.edge import guarded, quietly
from inbox_app.ui.states.flash import NONE, FlashState, Trouble
from inbox_app.ui.states.session import find_viewer, viewer_of


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Attributes:
        attempt: The browser's name for it.
        more: There are more that fit than these.
        whole: The workspace has no more than what was searched.
        trouble: What went wrong, if anything.
    """

    attempt: str = ""
    places: list[SlackPlaceView] = field(default_factory=list[SlackPlaceView])
    more: bool = False
    whole: bool = True
    trouble: Trouble = NONE


class SlackState(rx.State):
    """Slack is connected and changed by whoever is signed in, not by who only holds a link.

    Whatever asks Slack runs in the background, without the tab's lock.
    """

    offered: bool = False
    found: Found = Found()
    # The latest; of each the page hears even when several end at once.
    ended: list[Sent] = []
    # What was looked for last: what an earlier search finds later is not shown.
    _latest: str = ""

    @rx.event
    async def arrive(self) -> None:
        """Finds out whether Slack can be connected here."""
        async with guarded("load_settings", quietly):
            viewer = await find_viewer(self)
            if viewer is not None:
                rt = bridge.runtime()
                self.offered = await slack_connecting.is_offered(rt, viewer.environment_id)

    @rx.event(background=True)
    async def search(self, typed: str, attempt: str) -> None:
        """Looks for channels and people."""

        async def tell(trouble: Trouble) -> None:
            await self._show(Found(attempt, trouble=trouble))

        async with guarded("slack_search", tell):
            async with self:
                self._latest = attempt
                viewer = await viewer_of(self)
            view = await slack_places.search(bridge.runtime(), viewer.user_id, typed)
            await self._show(_found(attempt, view))

    @rx.event(background=True)
    async def choose(self, place: str, attempt: str) -> None:
        """Has messages go to a place."""
        tell = self._teller(attempt)
        async with guarded("slack_choose", tell):
            async with self:
                viewer = await viewer_of(self)
            name = await slack_places.choose(bridge.runtime(), viewer.user_id, place)
            await tell(NONE)
            async with self:
                flash = await self.get_state(FlashState)
                if name:
                    flash.say("workspace.chosen", place=name)
                else:
                    flash.say("workspace.chosen_own")

    @rx.event(background=True)
    async def disconnect(self, attempt: str) -> None:
        """Ends the connection."""
        tell = self._teller(attempt)
        async with guarded("slack_disconnect", tell):
            async with self:
                viewer = await viewer_of(self)
            known = await slack_connecting.disconnect(bridge.runtime(), viewer.user_id)
            await tell(NONE)
            async with self:
                flash = await self.get_state(FlashState)
                flash.say("workspace.disconnected" if known else "workspace.untold")

    async def _show(self, found: Found) -> None:
        async with self:
            if self._latest == found.attempt:
                self.found = found

    def _teller(self, attempt: str) -> Callable[[Trouble], Awaitable[None]]:
        """Tells how an attempt ended. Takes the lock."""

        async def tell(trouble: Trouble) -> None:
            async with self:
                self.ended = [*self.ended, Sent(attempt, trouble)][-KEPT:]

        return tell


def _found(attempt: str, view: SlackPlacesView) -> Found:
    return Found(attempt, view.places, view.more, view.whole)
