"""The open notification of one tab."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import reflex as rx

from inbox_app.domain.errors import InboxError, NotFound
from inbox_app.services import inbox
from inbox_app.services.access import Viewer
from inbox_app.services.pieces import host, pieces
from inbox_app.services.views import ItemView, Piece, RowView
from inbox_app.ui import bridge
from inbox_app.ui.reasons import Why, why
from inbox_app.ui.states.edge import guarded
from inbox_app.ui.states.flash import NONE, Trouble
from inbox_app.ui.states.session import viewer_of

logger = logging.getLogger("inbox.ui")

NO_ROW = RowView("", "", "", "", "", "", "", "", unread=False, seen=True, archived=False)
NO_ITEM = ItemView(NO_ROW, "", "", can_reply=False)


@dataclass(frozen=True)
class ReplyOutcome:
    """How an attempt to reply ended; it was sent where there is no trouble."""

    attempt: str = ""
    trouble: Trouble = NONE


class DetailState(rx.State):
    """The item that the address names.

    ``phase`` is "new", "ready", "gone" (removed, or never theirs) or "failed".
    """

    id: str = ""
    phase: str = "new"
    item: ItemView = NO_ITEM
    body: list[Piece] = []
    why: Why = Why()
    host: str = ""
    trouble: Trouble = Trouble()
    outcome: ReplyOutcome = ReplyOutcome()

    def show(self, item: ItemView) -> None:
        self.item, self.body, self.host = item, pieces(item.body), host(item.row.url)
        self.why = why(item.about)
        self.phase, self.trouble = "ready", Trouble()

    def close(self) -> None:
        self.id, self.phase, self.item = "", "new", NO_ITEM
        self.body, self.why = [], Why()

    def fail(self, trouble: Trouble) -> None:
        self.phase, self.trouble = "failed", trouble

    async def open(self, viewer: Viewer, tracking_id: str) -> None:
        """Shows an item anew, or that it is gone."""
        async with guarded("open", self.fail):
            self.id = tracking_id
            try:
                self.show(await inbox.open_item(bridge.runtime(), viewer.user_id, tracking_id))
            except NotFound:
                self.phase, self.item = "gone", NO_ITEM

    @rx.event
    async def refresh(self) -> None:
        """Shows what became of it meanwhile: what deliveries do bumps no change number."""
        viewer, tracking_id = await viewer_of(self), self.id
        if self.phase != "ready":
            return
        try:
            item = await inbox.open_item(bridge.runtime(), viewer.user_id, tracking_id)
        except InboxError as error:
            logger.warning("An open item could not be brought up to date: %s", error)
            return
        if item != self.item:
            self.show(item)

    @rx.event
    async def retry(self) -> None:
        """Tries to open the item again."""
        await self.open(await viewer_of(self), self.id)

    @rx.event
    async def reply(
        self, tracking_id: str, message: str, pictures: list[str], attempt: str
    ) -> None:
        """Adds a reply; the browser keeps it until it learns that it was stored.

        Args:
            pictures: Ids of what was uploaded for it.
            attempt: The browser's name for it, the same when it tries again.
        """

        def tell(trouble: Trouble) -> None:
            self.outcome = ReplyOutcome(attempt, trouble)

        async with guarded("reply", tell):
            viewer = await viewer_of(self)
            await inbox.reply(
                bridge.runtime(), viewer.user_id, tracking_id, message, pictures, attempt
            )
            self.outcome = ReplyOutcome(attempt)
            if tracking_id == self.id:
                await self.open(viewer, tracking_id)
