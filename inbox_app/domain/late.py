"""Acts that arrive later than they were meant: for each field of an item the latest intent wins.

A browser without a network keeps what the person does and sends it with its age. Meanwhile they may
have done something else to the same item elsewhere. When that was, is told by the times of the
item's marks. A mark that was taken back has no time, and one that was set twice has its first: for
these the time is kept apart from the item (`Intents`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Final

from inbox_app.domain.item_state import ItemState, Mark, StateChange

SNOOZED: Final = "snoozed"
FIELDS: Final = (Mark.OPENED, Mark.ARCHIVED, Mark.SAVED, SNOOZED)
"""What a person can set and take back."""
LATEST: Final = timedelta(days=30)
"""An act that is older counts as just as old, and so long intents are kept."""

Intents = Mapping[str, datetime]
"""When the person last decided on `FIELDS`, as far as marks do not tell."""

_ANSWERS: Final = {Mark.ACTIONED1: Mark.ACTIONED2, Mark.ACTIONED2: Mark.ACTIONED1}


def meant_at(now: datetime, age: timedelta) -> datetime | None:
    """When an act was meant, by our own clock; None: just now.

    Args:
        age: How long ago, by the browser's clock. Only a difference, so that it may be wrong.
    """
    return now - min(age, LATEST) if age > timedelta() else None


def still_meant(
    change: StateChange, state: ItemState, known: Intents, renewed: datetime | None
) -> StateChange:
    """What is left of a change for an item where later decisions stay as they are.

    Args:
        change: With the time at which it was meant.
        renewed: When an item that stands for several notifications got the last of them; what was
            meant before was not about that one. None for other items.
    """
    meant = change.meant
    if meant is None:
        return change
    decided = _Decided(state, known, meant)
    new = renewed is not None and renewed > meant
    sets = {m: at for m, at in change.sets.items() if not decided.against_setting(m, new=new)}
    clears = frozenset(mark for mark in change.clears if not decided.on(mark))
    snooze = None if new or decided.against_snoozing() else change.snooze
    unsnooze = change.unsnooze and not decided.on(SNOOZED)
    return replace(change, sets=sets, clears=clears, snooze=snooze, unsnooze=unsnooze)


def decided_by(change: StateChange) -> set[str]:
    """The fields that a change decides on and of which its marks do not tell when.

    Snoozing says that the item is not done. What comes late may find its field set at an earlier
    time, which then stays.
    """
    snoozes = change.snooze is not None
    late = {*change.sets, *([SNOOZED] if snoozes else [])} if change.meant else set[str]()
    implied = [SNOOZED] * change.unsnooze + [Mark.ARCHIVED] * snoozes
    return {*change.clears, *implied, *late} & {*FIELDS}


def undone_fields(now: ItemState, then: ItemState) -> set[str]:
    """The fields that an undo decides on when it makes an item again what it was."""
    return {
        each.name
        for each in fields(ItemState)
        if each.name in FIELDS and getattr(now, each.name) != getattr(then, each.name)
    }


class _Decided:
    """What was decided on an item after a moment."""

    def __init__(self, state: ItemState, known: Intents, meant: datetime) -> None:
        self._state, self._known, self._meant = state, known, meant

    def on(self, field: str) -> bool:
        """Whether a field was set or taken back since."""
        name = "snoozed_at" if field == SNOOZED else field
        return self._any(getattr(self._state, name), self._known.get(field))

    def against_setting(self, mark: Mark, *, new: bool) -> bool:
        """Whether a mark must stay as it is."""
        if mark in _ANSWERS:
            return self._any(getattr(self._state, _ANSWERS[mark]))
        decided = self._any(self._known.get(mark))
        if mark not in {Mark.OPENED, Mark.ARCHIVED}:
            return decided
        # Reading and archiving end a snooze, which must be the earlier of the two.
        return decided or new or self._any(self._state.snoozed_at)

    def against_snoozing(self) -> bool:
        """Whether a snooze must not begin: reading and archiving would have ended it."""
        read = self._any(self._state.opened)
        return read or self.on(Mark.ARCHIVED) or self.on(SNOOZED)

    def _any(self, *times: datetime | None) -> bool:
        return any(at is not None and at > self._meant for at in times)
