"""Repository of the threads of inbox items."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, insert, select, update

from inbox_app.domain.notification import Reply
from inbox_app.storage import attachments
from inbox_app.storage.engine import Transaction
from inbox_app.storage.item_rows import ITEMS
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.inbox import ReplyRow

REPLIES = table(ReplyRow)
_COLUMNS = tuple(column.name for column in REPLIES.columns)


async def add(tx: Transaction, replies: Sequence[Reply]) -> None:
    """Stores replies and counts them on their items; their pictures are the caller's."""
    values = [{name: getattr(reply, name) for name in _COLUMNS} for reply in replies]
    await tx.execute(insert(REPLIES), values)
    await tx.execute(
        update(ITEMS)
        .where(ITEMS.c.tracking_id == bindparam("key"))
        .values(replies=ITEMS.c.replies + 1),
        [{"key": reply.tracking_id} for reply in replies],
    )


async def of_items(tx: Transaction, ids: Collection[str]) -> list[Reply]:
    """The replies to the named items, oldest first."""
    rows = await tx.execute(
        select(REPLIES)
        .where(REPLIES.c.tracking_id.in_(list(ids)))
        .order_by(REPLIES.c.at, REPLIES.c.id)
    )
    found = list(rows.mappings())
    pictures = await attachments.of_replies(tx, ids) if found else {}
    return [Reply(**row, attachments=tuple(pictures.get(row["id"], ()))) for row in found]
