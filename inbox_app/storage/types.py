"""Repository of notification types."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import RowMapping, select

from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.storage.engine import Transaction
from inbox_app.storage.statements import crossing, halves, upsert
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.types import NotificationTypeRow

TYPES = table(NotificationTypeRow)
Key = tuple[int, str]
"""Environment id and name."""


async def find_many(tx: Transaction, keys: Collection[Key]) -> dict[Key, NotificationType]:
    """The known ones among ``keys``, in one query."""
    rows = await tx.execute(_FIND, halves(keys))
    found = ((t.environment_id, t.name, t) for t in map(_type, rows.mappings()))
    return {(place, name): kind for place, name, kind in found if (place, name) in keys}


async def add_missing(tx: Transaction, types: Iterable[NotificationType], now: datetime) -> None:
    """Stores new types; one that another process stored meanwhile is left as it is."""
    values = [
        {
            "id": each.id,
            "environment_id": each.environment_id,
            "name": each.name,
            "title": each.title,
            "channels": list(each.channels),
            "enabled": each.enabled,
            "created_at": now,
        }
        for each in types
    ]
    if values:
        await tx.execute(upsert(tx.dialect.name, TYPES).on_conflict_do_nothing(), values)


_FIND = select(TYPES).where(crossing(TYPES.c.environment_id, TYPES.c.name))


def _type(row: RowMapping) -> NotificationType:
    return NotificationType(
        id=row["id"],
        environment_id=row["environment_id"],
        name=row["name"],
        title=row["title"],
        channels=tuple(Channel(name) for name in row["channels"]),
        enabled=row["enabled"],
    )
