"""Repository of pictures that go with replies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from inbox_app.domain.notification import Attachment
from inbox_app.storage.engine import Transaction
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.personal import AttachmentRow

ATTACHMENTS = table(AttachmentRow)
_COLUMNS = ("id", "content_type", "width", "height", "size")
_SHOWN = tuple(ATTACHMENTS.c[name] for name in _COLUMNS)


async def add(
    tx: Transaction,
    owner: tuple[int, str],
    attachment: Attachment,
    data: bytes,
    now: datetime,
) -> None:
    """Stores a picture of a person (internal key) for an item (tracking id)."""
    user_id, tracking_id = owner
    values = {name: getattr(attachment, name) for name in _COLUMNS}
    values |= {"user_id": user_id, "tracking_id": tracking_id, "data": data, "created_at": now}
    await tx.execute(insert(ATTACHMENTS).values(**values))


async def waiting(tx: Transaction, user_id: int) -> int:
    """How many pictures of a person belong to no reply yet."""
    mine = (ATTACHMENTS.c.user_id == user_id, ATTACHMENTS.c.reply_id.is_(None))
    return await tx.scalar(select(func.count()).select_from(ATTACHMENTS).where(*mine)) or 0


async def unused(
    tx: Transaction, user_id: int, tracking_id: str, ids: Collection[str]
) -> dict[str, Attachment]:
    """Those of the named pictures that are this person's, for this item, and in no reply."""
    rows = await tx.execute(select(*_SHOWN).where(*_unused(user_id, tracking_id, ids)))
    return {row["id"]: Attachment(**row) for row in rows.mappings()}


async def bind(tx: Transaction, owner: tuple[int, str], reply_id: str, ids: Collection[str]) -> int:
    """Makes pictures part of a reply; how many of them were still free."""
    user_id, tracking_id = owner
    mine = _unused(user_id, tracking_id, ids)
    return (await tx.execute(update(ATTACHMENTS).where(*mine).values(reply_id=reply_id))).rowcount


async def of_replies(tx: Transaction, tracking_ids: Collection[str]) -> dict[str, list[Attachment]]:
    """By reply, the pictures in the threads of these items, in the order they came."""
    rows = await tx.execute(
        select(ATTACHMENTS.c.reply_id, *_SHOWN)
        .where(
            ATTACHMENTS.c.tracking_id.in_(list(tracking_ids)), ATTACHMENTS.c.reply_id.is_not(None)
        )
        .order_by(ATTACHMENTS.c.created_at, ATTACHMENTS.c.id)
    )
    found: dict[str, list[Attachment]] = {}
    for row in rows.mappings():
        shown = Attachment(**{name: row[name] for name in _COLUMNS})
        found.setdefault(row["reply_id"], []).append(shown)
    return found


async def data(
    tx: Transaction, attachment_id: str, user_id: int | None = None
) -> tuple[bytes, str] | None:
    """A picture and its type; only of this person when one is named."""
    wanted = [ATTACHMENTS.c.id == attachment_id]
    if user_id is not None:
        wanted.append(ATTACHMENTS.c.user_id == user_id)
    query = select(ATTACHMENTS.c.data, ATTACHMENTS.c.content_type).where(*wanted)
    row = (await tx.execute(query)).first()
    return None if row is None else (row.data, row.content_type)


async def forget_unused(tx: Transaction, before: datetime) -> None:
    """Drops pictures that came before a moment and belong to no reply."""
    await tx.execute(
        delete(ATTACHMENTS).where(
            ATTACHMENTS.c.created_at < before, ATTACHMENTS.c.reply_id.is_(None)
        )
    )


def _unused(user_id: int, tracking_id: str, ids: Collection[str]) -> Sequence[ColumnElement[bool]]:
    columns = ATTACHMENTS.c
    return (
        columns.user_id == user_id,
        columns.tracking_id == tracking_id,
        columns.reply_id.is_(None),
        columns.id.in_(list(ids)),
    )
