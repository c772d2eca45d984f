"""The database: an async engine, and transactions for reading and writing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from asyncpg import PostgresError  # pyright: ignore[reportMissingTypeStubs]
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from inbox_app.domain.errors import Unavailable

Transaction = AsyncConnection
"""An open transaction; everything done through it is kept together or not at all."""

SQLITE_BUSY_MS = 15_000
SQLITE_CACHE_KIB = 64_000
READERS = 8

# asyncpg's own errors come through unwrapped while a connection is being made.
OUT_OF_REACH = (OperationalError, InterfaceError, OSError, TimeoutError, PostgresError)


class Database:
    """One database, SQLite or PostgreSQL.

    SQLite allows one writer at a time: writers of this process queue on a lock, which is fair and
    cheap, and only writers of other processes are waited for inside SQLite.
    """

    def __init__(self, url: str) -> None:
        self.is_sqlite = _parsed(url).get_backend_name() == "sqlite"
        self._engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)
        self._writer = asyncio.Lock()

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Transaction]:
        """A transaction that sees one consistent state of the database."""
        with _told_plainly():
            async with self._engine.connect() as connection:
                if not self.is_sqlite:
                    await connection.execution_options(isolation_level="REPEATABLE READ")
                async with connection.begin():
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
            connection = await stack.enter_async_context(self._engine.connect())
            if self.is_sqlite:
                await connection.execution_options(inbox_begin="IMMEDIATE")
            async with connection.begin():
                yield connection

    async def ping(self) -> None:
        """Proves that the database answers.

        Raises:
            Unavailable: it does not.
        """
        async with self.read() as tx:
            await tx.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self._engine.dispose()


class _told_plainly:  # noqa: N801 - reads as a phrase where it is used
    """Turns "cannot reach or write the database" into `Unavailable`."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OUT_OF_REACH) or (
            isinstance(error, DBAPIError) and error.connection_invalidated
        ):
            raise Unavailable(
                "The database cannot be used right now.",
                fix="Try again; if it persists, run `inbox doctor`.",
            ) from error


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:
        raise Unavailable(
            "The address of the database cannot be read.",
            fix="Check INBOX_DATABASE_URL, for example postgresql://user:secret@host/name.",
        ) from error


def _sqlite_engine(url: str) -> AsyncEngine:
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url, pool_size=READERS, max_overflow=READERS, connect_args={"isolation_level": None}
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
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    # The driver's own transaction handling is off: it would begin late and never IMMEDIATE.
    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("inbox_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _postgres_engine(url: str) -> AsyncEngine:
    return create_async_engine(url, pool_size=READERS, max_overflow=READERS, pool_pre_ping=True)
