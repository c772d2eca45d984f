"""States of an inbox item: which exist, what implies what, and how reports move them.

Each state is a time or empty. Reports may come late, twice or out of order and end alike: a set
state stays set and keeps its earliest time. Only the person's own "mark unread", "restore" or
"undo" clears one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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


# Who acts on an item has seen it, and who follows or answers it has read it. Without this the
# badge would count items that are no longer listed anywhere as new.
IMPLIES: Mapping[Mark, tuple[Mark, ...]] = {
    Mark.SEEN: (),
    Mark.OPENED: (Mark.SEEN,),
    Mark.CLICKED: (Mark.OPENED, Mark.SEEN),
    Mark.ARCHIVED: (Mark.SEEN,),
    Mark.ACTIONED1: (Mark.OPENED, Mark.SEEN),
    Mark.ACTIONED2: (Mark.OPENED, Mark.SEEN),
}

CLEARABLE = frozenset({Mark.OPENED, Mark.ARCHIVED})
"""Marks that a person can take back: mark unread, restore."""


@dataclass(frozen=True)
class StateChange:
    """What a report or a click asks for.

    Attributes:
        sets: Marks to set, each with the time it happened.
        clears: Marks the person takes back.
    """

    sets: Mapping[Mark, datetime] = field(default_factory=dict[Mark, datetime])
    clears: frozenset[Mark] = frozenset()


@dataclass(frozen=True)
class ItemState:
    """When each thing first happened; None: it did not."""

    seen: datetime | None = None
    opened: datetime | None = None
    clicked: datetime | None = None
    archived: datetime | None = None
    actioned1: datetime | None = None
    actioned2: datetime | None = None

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
        return state

    def marked(self, mark: Mark, at: datetime) -> ItemState:
        """The state with one mark set, at its earliest known time."""
        known: datetime | None = getattr(self, mark.value)
        return self if known is not None and known <= at else replace(self, **{mark.value: at})


@dataclass(frozen=True)
class Counters:
    """How many items of a person are in each group.

    Attributes:
        active: Not archived.
        unread: Not archived and not opened.
        unseen: Never shown, archived or not; drives the badge.
        archived: Archived.
    """

    active: int = 0
    unread: int = 0
    unseen: int = 0
    archived: int = 0

    @classmethod
    def of(cls, state: ItemState) -> Counters:
        """What one item in ``state`` adds."""
        active = state.archived is None
        return cls(
            active=int(active),
            unread=int(active and state.unread),
            unseen=int(state.seen is None),
            archived=int(not active),
        )

    def __add__(self, other: Counters) -> Counters:
        return Counters(
            self.active + other.active,
            self.unread + other.unread,
            self.unseen + other.unseen,
            self.archived + other.archived,
        )

    def __mul__(self, times: int) -> Counters:
        return Counters(
            self.active * times, self.unread * times, self.unseen * times, self.archived * times
        )

    def __sub__(self, other: Counters) -> Counters:
        return Counters(
            self.active - other.active,
            self.unread - other.unread,
            self.unseen - other.unseen,
            self.archived - other.archived,
        )


@dataclass(frozen=True)
class InboxState:
    """A person's change number and counters."""

    change: int = 0
    counters: Counters = field(default_factory=Counters)
