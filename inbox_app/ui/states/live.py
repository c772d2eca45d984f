"""What happens when a tab opens, navigates or connects again, and what keeps it current."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Final

import reflex as rx
from reflex.state import BaseState

from inbox_app.domain.errors import InboxError, InvalidInput
from inbox_app.domain.inbox_filter import InboxFilter, from_document
from inbox_app.services.access import Viewer
from inbox_app.ui import bridge
from inbox_app.ui.states import preferences
from inbox_app.ui.states.account import AccountState
from inbox_app.ui.states.actions import ActionState
from inbox_app.ui.states.addresses import AddressState
from inbox_app.ui.states.bell import BellState
from inbox_app.ui.states.calm import CalmState
from inbox_app.ui.states.detail import DetailState
from inbox_app.ui.states.feed import FeedState
from inbox_app.ui.states.flash import FlashState
from inbox_app.ui.states.following import of_page_load
from inbox_app.ui.states.rail import RailState
from inbox_app.ui.states.session import ViewerState, find_viewer, viewer_of
from inbox_app.ui.states.slack import SlackState
from inbox_app.ui.states.sync import Position, fetch, position, show_at

logger = logging.getLogger("inbox.ui")

HEARTBEAT: Final = 60.0
"""Seconds. Far below the expiry of a state: a connected tab must not lose its own."""
RETRY: Final = 5.0
"""Seconds until another look when the database could not be read."""

LONGEST_ID: Final = 200
INBOX: Final = "/inbox"


PRIVATE: Final[tuple[type[rx.State], ...]] = (
    *(FeedState, DetailState, BellState, AccountState, ActionState, RailState, FlashState),
    *(ViewerState, *preferences.PRIVATE, AddressState, SlackState, CalmState),
)
"""States that hold a person's data."""


class LiveState(rx.State):
    """Runs from a page's ``on_load``: Reflex ends both handlers on navigation and disconnection.

    Pages without a list name `follow` alone: it brings the counters and loads no rows.
    """

    # Another with each connection: the browser then sends again what was not confirmed.
    line: str = ""

    @rx.event
    async def arrive(self) -> None:
        """Shows the list and the item that the address names; loads only what is not there yet."""
        viewer = await viewer_of(self)
        part, tracking_id = place(self.router.url.query_parameters)
        feed = await self.get_state(FeedState)
        if feed.phase != "ready" or feed.part != part or feed.trouble.what:
            await feed.load(viewer, part)
        detail = await self.get_state(DetailState)
        if not tracking_id:
            detail.close()
        elif detail.id != tracking_id or detail.phase != "ready":
            await detail.open(viewer, tracking_id)

    @rx.event(background=True)
    async def follow(self) -> rx.event.EventType[()] | None:
        """Subscribes, catches up, then follows, until the tab leaves or the session ends."""
        if not of_page_load():
            return None
        async with self:
            viewer = await find_viewer(self)
            at = await position(self)
            self.line = secrets.token_hex(4)
            lists = self.router.url.path.rstrip("/") == INBOX
        if viewer is None:
            return await self._end(viewer)
        epoch = at.epoch
        with bridge.runtime().hub.subscribe(viewer.user_id, viewer.session_id) as subscription:
            while True:
                at, pause = await self._catch_up(viewer, at)
                if at.epoch != epoch:
                    break
                news = await subscription.wait(pause)
                if news is not None and news.closing:
                    return None
                seen = at if news is not None else await self._look(at)
                if seen is None or (news is not None and news.ended):
                    return await self._end(viewer)
                at = seen
        # The server has forgotten this tab's states and made them anew: start from nothing.
        return [LiveState.arrive(), LiveState.follow()] if lists else LiveState.follow()

    async def _catch_up(self, viewer: Viewer, at: Position) -> tuple[Position, float]:
        """Shows what the tab does not know yet, and takes its lock only if there is something.

        Returns:
            Where the tab is then, and after how many seconds to look again when there is no news
            before.
        """
        epoch = at.epoch
        try:
            while at.epoch == epoch:
                update = await fetch(bridge.runtime(), viewer.user_id, at)
                if not update.changes.reload and update.changes.change == at.change:
                    break
                async with self:
                    shown, at = await show_at(self, at, update)
                if shown:
                    break
        except Exception as error:
            unforeseen = not isinstance(error, InboxError)
            logger.warning("A tab could not be brought up to date: %s", error, exc_info=unforeseen)
            return at, RETRY
        return at, HEARTBEAT

    async def _look(self, at: Position) -> Position | None:
        """Where the tab is after silence, None when the session ran out meanwhile.

        Asking keeps the tab's states alive, too.
        """
        try:
            async with self:
                viewer = await find_viewer(self)
                if viewer is None:
                    return None
                (await self.get_state(ViewerState)).know(viewer)
                return await position(self)
        except Exception as error:
            logger.warning("Nobody could be asked who looks: %s", error)
            return at  # While that cannot be found out, nothing is taken away.

    async def _end(self, viewer: Viewer | None) -> None:
        """Forgets everything private and lets the page leave, unless it has another viewer now."""
        async with self:
            if viewer is None or (await self.get_state(ViewerState)).holds(viewer):
                await forget(self)


async def forget(state: BaseState) -> None:
    """Resets all states that hold a person's data. Needs the state's lock."""
    for cls in PRIVATE:
        (await state.get_state(cls)).reset()
    (await state.get_state(ViewerState)).bind(None)


def place(query: Mapping[str, str]) -> tuple[InboxFilter, str]:
    """What an address shows and which item is open; what makes no sense counts as missing."""
    named = {"box": query.get("view", ""), "query": query.get("q", "").strip()}
    try:
        part = from_document({**query, **named})
    except InvalidInput:
        part = InboxFilter()
    return part, query.get("id", "")[:LONGEST_ID]
