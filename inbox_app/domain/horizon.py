"""How far ahead anything is planned."""

from __future__ import annotations

from datetime import datetime, timedelta

FARTHEST_YEARS = 10
FARTHEST = timedelta(days=3_653)
"""Ten years, with the leap days that they may have."""


def within_horizon(moment: datetime, now: datetime) -> bool:
    """Whether a moment is near enough to be planned for; the past is."""
    # Compared without adding: nothing leaves what a datetime holds.
    return moment - now <= FARTHEST
