"""The database: an async engine, and transactions for reading and writing.

What a transaction waits for it locks in one order, so that no two wait for each other in a circle
(decision 13): users, the states of inboxes, inbox items, notifications, deliveries and digests; of
several of a kind in the order of their keys.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import cast

from asyncpg import (  # pyright: ignore[reportMissingTypeStubs]
    CharacterNotInRepertoireError,
    DeadlockDetectedError,
    PostgresError,
    SerializationError,
    UndefinedTableError,
)
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from inbox_app.domain.errors import Contended, InvalidInput, Unavailable
from inbox_app.storage import sqlite_driver

Transaction = AsyncConnection
"""An open transaction; everything done through it is kept together or not at all."""

SQLITE_BUSY_MS = 15_000
SQLITE_CACHE_KIB = 8_000
"""Of each connection. More of it made nothing faster, and a long drain looked like a leak."""
SQLITE_WAL_PAGES = 8_000
"""Pages of 4 KiB until the log is written back; a page that changed often goes back once."""
READERS = 8
GAVE_WAY = (DeadlockDetectedError.sqlstate, SerializationError.sqlstate)

# asyncpg's own errors come through unwrapped while a connection is being made, and SQLite's where
# rows go past SQLAlchemy.
OUT_OF_REACH = (
    *(OperationalError, InterfaceError, sqlite3.OperationalError, PostgresError),
    *(OSError, TimeoutError, PoolTimeout),
)


class Database:
    """One database, SQLite or PostgreSQL.

    SQLite allows one writer at a time: writers of this process queue on a lock, which is fair and
    cheap, and only writers of other processes are waited for inside SQLite.
    """

    def __init__(self, url: str) -> None:
        self.is_sqlite = _parsed(url).get_backend_name() == "sqlite"
        self._reading, self._writing = (
            _sqlite_engines(url) if self.is_sqlite else _postgres_engines(url)
        )
        self._writer = asyncio.Lock()

    @property
    def engines(self) -> set[AsyncEngine]:
        return {self._reading, self._writing}

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Transaction]:
        """A transaction that sees one consistent state of the database."""
        with _told_plainly():
            async with self._reading.begin() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[Transaction]:
        """A transaction that is durable once the block has ended without an error.

        Raises:
            Unavailable: the database is locked, full, read-only or out of reach.
        """
        async with AsyncExitStack() as stack:
            stack.enter_context(_told_plainly())
            if self.is_sqlite:
                await stack.enter_async_context(self._writer)
            yield await stack.enter_async_context(self._writing.begin())

    async def ping(self) -> None:
        """Proves that the database answers.

        Raises:
            Unavailable: it does not.
        """
        async with self.read() as tx:
            await tx.execute(text("SELECT 1"))

    async def close(self) -> None:
        for engine in self.engines:
            await engine.dispose()


class _told_plainly:  # noqa: N801 - reads as a phrase where it is used
    """Turns "cannot reach or write the database" into `Unavailable`."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if (
            isinstance(error, OUT_OF_REACH)
            # Of SQLite: the file is damaged, or no database at all.
            or type(error) in (DatabaseError, sqlite3.DatabaseError)
            or (isinstance(error, DBAPIError) and error.connection_invalidated)
            or _sqlstate(error) == UndefinedTableError.sqlstate
        ):
            raise Unavailable(
                "The database cannot be used right now.",
                fix="Try again; if it persists, run `inbox doctor`.",
            ) from error
        if _sqlstate(error) in GAVE_WAY:
            raise Contended(
                "Somebody else changed the same things in the same moment.", fix="Try again."
            ) from error
        # PostgreSQL refuses a text with a NUL, which SQLite takes.
        if _sqlstate(error) == CharacterNotInRepertoireError.sqlstate:
            raise InvalidInput("A text holds a NUL character.", fix="Take it out.") from error


def _sqlstate(error: BaseException | None) -> str | None:
    """PostgreSQL's code of an error, None for any other error."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:
        raise Unavailable(
            "The address of the database cannot be read.",
            fix="Check INBOX_DATABASE_URL, for example postgresql://user:secret@host/name.",
        ) from error


def _sqlite_engines(url: str) -> tuple[AsyncEngine, AsyncEngine]:
    """For reading and for writing.

    Writers always use the same connection: what it has read before it need not read again, while a
    connection that sees that another one wrote forgets everything.
    """
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    reading = _sqlite_engine(url, 2 * READERS)
    writing = _sqlite_engine(url, 1)
    return reading, writing.execution_options(inbox_begin="IMMEDIATE")


def _sqlite_engine(url: str, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=min(connections, READERS),
        max_overflow=max(connections - READERS, 0),
        # What people were told must not stand in a log with an error.
        hide_parameters=True,
        connect_args={"isolation_level": None, "async_creator_fn": sqlite_driver.connect},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={SQLITE_BUSY_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"cache_size=-{SQLITE_CACHE_KIB}",
            f"wal_autocheckpoint={SQLITE_WAL_PAGES}",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    # The driver's own transaction handling is off: it would begin late and never IMMEDIATE.
    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        driver = cast("sqlite_driver.Connection", connection.connection.driver_connection)
        driver.begin(connection.get_execution_options().get("inbox_begin", "DEFERRED"))

    return engine


def _postgres_engines(url: str) -> tuple[AsyncEngine, AsyncEngine]:
    """For reading and for writing, over the same connections."""
    engine = create_async_engine(
        url,
        pool_size=READERS,
        max_overflow=READERS,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    return engine.execution_options(isolation_level="REPEATABLE READ"), engine
