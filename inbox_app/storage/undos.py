"""Repository of what the latest acts of people changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from inbox_app.domain.feed import from_micros, micros
from inbox_app.domain.item_state import ItemState
from inbox_app.storage.engine import Transaction
from inbox_app.storage.item_rows import STATE_COLUMNS
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.personal import UndoStepRow

STEPS = table(UndoStepRow)


@dataclass(frozen=True)
class Step:
    """What one transaction of an act changed.

    Attributes:
        change: The change number that its items got.
        before: State of each item before, by tracking id.
        muted: What it changed of the preferences, as `services.inbox.muting` keeps it, or None.
        number: The place of the step in its act; given when it is stored.
    """

    change: int = 0
    before: Mapping[str, ItemState] = field(default_factory=dict[str, ItemState])
    muted: Mapping[str, Any] | None = None
    number: int = 0


async def add(tx: Transaction, user_id: int, undo_id: str, at: datetime, step: Step) -> None:
    """Keeps the next step of an act."""
    of_act = (STEPS.c.user_id == user_id, STEPS.c.undo_id == undo_id)
    last = await tx.scalar(select(func.max(STEPS.c.number)).where(*of_act))
    values = {
        "user_id": user_id,
        "undo_id": undo_id,
        "number": (last or 0) + 1,
        "at": at,
        "change": step.change,
        "items": {name: _packed(state) for name, state in step.before.items()},
        "muted": step.muted,
    }
    await tx.execute(insert(STEPS).values(**values))


async def last(tx: Transaction, user_id: int, undo_id: str, since: datetime) -> Step | None:
    """The last step of an act that ended after ``since``; None: there is none, or no more."""
    of_act = (STEPS.c.user_id == user_id, STEPS.c.undo_id == undo_id)
    ended = select(func.max(STEPS.c.at)).where(*of_act).scalar_subquery()
    query = select(STEPS).where(*of_act, ended > since).order_by(STEPS.c.number.desc()).limit(1)
    row = (await tx.execute(query)).mappings().first()
    if row is None:
        return None
    items: Mapping[str, list[int | None]] = row["items"] or {}
    before = {name: _unpacked(values) for name, values in items.items()}
    return Step(row["change"], before, row["muted"], row["number"])


async def remove(tx: Transaction, user_id: int, undo_id: str, number: int, now: datetime) -> None:
    """Drops the last step of an act; the one before it counts as done now.

    So the time of an act that is being undone begins anew with each step.
    """
    of_act = (STEPS.c.user_id == user_id, STEPS.c.undo_id == undo_id)
    await tx.execute(delete(STEPS).where(*of_act, STEPS.c.number == number))
    await tx.execute(update(STEPS).where(*of_act, STEPS.c.number == number - 1).values(at=now))


async def forget(tx: Transaction, before: datetime) -> None:
    """Drops acts that ended before; one that is under way keeps its first steps."""
    later = STEPS.alias("later")
    goes_on = select(later.c.at).where(
        later.c.user_id == STEPS.c.user_id,
        later.c.undo_id == STEPS.c.undo_id,
        later.c.at > before,
    )
    await tx.execute(delete(STEPS).where(STEPS.c.at <= before, ~goes_on.exists()))


def _packed(state: ItemState) -> list[int | None]:
    times: list[datetime | None] = [getattr(state, name) for name in STATE_COLUMNS]
    return [None if at is None else micros(at) for at in times]


def _unpacked(values: list[int | None]) -> ItemState:
    times = [None if value is None else from_micros(value) for value in values]
    return ItemState(**dict(zip(STATE_COLUMNS, times, strict=True)))
