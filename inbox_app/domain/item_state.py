"""States of an inbox item: which exist, what implies what, and how reports move them.

Each state is a time or empty. Reports may come late, twice or out of order and end alike: a set
state stays set and keeps its earliest time. Only the person's own "mark unread", "restore" or
"undo" clears one, and a snooze that ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum


class Mark(StrEnum):
    """A state an item can have; the value is the attribute of `ItemState`."""

    SEEN = "seen"
    OPENED = "opened"
    CLICKED = "clicked"
    ARCHIVED = "archived"
    ACTIONED1 = "actioned1"
    ACTIONED2 = "actioned2"
    SAVED = "saved"


# Who acts on an item has seen it, and who follows or answers it has read it. Without this the
# badge would count items that are no longer listed anywhere as new.
IMPLIES: Mapping[Mark, tuple[Mark, ...]] = {
    Mark.SEEN: (),
    Mark.OPENED: (Mark.SEEN,),
    Mark.CLICKED: (Mark.OPENED, Mark.SEEN),
    Mark.ARCHIVED: (Mark.SEEN,),
    Mark.ACTIONED1: (Mark.OPENED, Mark.SEEN),
    Mark.ACTIONED2: (Mark.OPENED, Mark.SEEN),
    Mark.SAVED: (Mark.SEEN,),
}

CLEARABLE = frozenset({Mark.OPENED, Mark.ARCHIVED, Mark.SAVED})
"""Marks that a person can take back: mark unread, restore, unsave."""


@dataclass(frozen=True)
class Snooze:
    """A wish to see an item later.

    Attributes:
        until: When it comes back.
        at: When the person chose that.
    """

    until: datetime
    at: datetime


@dataclass(frozen=True)
class StateChange:
    """What a report or a click asks for.

    Attributes:
        sets: Marks to set, each with the time it happened.
        clears: Marks the person takes back.
        snooze: A snooze to begin, or None; it takes the item out of the archive.
        unsnooze: Whether a snooze ends, as if it had never been.
        meant: When the person wanted it, if it comes late: what they decided since then stays
            (`domain.late`).
    """

    sets: Mapping[Mark, datetime] = field(default_factory=dict[Mark, datetime])
    clears: frozenset[Mark] = frozenset()
    snooze: Snooze | None = None
    unsnooze: bool = False
    meant: datetime | None = None


@dataclass(frozen=True)
class ItemState:
    """When each thing first happened; None: it did not.

    Attributes:
        snoozed: When it comes back; None when it is not snoozed.
        snoozed_at: When the person snoozed it; stays once it is back, until it is read.
    """

    seen: datetime | None = None
    opened: datetime | None = None
    clicked: datetime | None = None
    archived: datetime | None = None
    actioned1: datetime | None = None
    actioned2: datetime | None = None
    saved: datetime | None = None
    snoozed: datetime | None = None
    snoozed_at: datetime | None = None

    @property
    def unread(self) -> bool:
        """Listed in bold: not opened."""
        return self.opened is None

    def after(self, change: StateChange) -> ItemState:
        """The state once ``change`` is applied; equal to this one when nothing moves."""
        state = replace(self, **dict.fromkeys(change.clears))
        for mark, at in change.sets.items():
            for each in (mark, *IMPLIES[mark]):
                state = state.marked(each, at)
        if change.unsnooze or self._left_by(change):
            state = replace(state, snoozed=None, snoozed_at=None)
        if change.snooze:
            state = state.marked(Mark.SEEN, change.snooze.at)
            until, at = change.snooze.until, change.snooze.at
            state = replace(state, snoozed=until, snoozed_at=at, archived=None)
        return state

    def woken(self) -> ItemState:
        """The state of an item that comes back: new again, and it knows that it was snoozed."""
        return replace(self, seen=None, opened=None, snoozed=None)

    def _left_by(self, change: StateChange) -> bool:
        """Whether a change ends the snooze: archiving does, and reading that came after it."""
        if self.snoozed_at is None:
            return False
        read = [at for mark, at in change.sets.items() if Mark.OPENED in (mark, *IMPLIES[mark])]
        return Mark.ARCHIVED in change.sets or any(at >= self.snoozed_at for at in read)

    def marked(self, mark: Mark, at: datetime) -> ItemState:
        """The state with one mark set, at its earliest known time."""
        known: datetime | None = getattr(self, mark.value)
        return self if known is not None and known <= at else replace(self, **{mark.value: at})


@dataclass(frozen=True)
class Counters:
    """How many items of a person are in each group.

    Attributes:
        active: Neither archived nor snoozed.
        unread: Active and not opened.
        unseen: Never shown; drives the badge.
        archived: Archived.
        saved: Saved, wherever it is.
        snoozed: Snoozed and not archived.
    """

    active: int = 0
    unread: int = 0
    unseen: int = 0
    archived: int = 0
    saved: int = 0
    snoozed: int = 0

    @classmethod
    def of(cls, state: ItemState) -> Counters:
        """What one item in ``state`` adds."""
        snoozed = state.snoozed is not None and state.archived is None
        active = state.archived is None and not snoozed
        return cls(
            active=int(active),
            unread=int(active and state.unread),
            unseen=int(state.seen is None),
            archived=int(state.archived is not None),
            saved=int(state.saved is not None),
            snoozed=int(snoozed),
        )

    def __add__(self, other: Counters) -> Counters:
        return self.plus(other, 1)

    def __mul__(self, times: int) -> Counters:
        return Counters().plus(self, times)

    def __sub__(self, other: Counters) -> Counters:
        return self.plus(other, -1)

    def plus(self, other: Counters, times: int) -> Counters:
        """These and so many times the others."""
        return Counters(*(getattr(self, n) + times * getattr(other, n) for n in COUNTERS))


COUNTERS = tuple(each.name for each in fields(Counters))


@dataclass(frozen=True)
class InboxState:
    """A person's change number and counters."""

    change: int = 0
    counters: Counters = field(default_factory=Counters)
