"""Column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import JSON, BigInteger, Column, Computed, Dialect, ForeignKey, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from inbox_app.domain.feed import from_micros, micros

# Named constraints can be changed by a later migration; SQLite's own are nameless.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as whole microseconds since 1970.

    SQLite has no time type and hands back naive values; an integer is exact, compares fast and
    reads the same on both databases.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_micros(value)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Derived(Computed):
    """A column that the database works out from others of its row and can have in an index.

    PostgreSQL takes only stored ones into an index; SQLite takes both, and adds only virtual ones
    to a table that is there.
    """


@compiles(Derived)
def _derived(column: Derived, compiler: DDLCompiler, **_: object) -> str:
    kept = "STORED" if compiler.dialect.name == "postgresql" else "VIRTUAL"
    expression = compiler.sql_compiler.process(column.sqltext, literal_binds=True)
    return f"GENERATED ALWAYS AS ({expression}) {kept}"


def one_per_user() -> Column[int]:
    """The key of a table with one row per user; it goes with the user."""
    owner = ForeignKey("users.id", ondelete="CASCADE")
    return Column(BigInteger, owner, primary_key=True, autoincrement=False)


def table(row: type[SQLModel]) -> Table:
    """The Core table of a row class; the repositories speak Core, not ORM objects."""
    return cast("Table", row.__table__)  # pyright: ignore[reportAttributeAccessIssue]
