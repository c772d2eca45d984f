"""Repository of receipts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, select, text, tuple_, update

from inbox_app.domain.receipt import Receipt, ReceiptKind
from inbox_app.lib import ids
from inbox_app.storage.delivery_rows import DELIVERIES
from inbox_app.storage.engine import Transaction
from inbox_app.storage.statements import upsert
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.receipts import WISHES, ReceiptRow

RECEIPTS = table(ReceiptRow)
_COLUMNS = ("key", "kind", "at", "delivery_id", "message_id", "address")
_REST = tuple(each.name for each in fields(Receipt) if each.name not in _COLUMNS)
Named = tuple[int, str]
"""Integration id and the provider's name for a message."""


async def add(
    tx: Transaction, integration_id: int, receipts: Iterable[Receipt], now: datetime
) -> set[str]:
    """Stores receipts that are not known yet; the keys of those."""
    values = [_values(integration_id, each, now) for each in receipts]
    if not values:
        return set()
    statement = upsert(tx.dialect.name, RECEIPTS).values(values).on_conflict_do_nothing()
    rows = await tx.execute(statement.returning(RECEIPTS.c.key))
    return set(rows.scalars())


async def of_deliveries(tx: Transaction, delivery_ids: Collection[int]) -> dict[int, list[Receipt]]:
    """What was reported of each delivery, in the order it came."""
    found: dict[int, list[Receipt]] = {}
    if delivery_ids:
        rows = await tx.execute(
            select(RECEIPTS)
            .where(RECEIPTS.c.delivery_id.in_(list(delivery_ids)))
            .order_by(RECEIPTS.c.id)
        )
        for row in rows.mappings():
            found.setdefault(row["delivery_id"], []).append(_receipt(row))
    return found


async def match(tx: Transaction, messages: Mapping[Named, int]) -> dict[int, list[Receipt]]:
    """Gives receipts that came before their messages were known to the deliveries of those.

    Args:
        messages: The delivery of each message.
    """
    if not messages:
        return {}
    place = tuple_(RECEIPTS.c.integration_id, RECEIPTS.c.message_id)
    rows = await tx.execute(
        select(RECEIPTS)
        .where(RECEIPTS.c.delivery_id.is_(None), place.in_(list(messages)))
        .order_by(RECEIPTS.c.id)
    )
    found: dict[int, list[Receipt]] = {}
    for row in rows.mappings().all():
        owner = messages[row["integration_id"], row["message_id"]]
        found.setdefault(owner, []).append(_receipt(row))
        await tx.execute(
            update(RECEIPTS).where(RECEIPTS.c.id == row["id"]).values(delivery_id=owner)
        )
    return found


async def deliveries_named(tx: Transaction, messages: Sequence[Named]) -> dict[Named, int]:
    """The deliveries of messages that their provider names."""
    if not messages:
        return {}
    place = (DELIVERIES.c.integration_id, DELIVERIES.c.message_id)
    rows = await tx.execute(
        select(*place, DELIVERIES.c.id).where(
            tuple_(*place).in_(list(messages)), text("message_id <> ''")
        )
    )
    return {(row.integration_id, row.message_id): row.id for row in rows}


async def last_text(tx: Transaction, environment_id: int, number: str) -> int | None:
    """The last text message that went to a telephone number."""
    rows = await tx.execute(
        select(DELIVERIES.c.id)
        .where(
            DELIVERIES.c.environment_id == environment_id,
            DELIVERIES.c.address == number,
            # A parameter in its place would not lead to the index.
            text("channel = 'SMS'"),
            DELIVERIES.c.integration_id.is_not(None),
        )
        .order_by(DELIVERIES.c.id.desc())
        .limit(1)
    )
    return rows.scalar()


async def wants(tx: Transaction, integration_id: int, address: str) -> bool:
    """Whether an address wants messages, by the last that was reported of that."""
    rows = await tx.execute(
        select(RECEIPTS.c.kind)
        .where(
            RECEIPTS.c.integration_id == integration_id,
            RECEIPTS.c.address == address,
            text(WISHES),
        )
        .order_by(RECEIPTS.c.at.desc(), RECEIPTS.c.id.desc())
        .limit(1)
    )
    return rows.scalar() != ReceiptKind.UNSUBSCRIBED.value


async def forget(tx: Transaction, before: datetime) -> None:
    """Drops receipts of which it never turned out what they are about."""
    await tx.execute(
        delete(RECEIPTS).where(RECEIPTS.c.delivery_id.is_(None), RECEIPTS.c.received_at < before)
    )


def _values(integration_id: int, receipt: Receipt, now: datetime) -> dict[str, Any]:
    said = {name: getattr(receipt, name) for name in _REST}
    return {
        "id": ids.ordered_id(),
        "integration_id": integration_id,
        "key": receipt.key,
        "kind": receipt.kind.value,
        "at": receipt.at,
        "received_at": now,
        "delivery_id": receipt.delivery_id,
        "message_id": receipt.message_id,
        "address": receipt.address,
        "data": {name: value for name, value in said.items() if value} or None,
    }


def _receipt(row: RowMapping) -> Receipt:
    known: dict[str, Any] = {name: row[name] for name in _COLUMNS}
    rest: dict[str, Any] = row["data"] or {}
    known["kind"] = ReceiptKind(row["kind"])
    return Receipt(**known, **rest)
