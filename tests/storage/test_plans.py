"""No query on the way of a send or a reader reads a table from end to end."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from inbox_app.domain.act import Act
from inbox_app.domain.environment import Environment
from inbox_app.domain.feed import SHELVES, Box
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.domain.mail_report import Evidence
from inbox_app.domain.user import Profile
from inbox_app.lib import links
from inbox_app.lib.links import OpenLink, UnsubscribeLink
from inbox_app.runtime import Runtime
from inbox_app.services import access, inbox, mail_events, unsubscribing, users
from inbox_app.services.calm import calm
from inbox_app.storage import deliveries, digests
from inbox_app.storage.engine import Database
from tests.factories import make_key, make_user, send

Statement = tuple[str, Any]
BY_ID = "SEARCH inbox_items USING INDEX sqlite_autoindex_inbox_items_1 (tracking_id=?)"


@pytest.fixture
def backend() -> str:
    """SQLite tells its plan whatever the size; PostgreSQL rightly scans tables that are small."""
    return "sqlite"


@contextmanager
def recorded(database: Database) -> Generator[list[Statement]]:
    """Every statement that is executed meanwhile, with its first parameters."""
    found: list[Statement] = []

    def remember(*arguments: Any) -> None:
        _, _, statement, parameters, _, many = arguments
        found.append((statement, parameters[0] if many else parameters))

    engines = [engine.sync_engine for engine in database.engines]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", remember)
    yield found
    for engine in engines:
        event.remove(engine, "before_cursor_execute", remember)


async def scans(database: Database, statements: list[Statement]) -> list[str]:
    """The statements that read a whole table or index, with the table."""
    found: list[str] = []
    async with database.read() as tx:
        names = await tx.exec_driver_sql("SELECT name FROM sqlite_master")
        stored = {row.name for row in names}
        for statement, parameters in statements:
            if statement.split()[0] not in {"SELECT", "UPDATE", "DELETE"}:
                continue
            plan = await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps = [str(row.detail) for row in plan]
            found += [
                f"{step}: {statement}"
                for step in steps
                # What a query made itself, and limited, may be read from end to end.
                if step.startswith("SCAN") and step.split()[1] in stored
            ]
    return found


async def test_sending_scans_nothing(runtime: Runtime, environment: Environment):
    with recorded(runtime.database) as statements:
        for _ in range(2):
            await send(
                runtime,
                environment,
                key=("key-1", "hash"),
                profile=Profile(email="ada@acme.example"),
            )
        await send(runtime, environment, profile=Profile(email="new@acme.example"))
    assert len(statements) > 10
    assert await scans(runtime.database, statements) == []


async def test_reading_and_acting_scans_nothing(runtime: Runtime, environment: Environment):
    user = await make_user(runtime, environment, "ada")
    key = await make_key(runtime, environment)
    items = [await send(runtime, environment) for _ in range(3)]
    with recorded(runtime.database) as statements:
        await access.by_api_key(runtime, key)
        link = await access.sign_in_link(runtime, environment, "ada")
        session = await access.sign_in(runtime, link.partition("token=")[2])
        await access.viewer(runtime, session.token)
        await inbox.state(runtime, user.id)
        for box in Box:
            page = await inbox.page(runtime, user.id, box, limit=1)
            await inbox.page(runtime, user.id, box, page.next, limit=1)
        await inbox.changed_items(runtime, user.id, 1)
        await inbox.reply(runtime, user.id, items[0], "Thanks")
        await inbox.open_item(runtime, user.id, items[0])
        await inbox.perform(runtime, user.id, Act.READ, items)
        await inbox.see_all(runtime, user.id)
        await inbox.see_all(runtime, user.id, "order_shipped")
        await calm(runtime, user.id, runtime.clock.now())
        await inbox.kinds(runtime, user.id)
        everything = InboxFilter(Box.EVERYTHING)
        async for done in inbox.perform_all(runtime, user.id, Act.SAVE, everything):
            await inbox.undo(runtime, user.id, done.undo)
        await users.page(runtime, environment, 10, "")
        await users.remove(runtime, environment, "ada")
        await access.sign_out(runtime, session.token)
    assert len(statements) > 30
    assert await scans(runtime.database, statements) == []


async def test_following_the_links_of_an_email_scans_nothing(
    runtime: Runtime, environment: Environment
):
    name = await send(runtime, environment, schedule=runtime.clock.now() + timedelta(hours=1))
    user = await make_user(runtime, environment, "ada")
    async with runtime.database.read() as tx:
        (delivery,) = await deliveries.of_notification(tx, name)
    link = UnsubscribeLink(environment.id, user.id, delivery.type_id, delivery.id)
    token = links.unsubscribe_token(runtime.sealer, link)
    who = Evidence("", "")
    with recorded(runtime.database) as statements:
        await unsubscribing.look(runtime, token)
        for act in unsubscribing.Act:
            await unsubscribing.act(runtime, token, act, who)
        await mail_events.record(runtime, OpenLink(delivery.id), who)
        async with runtime.database.read() as tx:
            await digests.carried(tx, delivery.id, 10)
    assert len(statements) > 10
    assert await scans(runtime.database, statements) == []


async def test_a_page_is_read_from_its_shelves_alone(runtime: Runtime, environment: Environment):
    user = await make_user(runtime, environment, "ada")
    with recorded(runtime.database) as statements:
        for box in Box:
            await inbox.page(runtime, user.id, box)
    pages = [each for each in statements if "ORDER BY" in each[0]]
    assert len(pages) == len(Box)
    async with runtime.database.read() as tx:
        for box, (statement, parameters) in zip(Box, pages, strict=True):
            plan = await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            reads = [row.detail for row in plan if "inbox_items" in row.detail]
            if box is Box.SAVED:
                saved = "SEARCH inbox_items USING INDEX ix_items_saved (user_id=?)"
                assert sorted(reads) == sorted([saved, BY_ID])
                continue
            shelf = "SEARCH inbox_items USING INDEX ix_items_shelf (user_id=? AND shelf=?)"
            assert reads.count(shelf) == len(SHELVES[box]), reads
            assert [each for each in reads if each != shelf] == [BY_ID]
