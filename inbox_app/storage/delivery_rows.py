"""Deliveries to rows and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, literal_column

from inbox_app.domain.delivery import Delivery, DeliveryStatus
from inbox_app.domain.delivery_option import DeliveryOption
from inbox_app.domain.notification_type import Channel
from inbox_app.storage.engine import Transaction
from inbox_app.storage.statements import Bulk
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.deliveries import DeliveryRow

DELIVERIES = table(DeliveryRow)
_FIELDS = {field.name for field in fields(Delivery)}
COLUMNS = tuple(column.name for column in DELIVERIES.columns if column.name in _FIELDS)

NEW_DELIVERIES = Bulk(DELIVERIES, *COLUMNS)


def new_row(delivery: Delivery) -> tuple[Any, ...]:
    """A row of `NEW_DELIVERIES`."""
    return tuple(getattr(delivery, name) for name in COLUMNS)


SELECTED = tuple(DELIVERIES.c[name] for name in COLUMNS)


def having(status: DeliveryStatus) -> ColumnElement[bool]:
    """A condition that leads to a partial index, which a parameter in its place would not."""
    return DELIVERIES.c.status == literal_column(f"'{status.value}'")


async def found(tx: Transaction, query: Select[Any]) -> list[Delivery]:
    return [delivery_from(row) for row in (await tx.execute(query)).mappings()]


def delivery_from(row: RowMapping) -> Delivery:
    values: dict[str, Any] = {name: row[name] for name in COLUMNS}
    values["channel"] = Channel(row["channel"])
    values["status"] = DeliveryStatus(row["status"])
    values["option"] = DeliveryOption(row["option"])
    return Delivery(**values)
