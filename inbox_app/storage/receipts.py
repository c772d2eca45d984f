"""Repository of receipts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, select, text, update

from inbox_app.domain.receipt import Receipt, ReceiptKind
from inbox_app.lib import ids
from inbox_app.storage.delivery_rows import DELIVERIES
from inbox_app.storage.engine import Transaction
from inbox_app.storage.statements import portions, upsert
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.receipts import UNMATCHED, WISHES, ReceiptRow

RECEIPTS = table(ReceiptRow)
_COLUMNS = ("key", "kind", "at", "delivery_id", "message_id", "address")
_REST = tuple(each.name for each in fields(Receipt) if each.name not in _COLUMNS)
Place = tuple[int, str]
"""Integration id and the provider's name for a message."""


@dataclass(frozen=True)
class Kept:
    """A receipt as it is kept."""

    receipt: Receipt
    integration_id: int
    received_at: datetime


async def add(
    tx: Transaction, integration_id: int, receipts: Iterable[Receipt], now: datetime
) -> set[str]:
    """Stores receipts that are not known yet; the keys of those."""
    # In one order everywhere, so that two processes never wait for each other in a circle.
    ordered = sorted(receipts, key=lambda each: each.key)
    values = [_values(integration_id, each, now) for each in ordered]
    if not values:
        return set()
    statement = upsert(tx.dialect.name, RECEIPTS).values(values).on_conflict_do_nothing()
    rows = await tx.execute(statement.returning(RECEIPTS.c.key))
    return set(rows.scalars())


async def owners(tx: Transaction, integration_id: int, keys: Collection[str]) -> dict[str, int]:
    """The deliveries that receipts were kept for, by their keys."""
    rows = await tx.execute(
        select(RECEIPTS.c.key, RECEIPTS.c.delivery_id).where(
            RECEIPTS.c.integration_id == integration_id,
            RECEIPTS.c.key.in_(list(keys)),
            RECEIPTS.c.delivery_id.is_not(None),
        )
    )
    return {row.key: row.delivery_id for row in rows}


async def of_deliveries(tx: Transaction, delivery_ids: Collection[int]) -> dict[int, list[Kept]]:
    """What was reported of each delivery, in the order it came."""
    found: dict[int, list[Kept]] = {}
    for some in portions(list(delivery_ids)):
        rows = await tx.execute(
            select(RECEIPTS).where(RECEIPTS.c.delivery_id.in_(some)).order_by(RECEIPTS.c.id)
        )
        for row in rows.mappings():
            kept = Kept(_receipt(row), row["integration_id"], row["received_at"])
            found.setdefault(row["delivery_id"], []).append(kept)
    return found


async def waiting(tx: Transaction, places: Collection[Place]) -> set[Place]:
    """Those of the messages of which something was reported before they were known."""
    found: set[Place] = set()
    for integration_id, names in _by_integration(places).items():
        rows = await tx.execute(
            select(RECEIPTS.c.message_id).where(*_unmatched(integration_id, names))
        )
        found |= {(integration_id, name) for name in rows.scalars()}
    return found


async def match(tx: Transaction, places: Mapping[Place, int]) -> dict[Place, list[Receipt]]:
    """Gives receipts that came before their messages were known to the deliveries of those.

    Args:
        places: The delivery of each message.
    """
    found: dict[Place, list[Receipt]] = {}
    for integration_id, names in _by_integration(places).items():
        rows = await tx.execute(
            select(RECEIPTS)
            .where(*_unmatched(integration_id, names))
            .order_by(RECEIPTS.c.id)
            .with_for_update()
        )
        for row in rows.mappings().all():
            place = (integration_id, row["message_id"])
            owner = places[place]
            changed = update(RECEIPTS).where(RECEIPTS.c.id == row["id"]).values(delivery_id=owner)
            await tx.execute(changed)
            found.setdefault(place, []).append(replace(_receipt(row), delivery_id=owner))
    return found


async def deliveries_named(
    tx: Transaction, integration_id: int, names: Collection[str]
) -> dict[str, int]:
    """The deliveries of messages that went through an integration, by its names for them."""
    if not names:
        return {}
    sent = DELIVERIES.c
    rows = await tx.execute(
        select(sent.message_id, sent.id).where(
            sent.integration_id == integration_id,
            sent.message_id.in_(list(names)),
            text("message_id <> ''"),
        )
    )
    return {row.message_id: row.id for row in rows}


def _by_integration(places: Collection[Place]) -> dict[int, list[str]]:
    """The names by integration: a condition on pairs would scan the table in SQLite."""
    found: dict[int, list[str]] = {}
    for integration_id, name in sorted(places):
        found.setdefault(integration_id, []).append(name)
    return found


def _unmatched(integration_id: int, names: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        RECEIPTS.c.integration_id == integration_id,
        RECEIPTS.c.message_id.in_(list(names)),
        # In these words, for they lead to the index.
        text(UNMATCHED),  # pyright: ignore[reportReturnType]
    )


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


async def kind_of(tx: Transaction, integration_id: int, key: str) -> ReceiptKind | None:
    """What a receipt was taken for; None when it is not known."""
    rows = await tx.execute(
        select(RECEIPTS.c.kind).where(
            RECEIPTS.c.integration_id == integration_id, RECEIPTS.c.key == key
        )
    )
    found = rows.scalar()
    return ReceiptKind(found) if found else None


async def first_reply(tx: Transaction, delivery_id: int) -> str:
    """The key of the first reply to a delivery, or ""."""
    rows = await tx.execute(
        select(RECEIPTS.c.key)
        .where(RECEIPTS.c.delivery_id == delivery_id, RECEIPTS.c.kind == ReceiptKind.REPLIED.value)
        .order_by(RECEIPTS.c.id)
        .limit(1)
    )
    return rows.scalar() or ""


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
