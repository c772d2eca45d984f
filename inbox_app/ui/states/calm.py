"""What the empty list of one tab tells, and what can be tried there."""

from __future__ import annotations

import reflex as rx

from inbox_app.domain.errors import InvalidInput
from inbox_app.lib.clock import parse_moment
from inbox_app.services import trying
from inbox_app.services.calm import calm
from inbox_app.services.views import CalmView
from inbox_app.ui import bridge
from inbox_app.ui.states.edge import by_flash, guarded, quietly
from inbox_app.ui.states.session import viewer_of
from inbox_app.ui.states.sync import catch_up


class CalmState(rx.State):
    """What is told beside "all clear"."""

    view: CalmView = CalmView()

    @rx.event
    async def look(self, since: str) -> None:
        """Counts anew.

        Args:
            since: When the person's day began (ISO).
        """
        async with guarded("other", quietly):
            viewer = await viewer_of(self)
            try:
                began = parse_moment(since)
            except ValueError:
                message = "That is not a time."
                raise InvalidInput(message) from None
            self.view = await calm(bridge.runtime(), viewer.user_id, began)

    @rx.event
    async def send_test(self, language: str) -> None:
        """Sends the person a notification."""
        async with guarded("test", by_flash(self)):
            viewer = await viewer_of(self)
            await trying.send_test(bridge.runtime(), viewer.user_id, language)
            await catch_up(self, viewer)
