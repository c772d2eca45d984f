"""The feed: its boxes and its cursor."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum

from inbox_app.domain.errors import InvalidInput
from inbox_app.lib import ids

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_CURSOR = 200


class Box(StrEnum):
    """The lists an inbox is read in."""

    ALL = "all"
    """Everything that is neither archived nor snoozed."""
    UNREAD = "unread"
    """Of all, what is not opened."""
    SAVED = "saved"
    """Saved, wherever it is."""
    SNOOZED = "snoozed"
    """Out of sight until its time comes."""
    ARCHIVED = "archived"
    """Archived."""
    EVERYTHING = "everything"
    """Archived or not: what the native API lists."""


class Shelf(IntEnum):
    """Where an item stands by its states: archived, else snoozed, else read, unread or new."""

    NEW = 0
    """Not seen, so nothing else was done with it either (`item_state.IMPLIES`)."""
    UNREAD = 1
    READ = 2
    ARCHIVED = 3
    SNOOZED = 4


SHELVES: Mapping[Box, tuple[Shelf, ...]] = {
    Box.ALL: (Shelf.NEW, Shelf.UNREAD, Shelf.READ),
    Box.UNREAD: (Shelf.NEW, Shelf.UNREAD),
    Box.ARCHIVED: (Shelf.ARCHIVED,),
    Box.SNOOZED: (Shelf.SNOOZED,),
    Box.EVERYTHING: tuple(Shelf),
}
"""The shelves that make up each box; what is saved may stand on any of them."""


@dataclass(frozen=True)
class Cursor:
    """A place in the feed: just after the item with this date and id, newest first.

    Attributes:
        at: The item's date.
        tracking_id: The item's id; "" stands before all items of that date.
    """

    at: datetime
    tracking_id: str = ""

    def encode(self) -> str:
        """An opaque, URL-safe text."""
        plain = f"{micros(self.at)}/{self.tracking_id}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Reads what `encode` made.

        Raises:
            InvalidInput: the text was not made here.
        """
        if len(text) <= MAX_CURSOR:
            # binascii.Error and UnicodeError are ValueErrors.
            with suppress(ValueError):
                padded = text + "=" * (-len(text) % 4)
                plain = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
                moment, _, tracking_id = plain.partition("/")
                if "\0" not in tracking_id:
                    return cls(from_micros(int(moment)), tracking_id)
        raise _foreign()

    def key(self) -> int:
        """The id of a place in the index of a search, which is a number.

        Raises:
            InvalidInput: it is none.
        """
        key = ids.read(self.tracking_id)
        if key is None:
            raise _foreign()
        return key


def _foreign() -> InvalidInput:
    return InvalidInput(
        "The cursor is not one this server gave out.", fix="Start again from the first page."
    )


def micros(moment: datetime) -> int:
    """Whole microseconds since 1970, exact (a float timestamp is not)."""
    delta = moment - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_micros(value: int) -> datetime:
    """The moment `micros` counted.

    Raises:
        ValueError: outside the years 1 to 9999.
    """
    try:
        return EPOCH + timedelta(microseconds=value)
    except OverflowError as error:
        raise ValueError(f"{value} is not a moment") from error
