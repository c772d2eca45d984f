"""SQLite off the event loop, with few changes of threads.

aiosqlite runs every call of a connection in that connection's thread, and SQLAlchemy makes four
calls per statement: open a cursor, execute, fetch, close. Each costs two changes of threads, more
than most statements themselves. Here one call does it all and brings the rows back, and what needs
no answer goes along with it.
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
STATEMENTS = 512
"""Prepared statements that a connection remembers."""
STRIDE = 32
"""Rows inserted in one step at most: SQLite keeps a prepared statement for each number of them."""

Row = Sequence[Any]
Run = Callable[[sqlite3.Cursor], sqlite3.Cursor]


def connect(database: str, **options: Any) -> Connection:  # noqa: ANN401 - sqlite3's own
    """A connection to be awaited; for SQLAlchemy's ``async_creator_fn``."""
    connection = Connection(
        lambda: sqlite3.connect(database, cached_statements=STATEMENTS, **options)
    )
    # A process that ends without closing its connections must not wait for their threads.
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does; there is no other way
    return connection


class Connection(aiosqlite.Connection):
    """An aiosqlite connection whose cursors live in one call each.

    What has no answer to wait for, beginning a transaction and inserting rows, is done together
    with the next thing that has one.
    """

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, CHUNK)
        self._begin = ""
        self._inserts: list[tuple[str, Sequence[Row]]] = []
        self._settled = True

    def begin(self, mode: str) -> None:
        """Lets the next statement begin a transaction: DEFERRED or IMMEDIATE."""
        self._begin = f"BEGIN {mode}"

    def cursor(self) -> Cursor:  # pyright: ignore[reportIncompatibleMethodOverride]
        return Cursor(self)

    def insert(self, statement: str, rows: Sequence[Row]) -> None:
        """Lets a statement run once per row."""
        self._inserts.append((statement, rows))

    async def commit(self) -> None:
        if self._inserts or self.in_transaction:
            await self._call(self._commit)
        self._begin = ""

    async def rollback(self) -> None:
        self._begin = ""
        self._inserts.clear()
        # The pool rolls back whatever it takes back, and there is nearly always nothing. A call
        # that failed, or that nobody waited for to the end, may still begin something.
        if self.in_transaction or not self._settled:
            await super().rollback()
            self._settled = True

    async def run(self, statement: Run) -> tuple[sqlite3.Cursor, list[Any]]:
        """Runs a statement on a new cursor; the cursor, closed, and all rows."""
        return await self._call(self._run, statement)

    async def _call(self, work: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401
        self._settled = False
        done = await self._execute(work, *arguments)
        self._settled = True
        return done

    def _run(self, statement: Run) -> tuple[sqlite3.Cursor, list[Any]]:
        self._catch_up()
        cursor = self._conn.cursor()
        try:
            rows = statement(cursor).fetchall()
            return cursor, rows
        finally:
            cursor.close()

    def _commit(self) -> None:
        self._catch_up()
        self._conn.commit()

    def _catch_up(self) -> None:
        begin, self._begin = self._begin, ""
        inserts, self._inserts = self._inserts, []
        if begin:
            self._conn.execute(begin)
        for statement, rows in inserts:
            for at in range(0, len(rows), STRIDE):
                self._insert(statement, rows[at : at + STRIDE])

    def _insert(self, statement: str, rows: Sequence[Row]) -> None:
        """Inserts rows in one step.

        At each step sqlite3 hands the interpreter over and asks for it back, and under load that
        takes longer than the inserting.
        """
        before, one, after = statement.partition(f"({', '.join('?' * len(rows[0]))})")
        together = ", ".join([one] * len(rows))
        self._conn.execute(f"{before}{together}{after}", [value for row in rows for value in row])


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
