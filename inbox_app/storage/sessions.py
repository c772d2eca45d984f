"""Repository of signed-in browsers."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from sqlalchemy import RowMapping, delete, insert, select, update

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
            user_agent=session.user_agent,
            last_used_at=session.last_used_at,
        )
    )


async def by_hash(tx: Transaction, token_hash: str, now: datetime) -> Session | None:
    """The session of a token, unless it has expired."""
    rows = await tx.execute(
        select(SESSIONS).where(SESSIONS.c.token_hash == token_hash, SESSIONS.c.expires_at > now)
    )
    row = rows.mappings().first()
    return _session(row) if row else None


async def is_there(tx: Transaction, session_id: int) -> bool:
    """Whether a session has not been ended; it is not before the transaction is over."""
    found = select(SESSIONS.c.id).where(SESSIONS.c.id == session_id)
    return (await tx.execute(found.with_for_update(read=True, key_share=True))).first() is not None


async def of_user(tx: Transaction, user_id: int, now: datetime) -> list[Session]:
    """The sessions of a person that have not expired, the latest used first."""
    rows = await tx.execute(
        select(SESSIONS).where(SESSIONS.c.user_id == user_id, SESSIONS.c.expires_at > now)
    )
    found = [_session(row) for row in rows.mappings()]
    return sorted(found, key=lambda each: each.last_used_at or each.created_at, reverse=True)


async def note_use(tx: Transaction, session_id: int, now: datetime) -> None:
    await tx.execute(update(SESSIONS).where(SESSIONS.c.id == session_id).values(last_used_at=now))


async def remove_of(tx: Transaction, user_id: int, session_id: int) -> bool:
    """Ends a session if it is this person's; whether it was."""
    theirs = (SESSIONS.c.id == session_id) & (SESSIONS.c.user_id == user_id)
    return (await tx.execute(delete(SESSIONS).where(theirs))).rowcount == 1


async def remove(tx: Transaction, session_id: int) -> None:
    await tx.execute(delete(SESSIONS).where(SESSIONS.c.id == session_id))


async def remove_all(tx: Transaction, user_id: int) -> None:
    """Ends every session of a person."""
    await tx.execute(delete(SESSIONS).where(SESSIONS.c.user_id == user_id))


async def forget_expired(tx: Transaction, now: datetime) -> None:
    await tx.execute(delete(SESSIONS).where(SESSIONS.c.expires_at <= now))


def _session(row: RowMapping) -> Session:
    return Session(**{field.name: row[field.name] for field in fields(Session)})
