"""Repository of inbox items and the per-user state row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Table,
    bindparam,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert

from inbox_app.domain.feed import SHELVES, Box, Cursor, Shelf
from inbox_app.domain.item_state import COUNTERS, Counters, InboxState, ItemState
from inbox_app.domain.notification import InAppContent, InboxItem, OpenBatch, Planned
from inbox_app.storage import users
from inbox_app.storage.engine import Transaction
from inbox_app.storage.item_rows import (
    ITEMS,
    NEW_ITEMS,
    NOTIFICATIONS,
    SELECT_ITEMS,
    STATE_COLUMNS,
    TYPES,
    content_values,
    item_from,
    new_item,
    state_from,
)
from inbox_app.storage.statements import Bulk, Upsert, insert_together, upsert
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.inbox import InboxStateRow
from inbox_app.storage.tables.users import UserRow

STATES, USERS = table(InboxStateRow), table(UserRow)


async def state(tx: Transaction, user_id: int) -> InboxState:
    """A person's change number and counters; zeros before the first item."""
    rows = await tx.execute(select(STATES).where(STATES.c.user_id == user_id))
    row = rows.mappings().first()
    if row is None:
        return InboxState()
    return InboxState(row["change"], Counters(**{name: row[name] for name in COUNTERS}))


async def lock(tx: Transaction, user_id: int) -> InboxState:
    """The state, locked against other writers of this inbox until the transaction ends."""
    if tx.dialect.name != "sqlite":
        # What is stored under the lock may refer to the person, and people come first.
        await users.keep(tx, user_id)
    row = select(STATES.c.user_id).where(STATES.c.user_id == user_id).with_for_update()
    if (await tx.execute(row)).first() is None:
        # What is not there cannot be locked, and the first item may arrive at this moment.
        zeros = (literal(0) for _ in range(1 + len(COUNTERS)))
        known = select(USERS.c.id, *zeros).where(USERS.c.id == user_id)
        new = upsert(tx.dialect.name, STATES).from_select(["user_id", "change", *COUNTERS], known)
        await tx.execute(new.on_conflict_do_nothing())
        await tx.execute(row)
    return await state(tx, user_id)


async def lock_many(tx: Transaction, user_ids: Collection[int]) -> None:
    """Locks several people's states as `lock` does one; those that are missing are made."""
    # As if to move them on by nothing, and so in the order of those who do.
    await advance(tx, dict.fromkeys(user_ids, (0, Counters())))


async def advance(
    tx: Transaction,
    steps: Mapping[int, tuple[int, Counters]],
    known: Mapping[int, int] | None = None,
) -> dict[int, int]:
    """Moves change numbers and counters on.

    Args:
        steps: Per user (internal key), by how much the change number and the counters grow.
        known: The change number of each user as this transaction found it, when nobody else can
            move it on meanwhile. Then nothing has to be waited for.

    Returns:
        The new change number of each user.
    """
    if not steps:
        return {}
    if known is not None:
        rows = (
            (user_id, by, *vars(counters).values()) for user_id, (by, counters) in steps.items()
        )
        await insert_together(tx, (_STEPS, rows))
        return {user_id: known[user_id] + by for user_id, (by, _) in steps.items()}
    # Sorted, so that two processes that lock several rows never wait for each other in a circle.
    values = [
        {"user_id": user_id, "change": by, **vars(counters)}
        for user_id, (by, counters) in sorted(steps.items())
    ]
    # Handed over beside the statement: one that holds its values is compiled anew for each group.
    rows = await tx.execute(_growing(tx.dialect.name), values)
    return {row.user_id: row.change for row in rows}


def _adding(dialect: str) -> Upsert:
    """Makes state rows, or adds to those that are there."""
    statement = upsert(dialect, STATES)
    grown = {name: STATES.c[name] + statement.excluded[name] for name in ("change", *COUNTERS)}
    return statement.on_conflict_do_update(index_elements=["user_id"], set_=grown)


@cache
def _growing(dialect: str) -> ReturningInsert[int, int]:
    return _adding(dialect).returning(STATES.c.user_id, STATES.c.change)


_STEPS = Bulk(STATES, "user_id", "change", *COUNTERS, upsert=_adding)


async def page(
    tx: Transaction, user_id: int, box: Box, before: Cursor | None, limit: int
) -> list[InboxItem]:
    """A page of the feed, newest first, starting just after the cursor.

    A box is merged from its shelves, each read in the order of its index and no further than the
    page: the cost does not depend on how much stands on any of them.
    """
    newest = newest_of(user_id, box, before, limit).subquery("page")
    found = await _items(
        tx, SELECT_ITEMS.where(ITEMS.c.tracking_id.in_(select(newest.c.tracking_id)))
    )
    return _sorted(found)


def newest_of(
    user_id: int, box: Box, before: Cursor | None, limit: int, *more: ColumnElement[Any]
) -> Select[Any]:
    """Date and id of the newest items of a box, newest first, and ``more`` of their columns."""
    if box is Box.SAVED:
        return _newest(user_id, ITEMS.c.saved.is_not(None), before, limit, *more)
    shelves = [
        _newest(user_id, ITEMS.c.shelf == shelf, before, limit, *more).subquery(f"shelf_{shelf:d}")
        for shelf in SHELVES[box]
    ]
    merged = union_all(*(shelf.select() for shelf in shelves)).subquery("shelves")
    return merged.select().order_by(*_newest_first(merged)).limit(limit)


def _newest(
    user_id: int,
    where: ColumnElement[bool],
    before: Cursor | None,
    limit: int,
    *more: ColumnElement[Any],
) -> Select[Any]:
    query = select(ITEMS.c.at, ITEMS.c.tracking_id, *more).where(ITEMS.c.user_id == user_id, where)
    if before is not None:
        place = tuple_(ITEMS.c.at, ITEMS.c.tracking_id)
        query = query.where(
            place < tuple_(bindparam(None, before.at, ITEMS.c.at.type), before.tracking_id)
        )
    return query.order_by(*_newest_first(ITEMS)).limit(limit)


async def get_many(tx: Transaction, user_id: int, ids: Collection[str]) -> list[InboxItem]:
    """Those of the named items that are this person's, newest first."""
    query = SELECT_ITEMS.where(ITEMS.c.user_id == user_id, ITEMS.c.tracking_id.in_(list(ids)))
    return _sorted(await _items(tx, query))


async def save_states(
    tx: Transaction, states: Iterable[tuple[str, ItemState]], change: int
) -> None:
    """Writes the states of items, all under one change number."""
    values = [{"key": tracking_id, **vars(each)} for tracking_id, each in states]
    if not values:
        return
    columns: dict[str, Any] = {name: bindparam(name) for name in STATE_COLUMNS}
    await tx.execute(
        update(ITEMS)
        .where(ITEMS.c.tracking_id == bindparam("key"))
        .values({**columns, "change": change}),
        values,
    )


async def raise_items(tx: Transaction, ids: Collection[str], at: datetime) -> None:
    """Puts items at the top of their lists: their date becomes ``at``."""
    if ids:
        await tx.execute(update(ITEMS).where(ITEMS.c.tracking_id.in_(list(ids))).values(at=at))


async def first_to_wake(tx: Transaction) -> datetime | None:
    """When the next snoozed item of anybody comes back."""
    found = select(func.min(ITEMS.c.snoozed)).where(ITEMS.c.snoozed.is_not(None))
    return await tx.scalar(found)


async def sleepers(tx: Transaction, now: datetime, most: int) -> list[int]:
    """People (internal keys) who have snoozed items whose time has come."""
    due = (
        select(ITEMS.c.user_id)
        .where(ITEMS.c.snoozed.is_not(None), ITEMS.c.snoozed <= now)
        .order_by(ITEMS.c.snoozed)
        .limit(most)
    )
    return sorted(set((await tx.execute(due)).scalars()))


async def due_items(tx: Transaction, user_id: int, now: datetime, most: int) -> list[InboxItem]:
    """Snoozed items of a person whose time has come, the longest due first."""
    query = SELECT_ITEMS.where(
        ITEMS.c.user_id == user_id, ITEMS.c.snoozed.is_not(None), ITEMS.c.snoozed <= now
    )
    return await _items(tx, query.order_by(ITEMS.c.snoozed).limit(most))


async def archived_since(tx: Transaction, user_id: int, since: datetime) -> int:
    """How many items were archived since then, and still are."""
    query = select(func.count()).where(
        ITEMS.c.user_id == user_id, ITEMS.c.archived.is_not(None), ITEMS.c.archived >= since
    )
    return await tx.scalar(query) or 0


async def see_all(
    tx: Transaction, user_id: int, at: datetime, change: int, type_name: str | None = None
) -> int:
    """Marks every unseen item as seen, of one type when it is named; how many there were."""
    where = [ITEMS.c.user_id == user_id, ITEMS.c.shelf == Shelf.NEW]
    if type_name is not None:
        place = select(USERS.c.environment_id).where(USERS.c.id == user_id).scalar_subquery()
        named = select(TYPES.c.id).where(
            TYPES.c.environment_id == place,
            or_(TYPES.c.name == type_name, TYPES.c.former_name == type_name),
        )
        where.append(ITEMS.c.type_id.in_(named))
    done = await tx.execute(update(ITEMS).where(*where).values(seen=at, change=change))
    return done.rowcount


async def open_batches(
    tx: Transaction, user_ids: Collection[int], keys: Collection[str]
) -> list[OpenBatch]:
    """Unread items that stand for several notifications, or for the first of some.

    Lock the people's states before (`lock_many`): whoever changes an item does, and who begins one
    must be alone with it.
    """
    columns = ITEMS.c
    rows = await tx.execute(
        select(
            *(columns.tracking_id, columns.user_id, columns.batch, columns.at, columns.title),
            *(columns.batched, columns.batch_size),
            *(columns[name] for name in STATE_COLUMNS),
        )
        .where(
            columns.user_id.in_(list(user_ids)),
            columns.batch.in_(list(keys)),
            columns.batch.is_not(None),
            # A new event brings back what was snoozed, read or not.
            or_(columns.opened.is_(None), columns.snoozed.is_not(None)),
            columns.archived.is_(None),
        )
        .order_by(columns.at)
    )
    return [
        OpenBatch(
            *(row["tracking_id"], row["user_id"], row["batch"], row["at"], row["title"]),
            *(state_from(row), row["batched"] or ()),
            row["batch_size"] or len(row["batched"] or ()),
        )
        for row in rows.mappings()
    ]


async def merge(tx: Transaction, batch: OpenBatch, content: InAppContent, change: int) -> None:
    """Lets an item say what several notifications say; it is new again."""
    await tx.execute(
        update(ITEMS)
        .where(ITEMS.c.tracking_id == batch.tracking_id)
        .values(
            at=batch.at,
            change=change,
            **content_values(content),
            parameters=dict(batch.batched[-1]) or None,
            batched=list(batch.batched),
            batch_size=batch.size,
            **vars(batch.state),
        )
    )


async def states(tx: Transaction, ids: Collection[str]) -> dict[str, ItemState]:
    """The states of the items of the named notifications, own ones or those they are part of.

    One that stands in no inbox is left out.
    """
    told, columns = NOTIFICATIONS.c, [ITEMS.c[name] for name in STATE_COLUMNS]
    item = func.coalesce(told.part_of, told.tracking_id)
    rows = await tx.execute(
        select(told.tracking_id, *columns)
        .join(ITEMS, ITEMS.c.tracking_id == item)
        .where(told.tracking_id.in_(list(ids)))
    )
    return {row["tracking_id"]: state_from(row) for row in rows.mappings()}


async def add_items(tx: Transaction, items: Sequence[tuple[Planned, int]]) -> None:
    """Stores items of notifications that were kept before, each with its change number."""
    await insert_together(tx, (NEW_ITEMS, [new_item(each, change) for each, change in items]))


def _newest_first(items: Table | Subquery) -> tuple[ColumnElement[Any], ...]:
    return items.c.at.desc(), items.c.tracking_id.desc()


async def _items(tx: Transaction, query: Select[Any]) -> list[InboxItem]:
    rows = await tx.execute(query)
    return [item_from(row) for row in rows.mappings()]


def _sorted(items: Iterable[InboxItem]) -> list[InboxItem]:
    return sorted(items, key=lambda item: (item.at, item.tracking_id), reverse=True)
