"""Migrations end at exactly the tables, on both databases."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, bindparam, text
from sqlalchemy.exc import SQLAlchemyError

from inbox_app.config import sqlite_url
from inbox_app.domain.errors import Unavailable
from inbox_app.domain.notification_type import NotificationType
from inbox_app.lib.sealing import Sealer
from inbox_app.services.environments import new
from inbox_app.storage import environments, migrate, types, users
from inbox_app.storage.engine import Database
from inbox_app.storage.tables.columns import Json
from tests.clock import START
from tests.databases import PostgresServer
from tests.servers import ROOT
from tests.storage.schema import create_tables, schema


@pytest.fixture
def empty_urls(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[str, str]]:
    with ExitStack() as stack:
        if backend == "sqlite":
            yield sqlite_url(tmp_path / "one.db"), sqlite_url(tmp_path / "other.db")
        else:
            server: PostgresServer = request.getfixturevalue("postgres")
            yield (
                stack.enter_context(server.database(empty=True)),
                stack.enter_context(server.database(empty=True)),
            )


@pytest.fixture
async def database(empty_urls: tuple[str, str]) -> AsyncIterator[Database]:
    """An empty database."""
    opened = Database(empty_urls[0])
    yield opened
    await opened.close()


@pytest.fixture
async def other(empty_urls: tuple[str, str]) -> AsyncIterator[Database]:
    """A second empty database."""
    opened = Database(empty_urls[1])
    yield opened
    await opened.close()


async def test_a_migrated_database_equals_the_tables(database: Database, other: Database):
    await migrate.upgrade(database)
    await create_tables(other)
    assert await schema(database) == await schema(other)
    assert await migrate.differences(database) == []


async def test_the_comparison_sees_how_a_column_is_derived(database: Database):
    await migrate.upgrade(database)
    assert "archived IS NOT NULL" in " ".join((await schema(database)).values())


@pytest.mark.parametrize(
    "alteration",
    [
        "DROP INDEX ix_items_change",
        "ALTER TABLE users ADD COLUMN nickname VARCHAR",
        "ALTER TABLE users DROP COLUMN email",
        "DROP TABLE saved_filters",
        "CREATE TABLE stray (id INTEGER PRIMARY KEY)",
    ],
)
async def test_an_altered_database_is_told(database: Database, alteration: str):
    await migrate.upgrade(database)
    sound = await schema(database)
    async with database.write() as tx:
        await tx.execute(text(alteration))
    assert await migrate.differences(database)
    assert await schema(database) != sound


async def test_an_index_over_other_columns_is_told(database: Database):
    await migrate.upgrade(database)
    sound = await schema(database)
    async with database.write() as tx:
        await tx.execute(text("DROP INDEX ix_items_shelf"))
        await tx.execute(text("CREATE INDEX ix_items_shelf ON inbox_items (user_id, at)"))
    assert await schema(database) != sound


async def test_the_revision_is_nothing_before_and_the_newest_after(database: Database):
    assert await migrate.current(database) is None
    await migrate.upgrade(database)
    assert await migrate.current(database) == migrate.newest()


async def test_migrating_again_changes_nothing(database: Database):
    await migrate.upgrade(database)
    first = await schema(database)
    await migrate.upgrade(database)
    assert await schema(database) == first


MIGRATE = """
import asyncio, sys
from tests.clock import START
from tests.databases import migrated
asyncio.run(migrated(sys.argv[1]))
"""


async def test_servers_that_start_together_migrate_once(
    database: Database, empty_urls: tuple[str, str]
):
    # Processes of their own: Alembic's context is one per process.
    command = (sys.executable, "-c", MIGRATE, empty_urls[0])
    servers = [await asyncio.create_subprocess_exec(*command, cwd=ROOT) for _ in range(3)]
    assert [await server.wait() for server in servers] == [0, 0, 0]
    assert await migrate.differences(database) == []


async def test_a_migration_that_fails_leaves_the_database_as_it_was(database: Database):
    async with database.write() as tx:
        await tx.execute(text("CREATE TABLE sessions (id INTEGER PRIMARY KEY)"))
    before = await schema(database)
    with pytest.raises((Unavailable, SQLAlchemyError)):
        await migrate.upgrade(database)
    assert await schema(database) == before


async def test_going_down_and_up_again_ends_at_the_same_schema(database: Database):
    await migrate.upgrade(database)
    before = await schema(database)
    async with database.write() as tx:
        await tx.run_sync(_downgrade)
    assert await schema(database) == {}
    await migrate.upgrade(database)
    assert await schema(database) == before


async def test_deleted_types_have_names_of_their_own_on_the_way_down(database: Database):
    await migrate.upgrade(database)
    async with database.write() as tx:
        environment = new("Acme")
        await environments.add(tx, environment, Sealer("test-" * 8), START)
        for number in (1, 2, 3):
            kind = NotificationType(number, environment.id, "order", "Order", ())
            await types.add_missing(tx, [kind], START)
            if number < 3:
                await types.bury(tx, number)
        await tx.run_sync(partial(_downgrade, to="0004"))
        names = await tx.execute(text("SELECT name FROM notification_types ORDER BY id"))
        assert list(names.scalars()) == ["order (deleted 1)", "order (deleted 2)", "order"]


OLD_USERS = text(
    "INSERT INTO users (id, environment_id, external_id, push_tokens, web_push_tokens,"
    " slack_channel, slack_token_sealed, created_at, updated_at)"
    " VALUES (:id, :place, :name, :tokens, :browsers, :chat, :secret, 1, :at)"
).bindparams(bindparam("tokens", type_=Json), bindparam("browsers", type_=Json))


async def test_addresses_move_into_rows_of_their_own_and_back(database: Database):
    tokens = [{"type": "FCM", "token": "a"}, {"type": "APN", "token": "b\U0001f989"}]
    browsers = [{"sub": {"endpoint": "https://push.example/1"}}]
    ada = {"id": 1, "name": "ada", "at": 5, "tokens": tokens, "browsers": browsers}
    # Has had ada's first device before her.
    bob = {"id": 2, "name": "bob", "at": 4, "tokens": tokens[:1], "browsers": None}
    async with database.write() as tx:
        await tx.run_sync(_upgrade, "0014")
        environment = new("Acme")
        await environments.add(tx, environment, Sealer("test-" * 8), START)
        place = environment.id
        for each in (ada, bob):
            more = {"place": place, "chat": f"#{each['name']}", "secret": None}
            await tx.execute(OLD_USERS, {**each, **more})
    await migrate.upgrade(database)
    async with database.read() as tx:
        known = {each.external_id: each.profile for each in await users.page(tx, place, 9, "")}
    assert known["ada"].push_tokens == tuple(tokens)
    assert known["ada"].web_push_tokens == tuple(browsers)
    assert (known["bob"].push_tokens, known["bob"].slack_channel) == (None, "#bob")
    async with database.write() as tx:
        await tx.run_sync(partial(_downgrade, to="0014"))
        query = text("SELECT push_tokens, slack_channel FROM users ORDER BY id")
        rows = await tx.execute(query.columns(push_tokens=Json))
        assert [tuple(row) for row in rows] == [(tokens, "#ada"), (None, "#bob")]


def _upgrade(connection: Connection, to: str) -> None:
    command.upgrade(_config(connection), to)


def _downgrade(connection: Connection, to: str = "base") -> None:
    command.downgrade(_config(connection), to)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrate.FOLDER))
    config.attributes["connection"] = connection
    return config
