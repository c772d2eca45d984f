"""Categories and saved filters beside the list, each with its number."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import reflex as rx

from inbox_app.services import filters, inbox
from inbox_app.services.views import CategoriesView, FilterView, KindView
from inbox_app.ui import bridge
from inbox_app.ui.states.actions import as_part
from inbox_app.ui.states.edge import by_flash, guarded, quietly
from inbox_app.ui.states.flash import NONE, Trouble
from inbox_app.ui.states.session import find_viewer, viewer_of


@dataclass(frozen=True)
class FilterOutcome:
    """How an attempt to change filters ended; it was done where there is no trouble."""

    attempt: str = ""
    trouble: Trouble = NONE


class RailState(rx.State):
    """What the rail lists beyond the views."""

    categories: CategoriesView = CategoriesView([], 0, capped=False)
    filters: list[FilterView] = []
    # Types that a search can name; known once the search is used.
    kinds: list[KindView] = []
    outcome: FilterOutcome = FilterOutcome()

    @rx.event(background=True)
    async def refresh(self) -> None:
        """Counts anew; the browser asks for it when counters have moved."""
        async with self:
            viewer = await find_viewer(self)
        if viewer is None:
            return
        async with guarded("load", quietly):
            rt = bridge.runtime()
            counted = await inbox.categories(rt, viewer.user_id)
            saved = await filters.listed(rt, viewer.user_id)
            async with self:
                if counted != self.categories:
                    self.categories = counted
                if saved != self.filters:
                    self.filters = saved

    @rx.event(background=True)
    async def know_kinds(self) -> None:
        """The search is used."""
        async with self:
            viewer = await find_viewer(self)
        if viewer is None:
            return
        async with guarded("load", quietly):
            known = await inbox.kinds(bridge.runtime(), viewer.user_id)
            async with self:
                if known != self.kinds:
                    self.kinds = known

    @rx.event
    async def keep(self, name: str, part: dict[str, str], attempt: str) -> None:
        """Saves a part of the inbox under a name."""
        user_id = (await viewer_of(self)).user_id
        await self._change(
            attempt, lambda: filters.create(bridge.runtime(), user_id, name, as_part(part))
        )

    @rx.event
    async def rename(self, filter_id: str, name: str, attempt: str) -> None:
        """Gives a filter another name."""
        user_id = (await viewer_of(self)).user_id
        await self._change(
            attempt, lambda: filters.rename(bridge.runtime(), user_id, filter_id, name)
        )

    @rx.event
    async def remove(self, filter_id: str) -> None:
        """Deletes a filter."""
        async with guarded("save", by_flash(self)):
            user_id = (await viewer_of(self)).user_id
            await filters.delete(bridge.runtime(), user_id, filter_id)
            self.filters = await filters.listed(bridge.runtime(), user_id)

    @rx.event
    async def arrange(self, filter_ids: list[str]) -> None:
        """Puts filters in another order."""
        async with guarded("save", by_flash(self)):
            user_id = (await viewer_of(self)).user_id
            await filters.arrange(bridge.runtime(), user_id, filter_ids)
            self.filters = await filters.listed(bridge.runtime(), user_id)

    async def _change(self, attempt: str, change: Callable[[], Awaitable[object]]) -> None:
        def tell(trouble: Trouble) -> None:
            self.outcome = FilterOutcome(attempt, trouble)

        async with guarded("save", tell):
            user_id = (await viewer_of(self)).user_id
            await change()
            self.filters = await filters.listed(bridge.runtime(), user_id)
            self.outcome = FilterOutcome(attempt)
