"""What a person does to notifications."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import reflex as rx

from inbox_app.domain.errors import InvalidInput
from inbox_app.services import inbox
from inbox_app.services.access import Viewer
from inbox_app.ui import bridge
from inbox_app.ui.states.edge import by_flash, guarded
from inbox_app.ui.states.flash import FlashState, Undo
from inbox_app.ui.states.session import viewer_of
from inbox_app.ui.states.sync import catch_up

Act = Callable[..., Awaitable[int]]

ACTS: Final[dict[str, Act]] = {
    "archive": inbox.archive,
    "restore": inbox.restore,
    "read": inbox.mark_read,
    "unread": inbox.mark_unread,
}
MARK_ALL: Final = "mark_all"
# What takes an act back that something is said after; read and unread need neither.
OPPOSITE: Final = {"archive": "restore", "restore": "archive"}


class ActionState(rx.State):
    """Holds nothing; each handler acts, then shows what came of it."""

    @rx.event
    async def act(self, tracking_id: str, act: str) -> None:
        """Archives, restores, or marks an item as read or unread."""
        async with guarded(act if act in ACTS else "other", by_flash(self, tracking_id)):
            viewer = await viewer_of(self)
            await _apply(viewer, act, [tracking_id])
            if act in OPPOSITE:
                undo = Undo(OPPOSITE[act], (tracking_id,))
                (await self.get_state(FlashState)).say(f"said.{act}", undo)
            await catch_up(self, viewer)

    @rx.event
    async def choose(self, tracking_id: str, number: int) -> None:
        """Records the choice of one of an item's buttons."""
        async with guarded("choose", by_flash(self, tracking_id)):
            viewer = await viewer_of(self)
            await inbox.act(bridge.runtime(), viewer.user_id, tracking_id, number)
            await catch_up(self, viewer)

    @rx.event
    async def mark_all_read(self) -> None:
        async with guarded(MARK_ALL, by_flash(self)):
            viewer = await viewer_of(self)
            done = await inbox.mark_all_read(bridge.runtime(), viewer.user_id)
            flash = await self.get_state(FlashState)
            if done.count:
                undo = Undo(MARK_ALL, change=done.change)
                flash.say("said.marked_all", undo, n=done.count)
            else:
                flash.say("said.nothing_unread")
            await catch_up(self, viewer)

    @rx.event
    async def undo(self) -> None:
        """Takes back what the newest message tells of."""
        flash = await self.get_state(FlashState)
        undo = flash.take_undo()
        if undo is None:
            return
        async with guarded("undo", by_flash(self, *undo.ids)):
            viewer = await viewer_of(self)
            if undo.act == MARK_ALL:
                await inbox.undo_mark_all_read(bridge.runtime(), viewer.user_id, undo.change)
            else:
                await _apply(viewer, undo.act, undo.ids)
            flash.say("said.undone")
            await catch_up(self, viewer)


async def _apply(viewer: Viewer, act: str, tracking_ids: list[str] | tuple[str, ...]) -> None:
    function = ACTS.get(act)
    if function is None:
        message = "There is no such action."
        raise InvalidInput(message)
    await function(bridge.runtime(), viewer.user_id, tracking_ids)
