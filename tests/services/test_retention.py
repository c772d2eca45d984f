"""Notifications of a type that keeps them for some days leave the inbox, then the server."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from inbox_app.domain.act import Act
from inbox_app.domain.environment import Environment
from inbox_app.domain.feed import Box
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.preference import Preferences
from inbox_app.runtime import Runtime
from inbox_app.services import housekeeping, inbox, outgoing
from inbox_app.storage import retention, users
from tests.clock import SetClock
from tests.databases import BOTH
from tests.factories import make_send, make_type, make_user, send
from tests.pipeline.test_delivering import ONLY_MAIL, drain, of


@pytest.fixture(params=BOTH)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


async def key_of(rt: Runtime, environment: Environment) -> int:
    async with rt.database.read() as tx:
        user = await users.find(tx, environment.id, "ada")
    assert user
    return user.id


async def stored(rt: Runtime) -> set[str]:
    async with rt.database.read() as tx:
        return {row[0] for row in await tx.execute(text("SELECT tracking_id FROM notifications"))}


async def digests_left(rt: Runtime) -> set[int]:
    query = text("SELECT id FROM deliveries WHERE window_start IS NOT NULL")
    async with rt.database.read() as tx:
        return {row[0] for row in await tx.execute(query)}


async def boxes(rt: Runtime, user_id: int) -> tuple[list[str], list[str]]:
    """The tracking ids in the inbox and in the archive; the counters say the same."""
    active = await inbox.entries(rt, user_id, None, 100, Box.ALL)
    archived = await inbox.entries(rt, user_id, None, 100, Box.ARCHIVED)
    counted = (await inbox.state(rt, user_id)).counters
    assert (counted.active, counted.archived) == (len(active), len(archived))
    return [e.item.tracking_id for e in active], [e.item.tracking_id for e in archived]


async def test_it_is_archived_first_and_deleted_a_day_later(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_type(runtime, environment, retention=7)
    old = await send(runtime, environment)
    kept = await send(runtime, environment, type_name="other")
    ada = await key_of(runtime, environment)
    clock.advance(days=6, hours=23)
    await housekeeping.tidy(runtime)
    assert await boxes(runtime, ada) == ([kept, old], [])
    before = (await inbox.state(runtime, ada)).change
    clock.advance(hours=1)
    await housekeeping.tidy(runtime)
    assert await boxes(runtime, ada) == ([kept], [old])
    assert (await inbox.state(runtime, ada)).change > before
    clock.advance(days=1)
    await housekeeping.tidy(runtime)
    assert await boxes(runtime, ada) == ([kept], [])
    assert await stored(runtime) == {kept}


async def test_what_was_archived_goes_at_once(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_type(runtime, environment, retention=7)
    old, read = [await send(runtime, environment) for _ in range(2)]
    ada = await key_of(runtime, environment)
    await inbox.perform(runtime, ada, Act.ARCHIVE, [old])
    await inbox.perform(runtime, ada, Act.READ, [read])
    clock.advance(days=7)
    await housekeeping.tidy(runtime)
    assert await boxes(runtime, ada) == ([], [read])
    assert await stored(runtime) == {read}


async def test_what_is_taken_back_from_the_archive_gets_another_day(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_type(runtime, environment, retention=7)
    old = await send(runtime, environment)
    ada = await key_of(runtime, environment)
    clock.advance(days=7)
    await housekeeping.tidy(runtime)
    await inbox.perform(runtime, ada, Act.RESTORE, [old])
    clock.advance(days=1)
    await housekeeping.tidy(runtime)
    assert await boxes(runtime, ada) == ([], [old])


async def test_what_is_still_to_be_sent_stays(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_type(runtime, environment, retention=7)
    at = clock.now()
    waiting = await send(runtime, environment, schedule=at.replace(year=at.year + 1))
    clock.advance(days=30)
    await housekeeping.tidy(runtime)
    assert await stored(runtime) == {waiting}


async def test_time_counts_from_when_it_was_to_be_shown(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_type(runtime, environment, retention=7)
    at = clock.now()
    later = await send(runtime, environment, schedule=at.replace(year=at.year + 1))
    change = make_send(environment, schedule=at.replace(year=at.year + 2), in_app=None)
    await outgoing.reschedule(runtime, environment, later, change)
    async with runtime.database.read() as tx:
        row = await tx.execute(text("SELECT scheduled_for, expires_at FROM notifications"))
        scheduled, expires = row.one()
    assert expires - scheduled == 7 * 24 * 3600 * 1_000_000


async def test_a_summary_is_kept_as_long_as_something_that_rode_in_it(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await make_type(runtime, environment, channels=(Channel.EMAIL,), retention=7)
    user = await make_user(runtime, environment, "ada")
    paused = Preferences(paused_until=clock.now() + timedelta(days=1))
    async with runtime.database.write() as tx:
        await users.save(tx, [replace(user, preferences=paused)])
    expiring = await send(runtime, environment, **ONLY_MAIL)
    other: dict[str, Any] = ONLY_MAIL | {"type_name": "other"}
    kept = await send(runtime, environment, **other)
    clock.advance(days=1)
    await drain(runtime)
    riding = [(await of(runtime, each)).digest_id for each in (expiring, kept)]
    assert riding[0] == riding[1]
    clock.advance(days=40)
    await housekeeping.tidy(runtime)
    assert await stored(runtime) == {kept}
    assert await digests_left(runtime) == {riding[0]}
    async with runtime.database.write() as tx:
        await retention.remove(tx, [kept])
    await housekeeping.tidy(runtime)
    assert await digests_left(runtime) == set()
