"""Statements that SQLite and PostgreSQL take in different ways."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import orjson
from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    Select,
    Table,
    and_,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from inbox_app.storage import sqlite_driver
from inbox_app.storage.engine import Transaction

Item = TypeVar("Item")
Upsert: TypeAlias = sqlite.Insert | postgresql.Insert


def upsert(dialect: str, table: Table) -> Upsert:
    """An INSERT that understands ON CONFLICT, in a dialect such as ``tx.dialect.name``."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def crossing(one: Column[Any], other: Column[Any]) -> ColumnElement[bool]:
    """Whether each of a row's two columns is among those of `halves`.

    A condition on pairs would be exact, but SQLite scans the table for it; only values of a single
    column lead it to the index. So a row may come that belongs to no pair: leave it out.
    """
    return and_(
        one.in_(bindparam("firsts", expanding=True)),
        other.in_(bindparam("seconds", expanding=True)),
    )


def halves(pairs: Collection[tuple[int, str]]) -> dict[str, list[Any]]:
    """The parameters of `crossing`."""
    return {
        "firsts": list({first for first, _ in pairs}),
        "seconds": list({second for _, second in pairs}),
    }


MOST_PARAMETERS = 10_000
"""Of a statement; PostgreSQL takes 32,767."""


def portions(values: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The values in portions that fit into a statement."""
    for at in range(0, len(values), MOST_PARAMETERS):
        yield values[at : at + MOST_PARAMETERS]


Row = tuple[Any, ...]
Converter = Callable[[Any], Any]


class Bulk:
    """An INSERT of many rows that spends little on each of them.

    SQLAlchemy's own way costs more per row than the database does.

    Args:
        table: Where to.
        columns: The names of the values of a row, in the table's order; others stay empty.
        upsert: Makes, for a dialect, the INSERT with what to do with rows that are there.
    """

    def __init__(
        self, table: Table, *columns: str, upsert: Callable[[str], Upsert] | None = None
    ) -> None:
        self._table = table
        self._columns = columns
        self._upsert = upsert
        self._prepared: dict[str, tuple[str, list[tuple[int, Converter]]]] = {}

    def __call__(self, dialect: Dialect, rows: Iterable[Row]) -> tuple[str, list[Row]]:
        """The statement, and the rows as the driver takes them."""
        if dialect.name not in self._prepared:
            self._prepared[dialect.name] = self._prepare(dialect)
        statement, converters = self._prepared[dialect.name]
        converted = [list(row) for row in rows]
        for row in converted:
            for place, convert in converters:
                row[place] = convert(row[place])
        return statement, [tuple(row) for row in converted]

    def _prepare(self, dialect: Dialect) -> tuple[str, list[tuple[int, Converter]]]:
        # Rendered in the table's order of columns, which the rows have to be in as well.
        known = [column.name for column in self._table.columns if column.name in self._columns]
        if known != list(self._columns):
            raise ValueError(f"The columns of {self._table.name} are in this order: {known}")
        made = self._upsert(dialect.name) if self._upsert else insert(self._table)
        statement = made.compile(dialect=dialect, column_keys=known)
        types = [self._table.c[name].type.dialect_impl(dialect) for name in known]
        converters = [each.bind_processor(dialect) for each in types]
        return str(statement), [(i, each) for i, each in enumerate(converters) if each]


class Whole:
    """A SELECT whose rows come in one piece, cheaply where many ask at once.

    From SQLite they come as one JSON text: `sqlite_driver.Connection._insert` tells why.
    """

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        self._names = [column.name for column in statement.selected_columns]
        found = statement.subquery()
        self._packed = select(func.json_group_array(func.json_array(*found.c)))
        self._converters: list[tuple[str, Converter]] | None = None

    async def rows(
        self, tx: Transaction, parameters: Mapping[str, Any]
    ) -> Sequence[Mapping[str, Any]]:
        """The rows by the names of their columns."""
        if tx.dialect.name != "sqlite":
            rows = await tx.execute(self._statement, parameters)
            return [dict(row) for row in rows.mappings()]
        packed = (await tx.execute(self._packed, parameters)).scalar_one()
        rows = [dict(zip(self._names, row, strict=True)) for row in orjson.loads(packed)]
        converters = self._known(tx.dialect)
        for row in rows:
            for name, convert in converters:
                row[name] = convert(row[name])
        return rows

    def _known(self, dialect: Dialect) -> list[tuple[str, Converter]]:
        """How to read the values that a driver alone would read."""
        if self._converters is None:
            columns = self._statement.selected_columns
            each = [(c.name, c.type.dialect_impl(dialect)) for c in columns]
            found = [(name, kind.result_processor(dialect, None)) for name, kind in each]
            self._converters = [(name, convert) for name, convert in found if convert is not None]
        return self._converters


async def insert_together(tx: Transaction, *filled: tuple[Bulk, Iterable[Row]]) -> None:
    """Inserts rows into several tables, in this order, at one go where the driver can."""
    statements = [bulk(tx.dialect, rows) for bulk, rows in filled]
    statements = [(statement, rows) for statement, rows in statements if rows]
    driver = (await tx.get_raw_connection()).driver_connection
    if isinstance(driver, sqlite_driver.Connection):
        for statement, rows in statements:
            driver.insert(statement, rows)
        return
    for statement, rows in statements:
        await tx.exec_driver_sql(statement, rows)
