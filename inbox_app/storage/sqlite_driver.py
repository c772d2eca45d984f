"""SQLite off the event loop, with few changes of threads.

aiosqlite runs every call of a connection in that connection's thread, and SQLAlchemy makes four
calls per statement: open a cursor, execute, fetch, close. Each costs two changes of threads, more
than most statements themselves. Here one call does it all and brings the rows back; a transaction
begins with its first statement; and many inserts can go together.
"""

# pyright: reportPrivateUsage=false, reportUnknownMemberType=false
# It completes a class of aiosqlite, which types the inside of it in part only.

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Self

import aiosqlite

CHUNK = 64
"""Rows per step of an iteration, which aiosqlite wants to know and nobody uses."""

Row = Sequence[Any]
Run = Callable[[sqlite3.Cursor], sqlite3.Cursor]


def connect(database: str, **options: Any) -> Connection:  # noqa: ANN401 - sqlite3's own
    """A connection to be awaited; for SQLAlchemy's ``async_creator_fn``."""
    connection = Connection(lambda: sqlite3.connect(database, **options), CHUNK)
    # A process that ends without closing its connections must not wait for their threads.
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does; there is no other way
    return connection


class Connection(aiosqlite.Connection):
    """An aiosqlite connection whose cursors live in one call each."""

    _begin = ""

    def begin(self, mode: str) -> None:
        """Lets the next statement begin a transaction: DEFERRED or IMMEDIATE."""
        self._begin = f"BEGIN {mode}"

    def cursor(self) -> Cursor:  # pyright: ignore[reportIncompatibleMethodOverride]
        return Cursor(self)

    async def commit(self) -> None:
        self._begin = ""
        if self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        self._begin = ""
        # The pool rolls back whatever it takes back, and there is nearly always nothing.
        if self.in_transaction:
            await super().rollback()

    async def run(self, statement: Run) -> tuple[sqlite3.Cursor, list[Any]]:
        """Runs a statement on a new cursor; the cursor, closed, and all rows."""
        return await self._execute(self._run, statement)

    async def insert(self, statements: Sequence[tuple[str, Sequence[Row]]]) -> None:
        """Runs statements, each once per row."""
        await self._execute(self._insert, statements)

    def _run(self, statement: Run) -> tuple[sqlite3.Cursor, list[Any]]:
        cursor = self._opened()
        try:
            rows = statement(cursor).fetchall()
            return cursor, rows
        finally:
            cursor.close()

    def _insert(self, statements: Sequence[tuple[str, Sequence[Row]]]) -> None:
        cursor = self._opened()
        try:
            for statement, rows in statements:
                cursor.executemany(statement, rows)
        finally:
            cursor.close()

    def _opened(self) -> sqlite3.Cursor:
        cursor = self._conn.cursor()
        if self._begin:
            cursor.execute(self._begin)
            self._begin = ""
        return cursor


class Cursor:
    """What SQLAlchemy uses of a cursor."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, operation: str, parameters: Row = ()) -> Self:
        return await self._run(lambda cursor: cursor.execute(operation, parameters))

    async def executemany(self, operation: str, parameters: Sequence[Row]) -> Self:
        return await self._run(lambda cursor: cursor.executemany(operation, parameters))

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    async def _run(self, statement: Run) -> Self:
        done, self._rows = await self._connection.run(statement)
        self.description = done.description
        self.rowcount = done.rowcount
        self.lastrowid = done.lastrowid
        return self
