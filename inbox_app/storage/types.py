"""Repository of notification types."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, select, update

from inbox_app.domain import type_rules
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.template import Mode, Template
from inbox_app.storage.engine import Transaction
from inbox_app.storage.statements import crossing, halves, upsert
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.types import NotificationTypeRow, TemplateRow

TYPES, TEMPLATES = table(NotificationTypeRow), table(TemplateRow)
NO_RULES: Mapping[str, Any] = {}
Key = tuple[int, str]
"""Environment id and name."""
UNSENDABLE = 300
"""Characters of a deleted type's name in the unique index; more than any sender may use."""


async def find_many(tx: Transaction, keys: Collection[Key]) -> dict[Key, NotificationType]:
    """The known ones among ``keys``, in one query."""
    rows = await tx.execute(_FIND, halves(keys))
    found = ((t.environment_id, t.name, t) for t in map(_type, rows.mappings()))
    return {(place, name): kind for place, name, kind in found if (place, name) in keys}


async def find(
    tx: Transaction, environment_id: int, name: str, *, to_change: bool = False
) -> NotificationType | None:
    """The type of that name; locked against other changes, not against sends, when asked."""
    query = select(TYPES).where(
        TYPES.c.environment_id == environment_id, TYPES.c.name == name, _ALIVE
    )
    if to_change:
        query = query.with_for_update(key_share=True)
    row = (await tx.execute(query)).mappings().first()
    return _type(row) if row else None


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
            "rules": type_rules.as_document(each) or None,
            "created_at": now,
        }
        for each in types
    ]
    if values:
        await tx.execute(upsert(tx.dialect.name, TYPES).on_conflict_do_nothing(), values)


async def by_ids(tx: Transaction, ids: Collection[int]) -> dict[int, NotificationType]:
    rows = await tx.execute(select(TYPES).where(TYPES.c.id.in_(list(ids))))
    return {row["id"]: _type(row) for row in rows.mappings()}


async def of_environment(tx: Transaction, environment_id: int) -> list[NotificationType]:
    """Every type of an environment, by name."""
    rows = await tx.execute(
        select(TYPES).where(TYPES.c.environment_id == environment_id, _ALIVE).order_by(TYPES.c.name)
    )
    return [_type(row) for row in rows.mappings()]


async def ever_of(tx: Transaction, environment_id: int) -> list[NotificationType]:
    """Every type an environment has, or had: notifications of deleted ones are still there."""
    rows = await tx.execute(select(TYPES).where(TYPES.c.environment_id == environment_id))
    return [_type(row) for row in rows.mappings()]


async def ids_ever_of(tx: Transaction, environment_id: int) -> list[int]:
    """The keys of the same."""
    rows = await tx.execute(select(TYPES.c.id).where(TYPES.c.environment_id == environment_id))
    return list(rows.scalars())


async def save(tx: Transaction, kind: NotificationType) -> None:
    """Writes a known type."""
    await tx.execute(
        update(TYPES)
        .where(TYPES.c.id == kind.id)
        .values(
            title=kind.title,
            channels=list(kind.channels),
            enabled=kind.enabled,
            rules=type_rules.as_document(kind) or None,
        )
    )


async def bury(tx: Transaction, type_id: int) -> None:
    """Deletes a type: its name is free again.

    The row and its templates stay for the notifications that refer to them.
    """
    await tx.execute(
        update(TYPES)
        .where(TYPES.c.id == type_id)
        .values(former_name=TYPES.c.name, name=f"deleted {type_id} ".ljust(UNSENDABLE, "-"))
    )


async def templates(tx: Transaction, type_ids: Collection[int]) -> list[Template]:
    """The templates of these types, by name."""
    rows = await tx.execute(
        select(TEMPLATES)
        .where(TEMPLATES.c.type_id.in_(list(type_ids)))
        .order_by(TEMPLATES.c.type_id, TEMPLATES.c.channel, TEMPLATES.c.name)
    )
    return [_template(row) for row in rows.mappings()]


async def put_template(tx: Transaction, template: Template) -> None:
    """Stores a template, in place of the one of its name."""
    statement = upsert(tx.dialect.name, TEMPLATES).values(
        type_id=template.type_id,
        channel=template.channel.value,
        name=template.name,
        content=dict(template.content),
        default_for=sorted(template.default_for),
        created_at=template.created_at,
        updated_at=template.updated_at,
    )
    changed = {n: statement.excluded[n] for n in ("content", "default_for", "updated_at")}
    keys = ["type_id", "channel", "name"]
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


async def remove_template(tx: Transaction, template: Template) -> None:
    await tx.execute(
        delete(TEMPLATES).where(
            TEMPLATES.c.type_id == template.type_id,
            TEMPLATES.c.channel == template.channel.value,
            TEMPLATES.c.name == template.name,
        )
    )


_ALIVE = TYPES.c.former_name.is_(None)
_FIND = select(TYPES).where(crossing(TYPES.c.environment_id, TYPES.c.name), _ALIVE)


def _type(row: RowMapping) -> NotificationType:
    return NotificationType(
        id=row["id"],
        environment_id=row["environment_id"],
        name=row["former_name"] or row["name"],
        title=row["title"],
        channels=tuple(Channel(name) for name in row["channels"]),
        enabled=row["enabled"],
        **type_rules.from_document(row["rules"] or NO_RULES),
    )


def _template(row: RowMapping) -> Template:
    return Template(
        type_id=row["type_id"],
        channel=Channel(row["channel"]),
        name=row["name"],
        content=row["content"],
        default_for=frozenset(Mode(each) for each in row["default_for"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
