"""The settings of one tab: what applies, what was just changed, and what that would mean."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import reflex as rx

from inbox_app.domain.errors import InboxError
from inbox_app.services import centre_parts, next_digests, preference_centre
from inbox_app.services.centre_views import (
    AddressView,
    CategoryView,
    CentreView,
    ColumnView,
    DigestView,
    EditedView,
    HistoryView,
    SummaryView,
    WhenView,
)
from inbox_app.services.next_digests import TakenOut, UpcomingView
from inbox_app.ui import bridge
from inbox_app.ui.states.edge import by_flash, guarded
from inbox_app.ui.states.effect import EffectState, measure
from inbox_app.ui.states.flash import NONE, FlashState, Trouble
from inbox_app.ui.states.following import of_page_load
from inbox_app.ui.states.person import Person, find_person, is_still, person_of
from inbox_app.ui.states.preference_changes import apply
from inbox_app.ui.states.session import ViewerState

logger = logging.getLogger("inbox.ui")

HEARTBEAT: Final = 60.0
"""Seconds until settings are read again though nothing was heard."""
RETRY: Final = 5.0
REST: Final = 0.5
"""Seconds between one reading of everything and the next."""
KEPT_OUTCOMES: Final = 20
"""Of changes: as many can be on their way before the page hears of the first."""
MOST_PATCHED: Final = 30
"""Types that are told apart from the others; with more, all are sent anew."""
HISTORY: Final = 10
"""Entries of the history that a page begins with, and that are added by "more"."""


@dataclass(frozen=True)
class Outcome:
    """How an attempt to change a setting ended.

    Attributes:
        attempt: The browser's name for it.
        undo: Names the change to "undo"; "" when nothing was changed.
        refused: Titles of types that do not offer what was chosen.
        trouble: Why it was not saved, if so.
    """

    attempt: str = ""
    undo: str = ""
    refused: list[str] = field(default_factory=list[str])
    trouble: Trouble = NONE


class CentreState(rx.State):
    """Everything that can be set. ``phase`` is "new", "ready" or "failed".

    ``patch`` holds the categories that changed since ``categories`` was sent, each with the types
    that changed only: a change of one cell must not send five hundred types.
    """

    summary: SummaryView = SummaryView([], [])
    where: list[AddressView] = []
    when: WhenView = WhenView(
        *("", False, "", [], DigestView("08:00", 0, "first", chosen=False)), "", [], -1
    )
    columns: list[ColumnView] = []
    categories: list[CategoryView] = []
    patch: list[CategoryView] = []
    outcomes: list[Outcome] = []
    phase: str = "new"
    trouble: Trouble = NONE
    _change: int = -1
    # Where the latest change of this tab's led, as long as nobody has told the tab of it.
    _own: int = -1

    @rx.event
    async def retry(self) -> None:
        """Tries once more to load."""
        async with guarded("load_settings", self.fail):
            person = await person_of(self)
            self.show(await preference_centre.centre(bridge.runtime(), person.user_id))

    @rx.event
    async def change(self, field: str, value: str, attempt: str) -> None:
        """Changes one setting (`preference_changes.apply`); the page shows it or turns it back.

        The same attempt may come once more, over another line than the first.
        """
        # Anything else is done again, lest what came in between overrides it.
        if field == "undo" and any(each.attempt == attempt for each in self.outcomes):
            return

        def tell(trouble: Trouble) -> None:
            self._record(Outcome(attempt, trouble=trouble))

        async with guarded("save", tell):
            person = await person_of(self)
            made = await apply(bridge.runtime(), person.user_id, field, value)
            self._record(Outcome(attempt, made.undo, made.refused))
            self.show_edited(made)

    @rx.event(background=True)
    async def follow(self) -> rx.event.EventType[()] | None:
        """Keeps everything current until the tab leaves; other tabs change things, too."""
        if not of_page_load():
            return None
        async with self:
            person = await find_person(self)
        if person is None:
            return None
        with bridge.runtime().hub.subscribe(person.user_id, person.session_id) as subscription:
            told: int | None = None
            while pause := await self._refresh(told):
                # What comes in quick succession is read together.
                await asyncio.sleep(REST)
                news = await subscription.wait(pause)
                if news is not None and (news.closing or news.ended):
                    return None
                told = news.change if news is not None else None
        # The link was revoked, or the session is over; unless the tab has another one by now.
        async with self:
            over = await find_person(self) is None
        return ViewerState.leave() if over else None

    async def _refresh(self, told: int | None) -> float:
        """Reads and shows what is not known; after how many seconds to look again, 0 for never.

        Args:
            told: The change number that made it look, None when nothing was heard.
        """
        rt = bridge.runtime()
        try:
            async with self:
                person, known = await find_person(self), self._is_own(told)
            if person is None:
                return 0
            if not known:
                view = await preference_centre.centre(rt, person.user_id)
                async with self:
                    if not await is_still(self, person):
                        return 0
                    self.show(view)
            await _refresh_others(self, person)
        except Exception as error:
            foreseen = error if isinstance(error, InboxError) else None
            logger.warning(
                "Settings could not be brought up to date: %s", error, exc_info=foreseen is None
            )
            what = "failed.load_settings"
            async with self:
                if self.phase == "new":
                    self.fail(Trouble.of(what, foreseen) if foreseen else Trouble(what))
            return RETRY
        return HEARTBEAT

    def show(self, view: CentreView) -> None:
        """Takes over what is newer than what is shown."""
        if view.change < self._change:
            return
        self._change = view.change
        self.phase, self.trouble = "ready", NONE
        self.summary, self.where, self.when = view.summary, view.where, view.when
        self.columns = view.columns
        self._show_types(view.categories)

    def show_edited(self, made: EditedView) -> None:
        """Takes over what a change of this tab's came to."""
        if made.change <= self._change:
            return
        if made.change == self._change + 1:
            self._change = self._own = made.change
        # Else something happened in between that is not shown yet; it is read when it is told.
        self.summary, self.when, self.columns = made.summary, made.when, made.columns
        known = centre_parts.merged(self.categories, self.patch)
        self._show_types(centre_parts.merged(known, made.categories))

    def _show_types(self, categories: list[CategoryView]) -> None:
        changed = centre_parts.changed(self.categories, categories)
        many = sum(len(each.types) for each in changed) > MOST_PATCHED
        if many or _names(self.categories) != _names(categories):
            self.categories, self.patch = categories, []
        elif changed != self.patch:
            self.patch = changed

    def _is_own(self, told: int | None) -> bool:
        """Whether a change number is that of a change that this tab made and shows."""
        known = told is not None and told <= self._own
        if told == self._own:
            # The same number once more would be a call to look again.
            self._own = -1
        return known

    def fail(self, trouble: Trouble) -> None:
        self.phase, self.trouble = "failed", trouble

    def _record(self, outcome: Outcome) -> None:
        self.outcomes = [*self.outcomes, outcome][-KEPT_OUTCOMES:]


@dataclass(frozen=True)
class PreviewView:
    """What a summary would say now."""

    id: str = ""
    subject: str = ""
    html: str = ""
    text: str = ""


class ComingState(rx.State):
    """Summaries that are to come, and the history of changes."""

    digests: list[UpcomingView] = []
    history: list[HistoryView] = []
    more: bool = False
    preview: PreviewView = PreviewView()
    _limit: int = HISTORY
    # Summaries that were asked for: they go out in a moment.
    _asked: list[str] = []
    # What was last taken out of a summary, by the id of the summary, and how much.
    taken: int = 0
    _taken: tuple[str, list[TakenOut]] = ("", [])

    @property
    def limit(self) -> int:
        return self._limit

    @rx.event
    async def look(self, digest_id: str) -> None:
        """Shows what a summary would say now; "" closes it."""
        if not digest_id:
            self.preview = PreviewView()
            return
        async with guarded("preview", by_flash(self)):
            person = await person_of(self)
            fields = await next_digests.preview(bridge.runtime(), person.user_id, digest_id)
            self.preview = _preview(digest_id, fields)

    @rx.event
    async def send_now(self, digest_id: str) -> None:
        """Sends a summary before it is due."""
        async with guarded("send_digest", by_flash(self)):
            person = await person_of(self)
            await next_digests.send_now(bridge.runtime(), person.user_id, digest_id)
            self._asked = [*self._asked, digest_id]
            self.show_digests(self.digests)
            (await self.get_state(FlashState)).say("coming.sent")

    @rx.event
    async def take_out(self, digest_id: str, tracking_ids: list[str]) -> None:
        """Takes notifications out of a summary; with none named, all of them."""
        async with guarded("take_out", by_flash(self)):
            person = await person_of(self)
            rt = bridge.runtime()
            taken = await next_digests.remove(rt, person.user_id, digest_id, *tracking_ids)
            self._taken, self.taken = (digest_id, taken), len(taken)
            self.show_digests(await _coming(person))

    @rx.event
    async def put_back(self) -> None:
        """Puts back what was last taken out of a summary."""
        async with guarded("put_back", by_flash(self)):
            person = await person_of(self)
            rt, (digest_id, taken) = bridge.runtime(), self._taken
            await next_digests.put_back(rt, person.user_id, digest_id, taken)
            self._taken, self.taken = ("", []), 0
            self.show_digests(await _coming(person))

    @rx.event
    async def older(self) -> None:
        """Shows earlier changes, too."""
        async with guarded("load_settings", by_flash(self)):
            person = await person_of(self)
            self._limit += HISTORY
            self.show_history(await _past(person, self._limit))

    def show_digests(self, found: list[UpcomingView]) -> None:
        self.digests = [each for each in found if each.id not in self._asked]

    def show_history(self, found: list[HistoryView]) -> None:
        self.more, self.history = len(found) > self._limit, found[: self._limit]


PRIVATE: Final[tuple[type[rx.State], ...]] = (CentreState, EffectState, ComingState)
"""States that hold a person's data."""


async def _refresh_others(state: CentreState, person: Person) -> None:
    """Reads what follows from the settings. Needs no lock."""
    async with state:
        coming = await state.get_state(ComingState)
        limit = coming.limit
    digests = await _coming(person)
    past = await _past(person, limit)
    async with state:
        if not await is_still(state, person):
            return
        coming = await state.get_state(ComingState)
        coming.show_digests(digests)
        coming.show_history(past)
    await measure(state, person)


def _preview(digest_id: str, fields: Mapping[str, object]) -> PreviewView:
    known = {name: str(fields.get(name) or "") for name in ("subject", "html", "text", "message")}
    text = known["text"] or known["message"]
    return PreviewView(digest_id, known["subject"], known["html"], text)


async def _coming(person: Person) -> list[UpcomingView]:
    found = await next_digests.upcoming(bridge.runtime(), person.user_id)
    # A link leads to settings, not to what notifications say.
    return found if person.session_id else [replace(each, riders=[]) for each in found]


async def _past(person: Person, limit: int) -> list[HistoryView]:
    """The latest changes, and one more when there are."""
    found: list[HistoryView] = []
    while len(found) <= limit:
        before, left = found[-1].id if found else "", limit + 1 - len(found)
        page = await preference_centre.past(bridge.runtime(), person.user_id, left, before=before)
        found += page
        if not page:
            break
    return found


def _names(categories: list[CategoryView]) -> list[tuple[str, list[str]]]:
    return [(each.name, [kind.name for kind in each.types]) for each in categories]
