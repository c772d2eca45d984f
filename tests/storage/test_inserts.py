"""Rows on their way to the database with the next call are as much part of the transaction."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from inbox_app.domain.environment import Environment
from inbox_app.domain.item_state import Counters, InboxState
from inbox_app.runtime import Runtime
from inbox_app.storage import inbox
from inbox_app.storage.engine import Transaction
from inbox_app.storage.environments import ENVIRONMENTS
from inbox_app.storage.statements import Bulk, Row, insert_together
from tests.factories import make_user

INSERT = Bulk(
    ENVIRONMENTS,
    *("id", "client_id", "client_secret_sealed", "title", "secure_mode", "disable_sending"),
    *("demo", "created_at"),
)


async def insert(tx: Transaction, *keys: int) -> None:
    made = datetime(2026, 1, 1, tzinfo=UTC)
    rows: list[Row] = [(key, f"client_{key}", "", "Acme", False, [], False, made) for key in keys]
    await insert_together(tx, (INSERT, rows))


async def keys(tx: Transaction) -> list[int]:
    return [key for (key,) in await tx.execute(text("SELECT id FROM environments ORDER BY id"))]


async def stored(runtime: Runtime) -> list[int]:
    async with runtime.database.read() as tx:
        return await keys(tx)


async def test_a_transaction_reads_what_it_inserted(runtime: Runtime):
    async with runtime.database.write() as tx:
        await insert(tx, 1)
        await insert(tx, 2, 3)
        assert await keys(tx) == [1, 2, 3]
    assert await stored(runtime) == [1, 2, 3]


async def test_rows_that_only_the_commit_takes_along_are_kept(runtime: Runtime):
    async with runtime.database.write() as tx:
        await insert(tx, 1)
    assert await stored(runtime) == [1]


async def test_what_is_rolled_back_leaves_nothing_for_the_next(runtime: Runtime):
    async def insert_and_fail() -> None:
        async with runtime.database.write() as tx:
            await insert(tx, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await insert_and_fail()
    async with runtime.database.write() as tx:
        await insert(tx, 2)
    assert await stored(runtime) == [2]


async def test_a_row_that_is_refused_takes_its_transaction_with_it(runtime: Runtime):
    async def insert_twice() -> None:
        async with runtime.database.write() as tx:
            await insert(tx, 1, 2)
            await insert(tx, 2)

    with pytest.raises(Exception, match=r"(?i)unique"):
        await insert_twice()
    assert await stored(runtime) == []
    async with runtime.database.write() as tx:
        await insert(tx, 3)
    assert await stored(runtime) == [3]


async def test_more_rows_than_go_in_one_step_are_all_kept(runtime: Runtime):
    async with runtime.database.write() as tx:
        await insert(tx, *range(1, 102))
    assert await stored(runtime) == list(range(1, 102))


async def test_numbers_that_are_known_are_moved_on_without_an_answer(
    runtime: Runtime, environment: Environment
):
    ada, ben = [(await make_user(runtime, environment, name)).id for name in ("ada", "ben")]
    one, two = Counters(active=1, unread=1), Counters(active=2, saved=1)
    async with runtime.database.write() as tx:
        assert await inbox.advance(tx, {ada: (1, one)}) == {ada: 1}
        known = {ada: 1, ben: 0}
        assert await inbox.advance(tx, {ben: (1, one), ada: (2, two)}, known) == {ben: 1, ada: 3}
        assert await inbox.advance(tx, {ada: (0, Counters())}) == {ada: 3}
    async with runtime.database.read() as tx:
        assert await inbox.state(tx, ada) == InboxState(3, one + two)
        assert await inbox.state(tx, ben) == InboxState(1, one)
