"""Repository of the history of preferences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, insert, select

from inbox_app.domain.preference import Change
from inbox_app.lib import ids
from inbox_app.storage.engine import Transaction
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.preferences import PreferenceChangeRow

CHANGES = table(PreferenceChangeRow)


@dataclass(frozen=True)
class Entry:
    """What somebody changed at one time.

    Attributes:
        by: Who changed it: ``user``, ``application``, or one of `domain.unsubscribing`.
    """

    id: int
    at: datetime
    by: str
    changes: Sequence[Change]


async def add(
    tx: Transaction, user_id: int, at: datetime, by: str, changes: Sequence[Change]
) -> Entry:
    """Adds what somebody changed at one time."""
    entry = Entry(ids.ordered_id(), at, by, changes)
    row = {"id": entry.id, "user_id": user_id, "at": at, "by": by}
    await tx.execute(insert(CHANGES).values(**row, changes=[vars(each) for each in changes]))
    return entry


async def latest(
    tx: Transaction, user_id: int, most: int, before: int | None = None
) -> list[Entry]:
    """A person's entries, the latest first.

    Args:
        before: The id of the last one of the page before.
    """
    query = select(CHANGES).where(CHANGES.c.user_id == user_id)
    if before is not None:
        query = query.where(CHANGES.c.id < before)
    rows = await tx.execute(query.order_by(CHANGES.c.id.desc()).limit(most))
    return [_entry(row) for row in rows.mappings()]


async def find(tx: Transaction, user_id: int, entry_id: int) -> Entry | None:
    rows = await tx.execute(
        select(CHANGES).where(CHANGES.c.user_id == user_id, CHANGES.c.id == entry_id)
    )
    row = rows.mappings().first()
    return _entry(row) if row else None


def _entry(row: RowMapping) -> Entry:
    changes = [Change(**each) for each in row["changes"]]
    return Entry(row["id"], row["at"], row["by"], changes)
