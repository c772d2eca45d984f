"""What a person does to notifications.

The browser names every attempt and keeps it until it is among those settled: it may come twice,
after a lost line or a crash, and is done once. What failed comes as another try of the same name,
such as ``a~1`` after ``a``, and goes on where the first one ended.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import reflex as rx

from inbox_app.domain.act import Act
from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.inbox_filter import InboxFilter, from_document
from inbox_app.lib.clock import parse_moment
from inbox_app.services import inbox
from inbox_app.services.inbox import Asked, Progress
from inbox_app.ui import bridge
from inbox_app.ui.states.edge import by_flash, guarded, quietly
from inbox_app.ui.states.flash import FlashState, Trouble
from inbox_app.ui.states.session import viewer_of
from inbox_app.ui.states.sync import catch_up

LONGEST_NAME: Final = 60
ANOTHER_TRY: Final = "~"
MOST_SETTLED: Final = 60
MOST_QUEUED: Final = 20
"""Acts on many items; those beyond come again with the next connection."""
MONTH: Final = 30 * 86_400_000
"""Milliseconds; no age counts as higher (`domain.late`)."""
OPEN: Final = "open"
"""Reading by opening: nothing is said after it."""


@dataclass(frozen=True)
class Job:
    """An act on many items that is under way; none when ``attempt`` is ""."""

    attempt: str = ""
    act: str = ""
    count: int = 0


class ActionState(rx.State):
    """Each handler acts, then shows what came of it.

    ``settled`` names the latest attempts that are over, well or not.
    """

    settled: list[str] = []
    job: Job = Job()
    # How many items match what the person asked to select; -1 while that is not known.
    matching: int = -1
    # There may be more of them.
    matching_capped: bool = False
    _stop: bool = False
    # What `act_on_all` was asked meanwhile: its arguments.
    _queue: list[tuple[dict[str, str], str, str, str, int]] = []

    @rx.event
    async def act(self, ids: list[str], act: str, until: str, attempt: str, age: int = 0) -> None:
        """Does something to items.

        Args:
            act: An `Act`, or "open".
            until: When a snooze ends (ISO), else "".
            age: How long ago the person did it, ms; pages of an earlier build do not tell.
        """
        async with self._attempt(attempt, act):
            wanted = Act.READ if act == OPEN else _known(act)
            viewer = await viewer_of(self)
            done = await inbox.perform(
                *(bridge.runtime(), viewer.user_id, wanted, ids, _moment(until)),
                _asked(attempt, age),
            )
            if act != OPEN:
                flash = await self.get_state(FlashState)
                told = f"said.{wanted}"
                flash.say(told, done.undo, attempt=attempt, n=len(ids), until=until)
            await catch_up(self, viewer)

    @rx.event
    async def mute(self, tracking_id: str, attempt: str) -> None:
        """Switches off what an item is of."""
        async with self._attempt(attempt, "mute"):
            viewer = await viewer_of(self)
            muted = await inbox.mute(
                bridge.runtime(), viewer.user_id, tracking_id, _name_of(attempt)
            )
            flash = await self.get_state(FlashState)
            key = "said.mute" if muted.undo else "said.muted"
            flash.say(key, muted.undo, attempt=attempt, title=muted.title)

    @rx.event
    async def choose(self, tracking_id: str, number: int, attempt: str, age: int = 0) -> None:
        """Records the choice of one of an item's buttons; ``age`` as in `act`."""
        async with self._attempt(attempt, "choose"):
            viewer = await viewer_of(self)
            asked = _asked(attempt, age)
            await inbox.act(bridge.runtime(), viewer.user_id, tracking_id, number, asked)
            await catch_up(self, viewer)

    @rx.event
    async def undo(self, handle: str, attempt: str) -> None:
        """Takes an act back."""
        async with self._attempt(attempt, "undo"):
            viewer = await viewer_of(self)
            names = handle[:LONGEST_NAME], _name_of(attempt)
            await inbox.undo(bridge.runtime(), viewer.user_id, *names)
            (await self.get_state(FlashState)).say("said.undone", attempt=attempt)
            await catch_up(self, viewer)

    @rx.event(background=True)
    async def act_on_all(
        self, part: dict[str, str], act: str, until: str, attempt: str, age: int = 0
    ) -> rx.event.EventType[()] | None:
        """Does something to all that a part of the inbox holds, and shows how far it is.

        One at a time, in their order; ``age`` as in `act`.
        """
        async with self:
            if attempt in {self.job.attempt, *self.settled, *(each[-2] for each in self._queue)}:
                return None  # It comes again, after a lost line.
            if self.job.attempt:
                self._queue = [*self._queue, (part, act, until, attempt, age)][:MOST_QUEUED]
                return None
            viewer = await viewer_of(self)
            self.job, self._stop = Job(attempt, act), False
        async with guarded(act, self._failed_job):
            wanted = inbox.perform_all(
                *(bridge.runtime(), viewer.user_id, _known(act), as_part(part), _moment(until)),
                _asked(attempt, age),
            )
            await self._work(wanted, act, until)
        async with self:
            # The browser takes what it shows of an act back once that is over.
            async with guarded("load", quietly):
                await catch_up(self, viewer)
            self._settle(attempt)
            self.job = Job()
            following, self._queue = self._queue[:1], self._queue[1:]
        # Reflex's types know of four arguments at most.
        return [ActionState.act_on_all(*each) for each in following]  # pyright: ignore

    async def _work(self, wanted: AsyncGenerator[Progress], act: str, until: str) -> None:
        """Does the job at hand, portion by portion."""
        attempt, progress = self.job.attempt, Progress(0, "", ended=True)
        async for progress in wanted:
            async with self:
                self.job = Job(attempt, act, progress.count)
                if self._stop:
                    break
        await wanted.aclose()
        async with self:
            key = f"said.{act}" if progress.count else "said.nothing_changed"
            flash = await self.get_state(FlashState)
            flash.say(key, progress.undo, n=progress.count, until=until)

    @rx.event
    async def stop(self) -> None:
        """Ends the act on many items after the portion at hand."""
        self._stop = True

    @rx.event
    async def count_matching(self, part: dict[str, str]) -> None:
        """Counts what the person selects by "all that match"."""
        async with guarded("other", by_flash(self)):
            self.matching = -1
            viewer = await viewer_of(self)
            self.matching, self.matching_capped = await inbox.count(
                bridge.runtime(), viewer.user_id, as_part(part), unread=False
            )

    @asynccontextmanager
    async def _attempt(self, attempt: str, act: str) -> AsyncGenerator[None]:
        """Tells the browser that an attempt is over, and what went wrong if so."""
        what = act if act in {*Act, "mute", "undo", "choose"} else "other"
        async with guarded(what, by_flash(self, attempt=attempt)):
            yield
        self._settle(attempt)

    def _settle(self, attempt: str) -> None:
        self.settled = [*self.settled, attempt[:LONGEST_NAME]][-MOST_SETTLED:]

    async def _failed_job(self, trouble: Trouble) -> None:
        async with self:
            await by_flash(self, attempt=self.job.attempt)(trouble)


def as_part(part: Mapping[str, str]) -> InboxFilter:
    """The part of the inbox that an address of the browser shows.

    Raises:
        InvalidInput: there is no such part.
    """
    return from_document({**part, "box": part.get("view", "")})


def _name_of(attempt: str) -> str:
    """What an act is known by, however often it is tried."""
    return attempt.partition(ANOTHER_TRY)[0][:LONGEST_NAME]


def _asked(attempt: str, age: int) -> Asked:
    return Asked(_name_of(attempt), timedelta(milliseconds=max(0, min(age, MONTH))))


def _known(act: str) -> Act:
    try:
        return Act(act)
    except ValueError:
        message = "There is no such action."
        raise InvalidInput(message) from None


def _moment(until: str) -> datetime | None:
    if not until:
        return None
    try:
        return parse_moment(until)
    except ValueError:
        message = "That is not a time."
        raise InvalidInput(message, fix="Pick a time.") from None
