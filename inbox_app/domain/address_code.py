"""Codes by which a person proves that an address is theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DIGITS = 6
LIFE = timedelta(minutes=10)
MOST_TRIES = 5
PERIOD = timedelta(hours=1)
MOST_BY_PERSON = 5
"""Codes that one person can ask for in a `PERIOD`, to whatever addresses."""
MOST_TO_ADDRESS = 3
"""Codes that go to one address in a `PERIOD`, whoever asks."""
REST = timedelta(seconds=30)
"""Between two codes to one address."""


class AddressKind(StrEnum):
    """Addresses that people type in."""

    EMAIL = "email"
    NUMBER = "number"


@dataclass(frozen=True)
class AddressCode:
    """A code that is on its way, or was.

    Attributes:
        code_hash: Of the code, with a key that is not in the database.
        tries: How many wrong codes were entered.
        ended_at: When it was used, cancelled or took the last try; None while it counts.
    """

    id: int
    environment_id: int
    user_id: int
    kind: AddressKind
    address: str
    code_hash: str
    made_at: datetime
    tries: int = 0
    ended_at: datetime | None = None

    @property
    def expires_at(self) -> datetime:
        return self.made_at + LIFE

    @property
    def again_at(self) -> datetime:
        """From when on another one can be sent."""
        return self.made_at + REST
