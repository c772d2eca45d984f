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
from inbox_app.ui.states.rail import RailState
from inbox_app.ui.states.session import ViewerState, find_viewer, viewer_of
from inbox_app.ui.states.sync import fetch, position, show

logger = logging.getLogger("inbox.ui")

HEARTBEAT: Final = 60.0
"""Seconds. Far below the expiry of a state: a connected tab must not lose its own."""
RETRY: Final = 5.0
"""Seconds until another look when the database could not be read."""

LONGEST_ID: Final = 200
INBOX: Final = "/inbox"


PRIVATE: Final[tuple[type[rx.State], ...]] = (
    *(FeedState, DetailState, BellState, AccountState, ActionState, RailState, FlashState),
    *(ViewerState, *preferences.PRIVATE, AddressState, CalmState),
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
        async with self:
            viewer = await find_viewer(self)
            epoch = (await position(self)).epoch
            self.line = secrets.token_hex(4)
            lists = self.router.url.path.rstrip("/") == INBOX
        if viewer is None:
            return await self._end()
        with bridge.runtime().hub.subscribe(viewer.user_id, viewer.session_id) as subscription:
            while pause := await self._catch_up(viewer, epoch):
                news = await subscription.wait(pause)
                if news is not None and news.closing:
                    return None
                if news.ended if news is not None else await self._expired():
                    return await self._end()
        # The server has forgotten this tab's states and made them anew: start from nothing.
        return [LiveState.arrive(), LiveState.follow()] if lists else LiveState.follow()

    async def _catch_up(self, viewer: Viewer, epoch: str) -> float:
        """Shows what the tab does not know yet.

        Returns:
            After how many seconds to look again when there is no news before; 0 when the tab's
            states are no longer the same.
        """
        async with self:
            at = await position(self)
        if at.epoch != epoch:
            return 0
        try:
            update = await fetch(bridge.runtime(), viewer.user_id, at)
        except InboxError as error:
            logger.warning("A tab could not be brought up to date: %s", error)
            return RETRY
        if update.changes.reload or update.changes.change != at.change:
            async with self:
                await show(self, update)
        return HEARTBEAT

    async def _expired(self) -> bool:
        """Whether the session ran out in silence. Asking keeps the tab's states alive, too."""
        try:
            async with self:
                viewer = await find_viewer(self)
                if viewer is not None:
                    (await self.get_state(ViewerState)).know(viewer)
                return viewer is None
        except InboxError:
            return False  # While that cannot be found out, nothing is taken away.

    async def _end(self) -> None:
        """Forgets everything private and lets the page leave."""
        async with self:
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
