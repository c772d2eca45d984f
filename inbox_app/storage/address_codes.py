"""Repository of codes that prove addresses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from inbox_app.domain.address_code import LIFE, AddressCode, AddressKind
from inbox_app.storage.engine import Transaction
from inbox_app.storage.tables.address_codes import AddressCodeRow
from inbox_app.storage.tables.columns import table

CODES = table(AddressCodeRow)


async def add(tx: Transaction, code: AddressCode) -> None:
    await tx.execute(insert(CODES).values(**vars(code)))


async def pending(tx: Transaction, user_id: int, now: datetime) -> list[AddressCode]:
    """A person's codes that still count, the newest first."""
    rows = await tx.execute(
        select(CODES)
        .where(CODES.c.user_id == user_id, CODES.c.made_at > now - LIFE, CODES.c.ended_at.is_(None))
        .order_by(CODES.c.made_at.desc())
    )
    return [_code(dict(row)) for row in rows.mappings()]


async def tried(tx: Transaction, code_id: int) -> None:
    """Counts a wrong code."""
    await tx.execute(update(CODES).where(CODES.c.id == code_id).values(tries=CODES.c.tries + 1))


async def end(tx: Transaction, user_id: int, kind: AddressKind, now: datetime) -> None:
    """Lets a person's codes for a kind of address count no longer."""
    await tx.execute(
        update(CODES)
        .where(CODES.c.user_id == user_id, CODES.c.kind == kind.value, CODES.c.ended_at.is_(None))
        .values(ended_at=now)
    )


async def sent_to_person(tx: Transaction, user_id: int, since: datetime) -> int:
    return await _count(tx, CODES.c.user_id == user_id, CODES.c.made_at > since)


async def sent_to_address(
    tx: Transaction, environment_id: int, kind: AddressKind, address: str, since: datetime
) -> list[datetime]:
    """When codes were sent to an address, whoever asked, and however they wrote it.

    Nearly all mailboxes are the same in capitals: another spelling is no way to fill one.
    """
    rows = await tx.execute(
        select(CODES.c.made_at).where(
            CODES.c.environment_id == environment_id,
            CODES.c.kind == kind.value,
            func.lower(CODES.c.address) == func.lower(address),
            CODES.c.made_at > since,
        )
    )
    return [row.made_at for row in rows]


async def forget(tx: Transaction, before: datetime) -> None:
    """Drops codes that were made before a moment."""
    await tx.execute(delete(CODES).where(CODES.c.made_at < before))


async def _count(tx: Transaction, *where: ColumnElement[bool]) -> int:
    return (await tx.execute(select(func.count()).select_from(CODES).where(*where))).scalar_one()


def _code(row: dict[str, Any]) -> AddressCode:
    row["kind"] = AddressKind(row["kind"])
    return AddressCode(**row)
