"""Repository of what waits to be sent: taken back, planned anew, sent to another address."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update

from inbox_app.domain.decision import Decision
from inbox_app.domain.delivery import Delivery, DeliveryStatus, Held
from inbox_app.domain.notification_type import Channel
from inbox_app.storage.delivery_rows import (
    DELIVERIES,
    NEW_DELIVERIES,
    SELECTED,
    delivery_from,
    having,
    new_row,
)
from inbox_app.storage.engine import Transaction
from inbox_app.storage.statements import insert_together, upsert
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.notifications import DecisionRow

DECISIONS = table(DecisionRow)


async def cancel(tx: Transaction, tracking_id: str, now: datetime) -> list[Delivery]:
    """Cancels what no worker has taken yet, by itself or in a digest; those cancelled."""
    rows = await tx.execute(
        update(DELIVERIES)
        .where(*await _not_taken(tx, tracking_id))
        .values(status=DeliveryStatus.CANCELLED.value, updated_at=now)
        .returning(*SELECTED)
    )
    return [delivery_from(row) for row in rows.mappings()]


async def withdraw(tx: Transaction, tracking_id: str) -> list[Delivery]:
    """Deletes what no worker has ever taken, to be planned anew; what it was."""
    rows = await tx.execute(
        delete(DELIVERIES)
        .where(*await _not_taken(tx, tracking_id), DELIVERIES.c.attempts == 0)
        .returning(*SELECTED)
    )
    return [delivery_from(row) for row in rows.mappings()]


async def add(tx: Transaction, deliveries: Iterable[Delivery]) -> None:
    """Stores deliveries of a notification that is stored already."""
    await insert_together(tx, (NEW_DELIVERIES, [new_row(each) for each in deliveries]))


async def decide(tx: Transaction, tracking_id: str, decisions: Iterable[Decision]) -> None:
    """Writes what was decided anew of a notification that is stored already."""
    values = [
        {
            "tracking_id": tracking_id,
            "channel": each.channel.value,
            "outcome": each.outcome.value,
            "rule": each.rule.value,
            "sentence": each.sentence,
            "due_at": each.due_at,
        }
        for each in decisions
    ]
    if not values:
        return
    statement = upsert(tx.dialect.name, DECISIONS)
    changed = {name: statement.excluded[name] for name in ("outcome", "rule", "sentence", "due_at")}
    key = ["tracking_id", "channel"]
    await tx.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), values)


async def readdress(tx: Transaction, deliveries: Iterable[Delivery]) -> None:
    """Writes to whom deliveries go, when that changed since they were planned."""
    values = [{"key": each.id, "to": each.address} for each in deliveries]
    if values:
        await tx.execute(_READDRESS, values)


_READDRESS = (
    update(DELIVERIES).where(DELIVERIES.c.id == bindparam("key")).values(address=bindparam("to"))
)


async def _not_taken(tx: Transaction, tracking_id: str) -> tuple[ColumnElement[bool], ...]:
    """Conditions for what no worker holds; locks the digests, so that none is taken meanwhile."""
    riders = DELIVERIES.alias()
    rides = select(riders.c.digest_id).where(
        riders.c.tracking_id == tracking_id, riders.c.digest_id.is_not(None)
    )
    digests = await tx.execute(
        select(DELIVERIES.c.id, DELIVERIES.c.status)
        .where(DELIVERIES.c.id.in_(rides))
        .order_by(DELIVERIES.c.id)
        .with_for_update()
    )
    taken = [row.id for row in digests if row.status == DeliveryStatus.SENDING.value]
    return (
        DELIVERIES.c.tracking_id == tracking_id,
        having(DeliveryStatus.PENDING)
        | (having(DeliveryStatus.HELD) & func.coalesce(DELIVERIES.c.digest_id, 0).not_in(taken)),
    )


async def held(
    tx: Transaction, tracking_ids: Collection[str], now: datetime
) -> dict[str, list[Held]]:
    """By notification, messages of it that wait for a time: one per channel, the soonest."""
    columns = DELIVERIES.c
    rows = await tx.execute(
        select(columns.tracking_id, columns.channel, func.min(columns.due_at).label("due_at"))
        .where(
            columns.tracking_id.in_(list(tracking_ids)),
            columns.status.in_([DeliveryStatus.HELD.value, DeliveryStatus.PENDING.value]),
            columns.due_at > now,
            # What failed and is tried again was not held.
            columns.attempts == 0,
        )
        .group_by(columns.tracking_id, columns.channel)
        .order_by(columns.tracking_id, columns.channel)
    )
    found: dict[str, list[Held]] = {}
    for row in rows:
        found.setdefault(row.tracking_id, []).append(Held(Channel(row.channel), row.due_at))
    return found
