"""What the settings of one tab would have meant in the last days."""

from __future__ import annotations

from typing import Final

import reflex as rx

from inbox_app.domain.preference import Preferences
from inbox_app.services import effect
from inbox_app.services.effect import EffectView
from inbox_app.ui import bridge
from inbox_app.ui.states.edge import by_flash, guarded
from inbox_app.ui.states.flash import Trouble
from inbox_app.ui.states.person import Person, is_still, person_of

SPANS: Final = (7, 30)
"""Days over which the effect can be shown."""


class EffectState(rx.State):
    """What the settings would have meant, compared with those the page was opened with.

    ``phase`` is "new", "busy" or "ready"; while it is busy, ``found`` is what was known before, and
    while it is new, nothing is known.
    """

    found: EffectView = EffectView(0, 0, cut=False, now={}, then={}, later=[])
    days: int = SPANS[0]
    phase: str = "new"
    _opened: Preferences | None = None
    _measured: Preferences | None = None

    @rx.event(background=True)
    async def look_back(self, days: int) -> None:
        """Shows another span of days."""
        async with self:
            person = await person_of(self)
            self.days = days if days in SPANS else SPANS[0]
            # What was found for other days says nothing of these.
            self._measured, self.phase = None, "new"

        async def tell(trouble: Trouble) -> None:
            async with self:
                await by_flash(self)(trouble)

        async with guarded("effect", tell):
            await measure(self, person)

    def begin(self, chosen: Preferences) -> tuple[Preferences, int] | None:
        """What to compare with, over how many days; None when that is known or under way."""
        self._opened = self._opened or chosen
        if self._measured == chosen:
            return None
        self._measured = chosen
        self.phase = "new" if self.phase == "new" else "busy"
        return self._opened, self.days

    def give_up(self, chosen: Preferences, days: int) -> None:
        """It could not be found out: the next time measures again."""
        if (self._measured, self.days) == (chosen, days):
            self._measured, self.phase = None, "new"

    def end(self, chosen: Preferences, days: int, found: EffectView) -> None:
        """Shows what was found, unless something else is asked by now."""
        if (self._measured, self.days) == (chosen, days):
            self.found, self.phase = found, "ready"


async def measure(state: rx.State, person: Person) -> None:
    """Replays the last days, unless nothing has changed since. Needs no lock."""
    rt = bridge.runtime()
    chosen = await effect.chosen(rt, person.user_id)
    async with state:
        still = await is_still(state, person)
        asked = (await state.get_state(EffectState)).begin(chosen) if still else None
    if asked is None:
        return
    opened, days = asked
    try:
        found = await effect.of_person(rt, person.user_id, opened, days)
    except Exception:
        async with state:
            (await state.get_state(EffectState)).give_up(chosen, days)
        raise
    async with state:
        (await state.get_state(EffectState)).end(chosen, days, found)
