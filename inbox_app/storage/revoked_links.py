"""Repository of people whose preference links were revoked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from inbox_app.storage.engine import Transaction
from inbox_app.storage.statements import upsert
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.users import RevokedLinksRow

REVOKED = table(RevokedLinksRow)


async def revoke(tx: Transaction, user_id: int, until: datetime) -> None:
    """Ends every link of a person that was made until a moment."""
    statement = upsert(tx.dialect.name, REVOKED).values(user_id=user_id, until=until)
    changed = {"until": statement.excluded.until}
    await tx.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=changed))


async def revoked_until(tx: Transaction, user_id: int) -> datetime | None:
    """Up to when made links of a person no longer work; None: all of them do."""
    rows = await tx.execute(select(REVOKED.c.until).where(REVOKED.c.user_id == user_id))
    row = rows.first()
    return row.until if row else None
