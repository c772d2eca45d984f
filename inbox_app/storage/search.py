"""Repository of the full-text index of inboxes."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Select,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
)
from sqlalchemy.sql.elements import TextClause

from inbox_app.domain.feed import Box, Cursor, micros
from inbox_app.domain.item_state import ItemState
from inbox_app.domain.notification import InboxItem
from inbox_app.domain.search import Phrase
from inbox_app.domain.search_words import BREAK
from inbox_app.storage import inbox
from inbox_app.storage.engine import Transaction
from inbox_app.storage.item_rows import ITEMS, SELECT_ITEMS, STATE_COLUMNS, item_from
from inbox_app.storage.statements import upsert
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.searching import SearchDocumentRow, SearchMarkRow

DOCUMENTS, MARKS = table(SearchDocumentRow), table(SearchMarkRow)
SLOT_BITS = 11
"""Of a document's key, below the microseconds of its date."""
LAST_KEY = 2**63 - 1
NEAREST = (300, 3_000)
"""Newest documents that PostgreSQL looks through, while words seem frequent, before its index."""


@dataclass(frozen=True)
class Spot:
    """An item as a walk through the inbox meets it.

    Attributes:
        place: Where to go on after it.
        replies: How many replies its thread holds.
    """

    tracking_id: str
    type_id: int
    at: datetime
    change: int
    state: ItemState
    replies: int
    place: Cursor


@dataclass(frozen=True)
class Document:
    """An item's words, and the item they were read from."""

    item: InboxItem
    words: Sequence[str]


# Keeping the index


async def mark(tx: Transaction, user_id: int) -> int:
    """Up to which change number a person's items are in the index."""
    found = await tx.scalar(select(MARKS.c.change).where(MARKS.c.user_id == user_id))
    return found or 0


async def set_mark(tx: Transaction, user_id: int, change: int) -> None:
    """Moves a person's mark on, never back. Hold the state row."""
    statement = upsert(tx.dialect.name, MARKS).values(user_id=user_id, change=change)
    further = {"change": statement.excluded.change}
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id"],
            set_=further,
            where=MARKS.c.change < statement.excluded.change,
        )
    )


async def stale(tx: Transaction, user_id: int, since: int, most: int) -> list[InboxItem]:
    """Items changed after ``since`` whose document is missing or says something else.

    The earliest changed first.
    """
    size = func.coalesce(ITEMS.c.batch_size, 0)
    query = (
        SELECT_ITEMS.outerjoin(DOCUMENTS, DOCUMENTS.c.tracking_id == ITEMS.c.tracking_id)
        .where(
            ITEMS.c.user_id == user_id,
            ITEMS.c.change > since,
            or_(
                DOCUMENTS.c.id.is_(None),
                DOCUMENTS.c.at != ITEMS.c.at,
                DOCUMENTS.c.size != size,
                DOCUMENTS.c.replies != ITEMS.c.replies,
            ),
        )
        .order_by(ITEMS.c.change)
        .limit(most)
    )
    return [item_from(row) for row in (await tx.execute(query)).mappings()]


async def put(tx: Transaction, user_id: int, documents: Sequence[Document]) -> None:
    """Stores documents in place of those of the same items.

    One whose item has changed since it was read is left out: whoever read it later stores it, or
    has. Hold the state row.
    """
    ids = [each.item.tracking_id for each in documents]
    columns = (ITEMS.c.tracking_id, ITEMS.c.change, func.coalesce(ITEMS.c.batch_size, 0))
    rows = await tx.execute(
        select(*columns).where(ITEMS.c.user_id == user_id, ITEMS.c.tracking_id.in_(ids))
    )
    known = {row[0]: (row[1], row[2]) for row in rows}
    kept = [
        each
        for each in documents
        if known.get(each.item.tracking_id, (None,))[0] == each.item.change
    ]
    replaced = [each.item.tracking_id for each in kept]
    await tx.execute(delete(DOCUMENTS).where(DOCUMENTS.c.tracking_id.in_(replaced)))
    keys = await _free_keys(tx, [each.item.at for each in kept])
    values = [
        {
            "id": key,
            "tracking_id": each.item.tracking_id,
            "user_id": user_id,
            "at": each.item.at,
            "size": known[each.item.tracking_id][1],
            "replies": each.item.replies,
            "words": _document(tx.dialect.name, user_id, each.words),
        }
        for key, each in zip(keys, kept, strict=True)
    ]
    if values:
        await tx.execute(insert(DOCUMENTS), values)


async def _free_keys(tx: Transaction, moments: Sequence[datetime]) -> list[int]:
    """A key for each moment, in the order of time but within a microsecond, not yet taken."""
    keys: dict[int, int] = {}
    taken: set[int] = set()
    bits = SLOT_BITS
    while missing := [n for n in range(len(moments)) if n not in keys]:
        tried = {n: _first_key(moments[n]) + secrets.randbits(bits) for n in missing}
        rows = await tx.execute(
            select(DOCUMENTS.c.id).where(DOCUMENTS.c.id.in_(list(tried.values())))
        )
        taken |= set(rows.scalars())
        for n, key in tried.items():
            if key not in taken:
                keys[n] = key
                taken.add(key)
        # So many at one moment are rare; they then stand among those right after it.
        bits += 1
    return [keys[n] for n in range(len(moments))]


def _first_key(at: datetime) -> int:
    return micros(at) << SLOT_BITS


def _document(dialect: str, user_id: int, words: Sequence[str]) -> str:
    begin = _word(user_id, "")
    marked = [begin + word for word in words]
    if dialect == "sqlite":
        return " ".join(marked)
    places: dict[str, list[str]] = {}
    for place, word in enumerate(marked, start=1):
        places.setdefault(word, []).append(str(place))
    return " ".join(f"'{word}':{','.join(found)}" for word, found in places.items())


def _word(user_id: int, word: str) -> str:
    return f"{user_id:x}_{word}"


# Looking for something


async def walk_box(
    tx: Transaction, user_id: int, box: Box, before: Cursor | None, most: int
) -> list[Spot]:
    """The newest items of a box, newest first."""
    more = [ITEMS.c[name] for name in ("type_id", "change", "replies", *STATE_COLUMNS)]
    rows = await tx.execute(inbox.newest_of(user_id, box, before, most, *more))
    return [_spot(row.tracking_id, row) for row in rows]


async def by_type(tx: Transaction, user_id: int, box: Box, most: int) -> list[tuple[int, int]]:
    """Of the newest ``most`` items of a box, how many there are of each type (internal key)."""
    newest = inbox.newest_of(user_id, box, None, most, ITEMS.c.type_id).subquery("newest")
    kinds = select(newest.c.type_id, func.count()).group_by(newest.c.type_id)
    return [(row[0], row[1]) for row in await tx.execute(kinds)]


async def walk(
    tx: Transaction,
    user_id: int,
    phrases: Collection[Phrase],
    before: Cursor | None,
    most: int,
    span: tuple[datetime | None, datetime | None] = (None, None),
) -> list[Spot]:
    """The newest items that hold the phrases, newest first.

    Args:
        before: `Spot.place` of the last one before.
        span: Only from the first moment on, and before the second.

    Raises:
        InvalidInput: ``before`` is no such place.
    """
    since, until = span
    below = before.key() if before else LAST_KEY
    if until is not None:
        below = min(below, _first_key(until))
    above = _first_key(since) if since is not None else -LAST_KEY
    bounds = {"user": user_id, "below": below, "above": above, "most": most}
    if tx.dialect.name == "sqlite":
        keys = await _keys(tx, _SQLITE, {**bounds, "query": _fts5(user_id, phrases)})
    else:
        keys = await _postgres_keys(tx, {**bounds, "query": _tsquery(user_id, phrases)})
    return await _spots(tx, keys)


async def _keys(tx: Transaction, statement: TextClause, values: dict[str, object]) -> list[int]:
    return list((await tx.execute(statement, values)).scalars())


async def _postgres_keys(tx: Transaction, values: dict[str, object]) -> list[int]:
    """A frequent word is found among the newest documents; for a rare one the index is quick."""
    most = int(str(values["most"]))
    for near in NEAREST:
        rows = await tx.execute(_POSTGRES_NEAR, {**values, "near": near})
        found = list(rows.scalars())
        if len(found) >= most:
            return found[:most]
        # Ten times as many would not do either.
        if 10 * len(found) < most:
            break
    return await _keys(tx, _POSTGRES_ALL, values)


async def _spots(tx: Transaction, keys: Sequence[int]) -> list[Spot]:
    rows = await tx.execute(*_spots_of(tx.dialect.name, keys))
    found = {row[0]: _spot(str(row[0]), row[1:]) for row in rows}
    return [found[key] for key in keys if key in found]


def _spot(place: str, row: Sequence[Any]) -> Spot:
    """From date, id, type, change number, replies and states."""
    at, name, kind, change, replies, *states = row
    return Spot(name, kind, at, change, ItemState(*states), replies, Cursor(at, place))


def _spots_of(dialect: str, keys: Sequence[int]) -> tuple[Select[Any], dict[str, Any]]:
    """The items of documents: a statement that is the same for any number of keys, and those."""
    if dialect == "sqlite":
        return _SQLITE_SPOTS, {"keys": orjson.dumps(keys).decode()}
    return _POSTGRES_SPOTS, {"keys": list(keys)}


def _fts5(user_id: int, phrases: Collection[Phrase]) -> str:
    wanted = [_in_fts5(user_id, each) for each in phrases if not each.negated]
    unwanted = [_in_fts5(user_id, each) for each in phrases if each.negated]
    # What has no wanted word is taken from everything the person has.
    wanted = wanted or [f'"{_word(user_id, BREAK)}"']
    return " NOT ".join([f"({' AND '.join(wanted)})", *unwanted])


def _in_fts5(user_id: int, phrase: Phrase) -> str:
    said = " ".join(_word(user_id, word) for word in _marked(phrase))
    return f'"{said}"{" *" if phrase.prefix else ""}'


def _tsquery(user_id: int, phrases: Collection[Phrase]) -> str:
    parts = [f"'{_word(user_id, BREAK)}'"] if all(each.negated for each in phrases) else []
    for each in phrases:
        said = [f"'{_word(user_id, word)}'" for word in _marked(each)]
        said[-1] += ":*" if each.prefix else ""
        parts.append(f"{'!' if each.negated else ''}({' <-> '.join(said)})")
    return " & ".join(parts)


def _marked(phrase: Phrase) -> list[str]:
    return [f"_{word}" if phrase.sender else word for word in phrase.words]


_SPOTS = select(
    DOCUMENTS.c.id,
    *(ITEMS.c[name] for name in ("at", "tracking_id", "type_id", "change", "replies")),
    *(ITEMS.c[name] for name in STATE_COLUMNS),
).join(ITEMS, ITEMS.c.tracking_id == DOCUMENTS.c.tracking_id)
_GIVEN = func.json_each(bindparam("keys")).table_valued("value", name="given")
_SQLITE_SPOTS = _SPOTS.where(DOCUMENTS.c.id.in_(select(_GIVEN.c.value)))
_POSTGRES_SPOTS = _SPOTS.where(
    DOCUMENTS.c.id == func.any(bindparam("keys", type_=ARRAY(BigInteger)))
)
_SQLITE = text(
    "SELECT rowid FROM search_index WHERE search_index MATCH :query"
    " AND rowid < :below AND rowid >= :above ORDER BY rowid DESC LIMIT :most"
)
_POSTGRES_NEAR = text(
    "SELECT id FROM ("
    "SELECT id, words FROM search_documents WHERE user_id = :user AND id < :below AND id >= :above"
    " ORDER BY id DESC LIMIT :near) AS near WHERE words @@ CAST(:query AS tsquery) ORDER BY id DESC"
)
_POSTGRES_ALL = text(
    "WITH found AS MATERIALIZED (SELECT id FROM search_documents"
    " WHERE words @@ CAST(:query AS tsquery))"
    " SELECT id FROM found WHERE id < :below AND id >= :above ORDER BY id DESC LIMIT :most"
)
