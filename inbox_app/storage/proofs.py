"""Repository of the proofs that came with reports."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from inbox_app.domain.receipt import Proof
from inbox_app.storage.engine import Transaction
from inbox_app.storage.statements import upsert
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.receipts import UsedProofRow

PROOFS = table(UsedProofRow)


async def use(tx: Transaction, proof: Proof) -> bool:
    """Takes a proof for its report; False when it came with another before."""
    statement = upsert(tx.dialect.name, PROOFS).values(
        name=proof.name, report=proof.report, until=proof.until
    )
    await tx.execute(statement.on_conflict_do_nothing())
    known = await tx.scalar(select(PROOFS.c.report).where(PROOFS.c.name == proof.name))
    return known == proof.report


async def forget(tx: Transaction, before: datetime) -> None:
    """Drops those that are accepted no more anyway."""
    await tx.execute(delete(PROOFS).where(PROOFS.c.until < before))
