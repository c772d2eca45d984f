"""Repository of what changed in inboxes, read for many of them at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

import orjson
from sqlalchemy import ARRAY, BigInteger, ColumnElement, FromClause, bindparam, func, select

from inbox_app.domain.item_state import COUNTERS, Counters, InboxState
from inbox_app.domain.notification import InboxItem
from inbox_app.storage.engine import Transaction
from inbox_app.storage.item_rows import ITEMS, SELECT_ITEMS, item_from
from inbox_app.storage.statements import Whole
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.inbox import InboxStateRow

STATES = table(InboxStateRow)


async def states(tx: Transaction, user_ids: Collection[int]) -> dict[int, InboxState]:
    """Change numbers and counters of people (internal keys); of all who are named."""
    rows = await _STATES.rows(tx, {"users": list(user_ids)})
    found = {
        row["user_id"]: InboxState(
            row["change"], Counters(**{name: row[name] for name in COUNTERS})
        )
        for row in rows
    }
    return dict.fromkeys(user_ids, InboxState()) | found


async def items(tx: Transaction, known: Mapping[int, int], limit: int) -> list[InboxItem]:
    """Items that changed, in no order; at most ``limit`` of all together.

    Args:
        known: Per user (internal key), the change number above which theirs are wanted.
    """
    if not known:
        return []
    statement, asked = _asked(tx.dialect.name), _parameters(tx.dialect.name, known)
    return [item_from(row) for row in await statement.rows(tx, {**asked, "most": limit})]


_STATES = Whole(select(STATES).where(STATES.c.user_id.in_(bindparam("users", expanding=True))))


@cache
def _asked(dialect: str) -> Whole:
    """A statement that is the same for any number of people, so it is prepared once."""
    asked, user_id, change = _places(dialect)
    query = SELECT_ITEMS.join(asked, (ITEMS.c.user_id == user_id) & (ITEMS.c.change > change))
    return Whole(query.limit(bindparam("most")))


def _places(dialect: str) -> tuple[FromClause, ColumnElement[int], ColumnElement[int]]:
    """Who asks, as a table: each person with the change number they are at."""
    if dialect == "sqlite":
        asked = func.json_each(bindparam("asked")).table_valued("value", name="asked")
        user_id, change = (func.json_extract(asked.c.value, f"$[{n}]") for n in (0, 1))
        return asked, user_id, change
    numbers = ARRAY(BigInteger)
    asked = (
        func.unnest(bindparam("users", type_=numbers), bindparam("changes", type_=numbers))
        .table_valued("user_id", "change", name="asked")
        .render_derived()
    )
    return asked, asked.c.user_id, asked.c.change


def _parameters(dialect: str, known: Mapping[int, int]) -> dict[str, Any]:
    if dialect == "sqlite":
        return {"asked": orjson.dumps(list(known.items())).decode()}
    return {"users": list(known), "changes": list(known.values())}
