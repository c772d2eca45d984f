"""Repository of signed-in browsers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from inbox_app.domain.user import Session
from inbox_app.storage.engine import Transaction
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.users import SessionRow

SESSIONS = table(SessionRow)


async def add(tx: Transaction, session: Session, token_hash: str) -> None:
    await tx.execute(
        insert(SESSIONS).values(
            id=session.id,
            user_id=session.user_id,
            token_hash=token_hash,
            created_at=session.created_at,
            expires_at=session.expires_at,
        )
    )


async def by_hash(tx: Transaction, token_hash: str, now: datetime) -> Session | None:
    """The session of a token, unless it has expired."""
    rows = await tx.execute(
        select(SESSIONS).where(SESSIONS.c.token_hash == token_hash, SESSIONS.c.expires_at > now)
    )
    row = rows.mappings().first()
    if row is None:
        return None
    return Session(
        id=row["id"],
        user_id=row["user_id"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )


async def remove(tx: Transaction, session_id: int) -> None:
    await tx.execute(delete(SESSIONS).where(SESSIONS.c.id == session_id))


async def forget_expired(tx: Transaction, now: datetime) -> None:
    await tx.execute(delete(SESSIONS).where(SESSIONS.c.expires_at <= now))
