"""Repository of the history of preferences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select

from inbox_app.domain.preference import Change
from inbox_app.lib import ids
from inbox_app.storage.engine import Transaction
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.preferences import PreferenceChangeRow

CHANGES = table(PreferenceChangeRow)


async def add(
    tx: Transaction, user_id: int, at: datetime, by: str, changes: Sequence[Change]
) -> None:
    """Adds what somebody changed at one time.

    Args:
        by: Who changed it: ``user``, ``application``, or one of `domain.unsubscribing`.
    """
    row = {"id": ids.ordered_id(), "user_id": user_id, "at": at, "by": by}
    await tx.execute(insert(CHANGES).values(**row, changes=[vars(each) for each in changes]))


async def latest(
    tx: Transaction, user_id: int, most: int
) -> list[tuple[datetime, str, list[Change]]]:
    """When, by whom and what was changed, the latest first."""
    rows = await tx.execute(
        select(CHANGES)
        .where(CHANGES.c.user_id == user_id)
        .order_by(CHANGES.c.id.desc())
        .limit(most)
    )
    return [(row.at, row.by, [Change(**each) for each in row.changes]) for row in rows]
