"""Repository of the acts that people's browsers have already asked for, by the name of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from inbox_app.storage.engine import Transaction
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.personal import HandledActRow

ACTS = table(HandledActRow)


@dataclass(frozen=True)
class Handled:
    """What an act has come to.

    Attributes:
        count: How many items it moved.
        top: The change number that its items had at most when it began.
        ended: Nothing of it is left to do.
        began: When it was asked for; None: it is not kept yet.
    """

    count: int = 0
    top: int = 0
    ended: bool = True
    began: datetime | None = None


async def find(tx: Transaction, user_id: int, name: str) -> Handled | None:
    query = select(ACTS.c.count, ACTS.c.top, ACTS.c.ended, ACTS.c.at).where(
        ACTS.c.user_id == user_id, ACTS.c.name == name
    )
    row = (await tx.execute(query)).first()
    return Handled(*row) if row else None


async def add(tx: Transaction, user_id: int, name: str, at: datetime, handled: Handled) -> None:
    """Keeps an act under its name; "" names none. Lock the person's inbox before."""
    if not name:
        return
    values = {"count": handled.count, "top": handled.top, "ended": handled.ended}
    await tx.execute(insert(ACTS).values(user_id=user_id, name=name, at=at, **values))


async def go_on(tx: Transaction, user_id: int, name: str, handled: Handled) -> None:
    """Keeps how far an act is that was kept before."""
    await tx.execute(
        update(ACTS)
        .where(ACTS.c.user_id == user_id, ACTS.c.name == name)
        .values(count=handled.count, ended=handled.ended)
    )


async def forget(tx: Transaction, before: datetime) -> None:
    await tx.execute(delete(ACTS).where(ACTS.c.at <= before))
