"""What a person can do to items of the inbox, one by one or many at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.item_state import Mark, Snooze, StateChange
from inbox_app.domain.snooze import picked

UNDOABLE: Final = timedelta(seconds=60)
"""From the end of an act."""


class Act(StrEnum):
    """An act, by the name the page and the keyboard know it by."""

    READ = "read"
    UNREAD = "unread"
    ARCHIVE = "archive"
    RESTORE = "restore"
    SAVE = "save"
    UNSAVE = "unsave"
    SNOOZE = "snooze"
    UNSNOOZE = "unsnooze"


SETS: Mapping[Act, Mark] = {
    Act.READ: Mark.OPENED,
    Act.ARCHIVE: Mark.ARCHIVED,
    Act.SAVE: Mark.SAVED,
}
CLEARS: Mapping[Act, Mark] = {
    Act.UNREAD: Mark.OPENED,
    Act.RESTORE: Mark.ARCHIVED,
    Act.UNSAVE: Mark.SAVED,
}


def change_of(
    act: Act, now: datetime, until: datetime | None = None, meant: datetime | None = None
) -> StateChange:
    """What an act does to an item.

    Args:
        until: When a snooze ends; that may be over by now if it was not when it was meant.
        meant: When the person wanted it, if that was before now.

    Raises:
        InvalidInput: a snooze has no end, or one that is over or too far ahead.
    """
    at = meant or now
    if act in SETS:
        return StateChange({SETS[act]: at}, meant=meant)
    if act in CLEARS:
        return StateChange(clears=frozenset({CLEARS[act]}), meant=meant)
    if act is Act.UNSNOOZE:
        return StateChange(unsnooze=True, meant=meant)
    if until is None:
        raise InvalidInput("A snooze needs an end.", fix="Pick a time.")
    return StateChange(snooze=Snooze(picked(until, at), at), meant=meant)
