"""How far ahead a moment that somebody names may lie."""

from __future__ import annotations

from datetime import datetime, timedelta

from inbox_app.domain.errors import InvalidInput

FURTHEST = timedelta(days=3653)
"""Ten years: more is a mistake, and leads out of the calendar once zones and days are added."""


def within(name: str, at: datetime, now: datetime) -> datetime:
    """The moment, when it is not too far ahead.

    Args:
        name: What the sender calls it.

    Raises:
        InvalidInput: it is more than `FURTHEST` ahead.
    """
    if at - now > FURTHEST:
        raise InvalidInput(
            f"{name} is more than ten years ahead.", fix="Name a moment in the next ten years."
        )
    return at
