"""The database: transactions that hold, and plain words when it cannot be used."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from inbox_app.config import sqlite_url
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Contended, Unavailable
from inbox_app.runtime import Runtime
from inbox_app.storage import users
from inbox_app.storage.engine import Database
from tests.factories import make_user


async def test_a_write_that_fails_leaves_nothing(runtime: Runtime, environment: Environment):
    user = await make_user(runtime, environment)

    async def remove_and_fail() -> None:
        async with runtime.database.write() as tx:
            await users.remove(tx, user.id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await remove_and_fail()
    async with runtime.database.read() as tx:
        assert await users.get(tx, user.id) == user


async def test_a_reader_sees_one_moment_while_others_write(
    runtime: Runtime, environment: Environment
):
    async with runtime.database.read() as tx:
        assert await users.find(tx, environment.id, "late") is None
        await make_user(runtime, environment, "late")
        assert await users.find(tx, environment.id, "late") is None
    async with runtime.database.read() as tx:
        assert await users.find(tx, environment.id, "late") is not None


@pytest.mark.parametrize("backend", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_of_two_that_wait_for_each_other_one_gives_way_in_a_sentence(
    runtime: Runtime, environment: Environment
):
    one, other = [(await make_user(runtime, environment, name)).id for name in ("ada", "ben")]
    both_hold_one = asyncio.Barrier(2)

    async def touch(first: int, second: int) -> None:
        async with runtime.database.write() as tx:
            await users.touch(tx, first, runtime.clock.now())
            await both_hold_one.wait()
            await users.touch(tx, second, runtime.clock.now())

    ends = await asyncio.gather(touch(one, other), touch(other, one), return_exceptions=True)
    assert [type(each) for each in ends if each] == [Contended]


async def test_an_answered_ping_says_nothing(runtime: Runtime):
    await runtime.database.ping()


async def test_writers_take_turns(runtime: Runtime, environment: Environment):
    made = await asyncio.gather(*(make_user(runtime, environment, f"u{n}") for n in range(40)))
    async with runtime.database.read() as tx:
        page = await users.page(tx, environment.id, 100, "")
    assert {user.id for user in page} == {user.id for user in made}


async def test_sqlite_keeps_what_it_answered_for(tmp_path: Path):
    database = Database(sqlite_url(tmp_path / "new" / "inbox.db"))
    async with database.write() as tx:
        found = [
            (await tx.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    await database.close()
    assert found == ["wal", 2, 1]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+asyncpg://nobody@/none?host=/nowhere",
        "postgresql+asyncpg://nobody@127.0.0.1:1/none",
    ],
)
async def test_a_database_out_of_reach_is_unavailable(url: str):
    database = Database(url)
    with pytest.raises(Unavailable) as told:
        await database.ping()
    await database.close()
    assert "nobody" not in told.value.message + told.value.fix
