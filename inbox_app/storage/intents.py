"""Repository of when people last decided on states of items (`domain.late`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, select

from inbox_app.storage.engine import Transaction
from inbox_app.storage.statements import upsert
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.personal import IntentRow

INTENTS = table(IntentRow)


async def note(tx: Transaction, names: Mapping[str, Collection[str]], at: datetime) -> None:
    """Keeps that fields of items were decided on; what was later stays.

    Args:
        names: Fields by tracking id. Lock the inbox of their owner before.
    """
    rows = [
        {"tracking_id": tracking_id, "field": field, "at": at}
        for tracking_id, fields in names.items()
        for field in fields
    ]
    if not rows:
        return
    statement = upsert(tx.dialect.name, INTENTS)
    newer = statement.excluded.at
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["tracking_id", "field"],
            set_={"at": newer},
            where=newer > INTENTS.c.at,
        ),
        rows,
    )


async def of_items(tx: Transaction, ids: Collection[str]) -> dict[str, dict[str, datetime]]:
    """When each field was last decided on, by tracking id; without items of which none was."""
    query = select(INTENTS).where(INTENTS.c.tracking_id.in_(list(ids)))
    found: dict[str, dict[str, datetime]] = {}
    for row in await tx.execute(query):
        found.setdefault(row.tracking_id, {})[row.field] = row.at
    return found


async def forget(tx: Transaction, before: datetime) -> None:
    await tx.execute(delete(INTENTS).where(INTENTS.c.at <= before))
