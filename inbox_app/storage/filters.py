"""Repository of saved filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select, update

from inbox_app.domain import inbox_filter
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.storage.engine import Transaction
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.personal import SavedFilterRow

FILTERS = table(SavedFilterRow)


@dataclass(frozen=True)
class SavedFilter:
    """A part of an inbox that its owner gave a name."""

    id: str
    name: str
    chosen: InboxFilter


async def of_person(tx: Transaction, user_id: int) -> list[SavedFilter]:
    """A person's filters, in the order they want."""
    rows = await tx.execute(
        select(FILTERS).where(FILTERS.c.user_id == user_id).order_by(FILTERS.c.place, FILTERS.c.id)
    )
    return [SavedFilter(row.id, row.name, inbox_filter.from_document(row.chosen)) for row in rows]


async def add(tx: Transaction, user_id: int, place: int, saved: SavedFilter) -> None:
    chosen = inbox_filter.as_document(saved.chosen)
    values = {"user_id": user_id, "id": saved.id, "name": saved.name, "place": place}
    await tx.execute(insert(FILTERS).values(**values, chosen=chosen))


async def rename(tx: Transaction, user_id: int, filter_id: str, name: str) -> None:
    mine = (FILTERS.c.user_id == user_id, FILTERS.c.id == filter_id)
    await tx.execute(update(FILTERS).where(*mine).values(name=name))


async def arrange(tx: Transaction, user_id: int, ids: Sequence[str]) -> None:
    """Puts a person's filters in this order."""
    mine = (FILTERS.c.user_id == user_id, FILTERS.c.id == bindparam("key"))
    places = [{"key": each, "nth": place} for place, each in enumerate(ids)]
    if places:
        await tx.execute(update(FILTERS).where(*mine).values(place=bindparam("nth")), places)


async def remove(tx: Transaction, user_id: int, filter_id: str) -> None:
    mine = (FILTERS.c.user_id == user_id, FILTERS.c.id == filter_id)
    await tx.execute(delete(FILTERS).where(*mine))
