"""Migrations: brings a database to the newest schema, and writes new migrations.

Expand, release, contract: a migration adds what the next release needs and never takes away what
the running one uses.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from inbox_app.storage.engine import Database
from inbox_app.storage.tables.searching import is_compared

FOLDER = Path(__file__).parent / "migrations"
LOCK = 7_263_549_111
"""Key of the PostgreSQL advisory lock: servers that start together migrate one after another."""


async def upgrade(database: Database) -> None:
    """Applies every migration that is missing, all or none."""
    await _run(database, lambda config: command.upgrade(config, "head"))


async def revision(database: Database, name: str) -> None:
    """Writes a new migration from the difference between the tables and the database."""
    await _run(database, lambda config: command.revision(config, name, autogenerate=True))


async def current(database: Database) -> str | None:
    """The revision the database is at, None when it is empty."""
    async with database.read() as tx:
        return await tx.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())


def newest() -> str | None:
    """The newest revision this version knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


async def differences(database: Database) -> list[object]:
    """What the tables have and the database lacks, or the other way round."""
    async with database.read() as tx:
        return await tx.run_sync(
            lambda c: list(
                compare_metadata(
                    MigrationContext.configure(
                        c, opts={"compare_type": True, "include_object": is_compared}
                    ),
                    SQLModel.metadata,
                )
            )
        )


async def _run(database: Database, what: Callable[[Config], object]) -> None:
    async with database.write() as tx:
        await _wait_for_others(tx)
        await tx.run_sync(_with_connection, what)


async def _wait_for_others(tx: AsyncConnection) -> None:
    if tx.dialect.name == "postgresql":
        await tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        await tx.execute(text("SET LOCAL lock_timeout = '30s'"))


def _with_connection(connection: Connection, what: Callable[[Config], object]) -> None:
    config = _config()
    config.attributes["connection"] = connection
    what(config)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config
