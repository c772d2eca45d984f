"""Who waits for whom on PostgreSQL: always in one order, so never in a circle (decision 13)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings
from inbox_app.domain.delivery_option import Batching, ChannelOptions, DeliveryOption
from inbox_app.domain.environment import Environment
from inbox_app.domain.feed import Box
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.runtime import Runtime
from inbox_app.services import inbox as inbox_service
from inbox_app.services import users
from inbox_app.storage import digests, filters, inbox, search, undos
from inbox_app.storage.engine import Transaction
from inbox_app.storage.filters import SavedFilter
from inbox_app.storage.undos import Step
from tests.clock import START, SetClock
from tests.factories import make_type, make_user, send

BATCHING = {
    Channel.INAPP_WEB: ChannelOptions(batching=Batching("", timedelta(hours=1))),
    Channel.EMAIL: ChannelOptions(DeliveryOption.DAILY),
}
WITH_EMAIL: dict[str, Any] = {
    "channels_with_content": (Channel.EMAIL, Channel.INAPP_WEB),
    "content": {Channel.EMAIL: {"subject": "Shipped", "html": "<p>Shipped</p>"}},
    "profile": Profile(email="ada@acme.example"),
}


@pytest.fixture(params=[pytest.param("postgres", marks=pytest.mark.postgres)])
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


@asynccontextmanager
async def holding(rt: Runtime, user_id: int) -> AsyncGenerator[Transaction]:
    """A transaction that holds an inbox, and fails where it would have to wait."""
    async with rt.database.write() as tx:
        await tx.execute(text("SET LOCAL lock_timeout = '500ms'"))
        await inbox.lock(tx, user_id)
        yield tx


WAITING = """
SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def somebody_waits(tx: Transaction) -> None:
    """Returns when another transaction of this database waits for a lock."""
    async with asyncio.timeout(20):
        while not (await tx.execute(text(WAITING))).first():
            # What is shown stays the same for a whole transaction unless it is asked for anew.
            await tx.execute(text("SELECT pg_stat_clear_snapshot()"))
            await asyncio.sleep(0.01)


async def test_who_waits_for_an_inbox_holds_none_of_its_items(
    runtime: Runtime, environment: Environment
):
    await make_type(runtime, environment, options=BATCHING)
    user = await make_user(runtime, environment, "ada")
    await send(runtime, environment)
    async with holding(runtime, user.id) as tx, asyncio.TaskGroup() as senders:
        senders.create_task(send(runtime, environment))
        await somebody_waits(tx)
        assert await inbox.see_all(tx, user.id, runtime.clock.now(), 2) == 1
        await tx.rollback()


async def test_who_waits_for_an_inbox_holds_no_digest(runtime: Runtime, environment: Environment):
    await make_type(runtime, environment, options=BATCHING)
    user = await make_user(runtime, environment, "ada")
    await send(runtime, environment, **WITH_EMAIL)
    async with holding(runtime, user.id) as tx, asyncio.TaskGroup() as senders:
        senders.create_task(send(runtime, environment, **WITH_EMAIL))
        await somebody_waits(tx)
        assert len(await digests.open_ones(tx, [user.id])) == 1
        await tx.rollback()


async def add_undo(tx: Transaction, user_id: int) -> None:
    await undos.add(tx, user_id, "handle", START, Step(1, {}))


async def add_filter(tx: Transaction, user_id: int) -> None:
    await filters.add(tx, user_id, 0, SavedFilter("one", "One", InboxFilter()))


async def add_mark(tx: Transaction, user_id: int) -> None:
    await search.set_mark(tx, user_id, 1)


@pytest.mark.parametrize("add", [add_undo, add_filter, add_mark])
async def test_who_deletes_a_person_waits_for_who_holds_their_inbox(
    runtime: Runtime,
    environment: Environment,
    add: Callable[[Transaction, int], Awaitable[None]],
):
    user = await make_user(runtime, environment, "ada")
    # Who makes the state row holds the person by that alone.
    async with runtime.database.write() as tx:
        await inbox.lock(tx, user.id)
    async with holding(runtime, user.id) as tx, asyncio.TaskGroup() as others:
        others.create_task(users.remove(runtime, environment, "ada"))
        await somebody_waits(tx)
        await add(tx, user.id)
        await tx.commit()
    assert await users.find(runtime, environment, "ada") is None


async def test_two_servers_never_begin_two_items_for_one_key(
    runtime: Runtime, environment: Environment, settings: Settings, clock: SetClock
):
    await make_type(runtime, environment, options=BATCHING)
    people = [await make_user(runtime, environment, f"user {n}") for n in range(20)]
    async with open_runtime(settings, clock) as neighbour:
        for each in people:
            await asyncio.gather(
                *(send(rt, environment, each.external_id) for rt in (runtime, neighbour))
            )
    for each in people:
        (entry,) = await inbox_service.entries(runtime, each.id, None, 10, Box.ALL)
        assert entry.item.content.title == "Order 17 has shipped (+1)"
        counters = (await inbox_service.state(runtime, each.id)).counters
        assert (counters.active, counters.unseen) == (1, 1)
