"""Snoozed items come back: in time, at the top, new, once, and early when something happens."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings
from inbox_app.domain.act import Act, change_of
from inbox_app.domain.environment import Environment
from inbox_app.domain.feed import Box
from inbox_app.domain.item_state import Counters, StateChange
from inbox_app.domain.user import User
from inbox_app.pipeline import waking
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, inbox
from tests.clock import START, SetClock
from tests.factories import make_user, send
from tests.pipeline.test_batching import batching, like

HOUR = timedelta(hours=1)


async def snooze(rt: Runtime, user: User, *ids: str, by: timedelta = HOUR) -> None:
    now = rt.clock.now()
    await inbox.report(rt, user.id, ids, change_of(Act.SNOOZE, now, now + by))


async def listed(rt: Runtime, user: User, box: Box = Box.ALL) -> list[str]:
    return [row.id for row in (await inbox.page(rt, user.id, box)).rows]


async def test_it_comes_back_at_the_top_unseen_and_tells_since_when(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    ada = await make_user(runtime, environment, "ada")
    old = await send(runtime, environment)
    clock.advance(minutes=1)
    new = await send(runtime, environment)
    await inbox.perform(runtime, ada.id, Act.READ, [old])
    await snooze(runtime, ada, old)
    assert await listed(runtime, ada) == [new]
    assert await listed(runtime, ada, Box.SNOOZED) == [old]
    assert await waking.wake(runtime) == clock.at + HOUR
    clock.advance(hours=1)
    with runtime.hub.subscribe(ada.id) as readers:
        await waking.wake(runtime)
        news = await readers.wait(1)
    page = await inbox.page(runtime, ada.id, Box.ALL)
    assert [row.id for row in page.rows] == [old, new]
    row = page.rows[0]
    assert (row.unread, row.seen, row.snoozed) == (True, False, "")
    assert row.woken.startswith("2026-03-02T09:31")
    assert news is not None
    assert news.change == page.change
    counts = page.counts
    assert (counts.all, counts.unread, counts.unseen, counts.snoozed) == (2, 2, 2, 0)
    assert await waking.wake(runtime) is None


async def test_the_sweep_wakes_and_says_when_to_look_again(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    ada = await make_user(runtime, environment, "ada")
    item = await send(runtime, environment)
    await snooze(runtime, ada, item, by=timedelta(seconds=3))
    assert await delivering.sweep(runtime) <= 3
    clock.advance(seconds=3)
    await delivering.sweep(runtime)
    assert await listed(runtime, ada) == [item]


async def test_many_are_woken_once_whoever_does_it(
    runtime: Runtime, environment: Environment, settings: Settings, clock: SetClock
):
    ada = await make_user(runtime, environment, "ada")
    items = [await send(runtime, environment) for _ in range(5)]
    await snooze(runtime, ada, *items)
    before = (await inbox.state(runtime, ada.id)).change
    clock.advance(hours=2)
    async with open_runtime(settings, clock) as other:
        await asyncio.gather(*(waking.wake(rt) for rt in (runtime, other) for _ in range(3)))
    now = await inbox.state(runtime, ada.id)
    assert now.change == before + 1
    assert now.counters == Counters(active=5, unread=5, unseen=5)


async def test_what_was_read_or_archived_meanwhile_does_not_come_back(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    ada = await make_user(runtime, environment, "ada")
    read, archived = [await send(runtime, environment) for _ in range(2)]
    await snooze(runtime, ada, read, archived)
    await inbox.perform(runtime, ada.id, Act.READ, [read])
    await inbox.perform(runtime, ada.id, Act.ARCHIVE, [archived])
    before = await inbox.state(runtime, ada.id)
    clock.advance(hours=2)
    assert await waking.wake(runtime) is None
    assert await inbox.state(runtime, ada.id) == before


async def test_a_new_event_of_its_group_brings_it_back_early(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    await batching(runtime, environment)
    ada = await make_user(runtime, environment, "ada")
    first = await like(runtime, environment, "Ana")
    await inbox.perform(runtime, ada.id, Act.READ, [first])
    await snooze(runtime, ada, first)
    clock.advance(minutes=2)
    await like(runtime, environment, "Ben")
    (row,) = (await inbox.page(runtime, ada.id, Box.ALL)).rows
    assert (row.id, row.size, row.unread, row.seen, row.snoozed) == (first, 2, True, False, "")
    assert row.woken
    counters = (await inbox.state(runtime, ada.id)).counters
    assert counters == Counters(active=1, unread=1, unseen=1)


async def test_the_answer_of_the_sender_brings_it_back_early(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    ada = await make_user(runtime, environment, "ada")
    item = await send(runtime, environment)
    newer = await send(runtime, environment, accepted_at=START + timedelta(minutes=1))
    await snooze(runtime, ada, item)
    now = clock.advance(minutes=2)
    answer = inbox.NewReply("Here it is", now, "Acme")
    await inbox.report(runtime, ada.id, [item], StateChange(), [answer])
    assert await listed(runtime, ada) == [item, newer]
    counters = (await inbox.state(runtime, ada.id)).counters
    assert counters == Counters(active=2, unread=2, unseen=2)


async def test_the_own_reply_ends_a_snooze_without_bringing_it_up(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    ada = await make_user(runtime, environment, "ada")
    item = await send(runtime, environment)
    newer = await send(runtime, environment, accepted_at=START + timedelta(minutes=1))
    await snooze(runtime, ada, item)
    clock.advance(minutes=2)
    await inbox.reply(runtime, ada.id, item, "Thanks")
    assert await listed(runtime, ada) == [newer, item]
