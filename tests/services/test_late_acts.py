"""Acts that arrive late from a browser that had no network."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from inbox_app.domain.act import Act
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.domain.item_state import ItemState, Mark, StateChange
from inbox_app.domain.late import LATEST
from inbox_app.domain.notification import Action, InAppContent
from inbox_app.domain.user import User
from inbox_app.pipeline import waking
from inbox_app.runtime import Runtime
from inbox_app.services import housekeeping, inbox
from inbox_app.services.inbox import Asked
from inbox_app.storage.intents import INTENTS
from tests.clock import SetClock
from tests.factories import make_user, send
from tests.services.test_inbox import counted, items

LONG_AGO = Asked("late", timedelta(hours=1))
BUTTONS = InAppContent("Approve?", actions=(Action("Yes"), Action("No")))


@pytest.fixture
async def ada(runtime: Runtime, environment: Environment) -> User:
    return await make_user(runtime, environment, "ada")


async def state_of(rt: Runtime, user: User, tracking_id: str) -> ItemState:
    return next(each.state for each in await items(rt, user) if each.tracking_id == tracking_id)


async def test_what_was_done_elsewhere_since_stays_and_the_rest_is_done(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    one, other = [await send(runtime, environment) for _ in range(2)]
    await inbox.perform(runtime, ada.id, Act.READ, [one, other])
    clock.advance(minutes=30)
    await inbox.perform(runtime, ada.id, Act.UNREAD, [one])
    clock.advance(minutes=55)
    late = await inbox.perform(runtime, ada.id, Act.READ, [one, other], None, LONG_AGO)
    assert late.count == 0
    assert (await state_of(runtime, ada, one)).unread
    saved = Asked("saved", timedelta(hours=1))
    assert (await inbox.perform(runtime, ada.id, Act.SAVE, [one], None, saved)).count == 1
    assert (await state_of(runtime, ada, one)).saved == clock.now() - timedelta(hours=1)
    assert (await inbox.state(runtime, ada.id)).counters == await counted(runtime, ada)


async def test_what_is_gone_since_is_passed_over(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await send(runtime, environment)
    late = await inbox.perform(runtime, ada.id, Act.ARCHIVE, [item, "gone"], None, LONG_AGO)
    assert late.count == 1
    with pytest.raises(NotFound):
        await inbox.perform(runtime, ada.id, Act.RESTORE, [item, "gone"])


async def test_what_an_undo_put_back_since_stays(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    item = await send(runtime, environment)
    clock.advance(minutes=90)
    done = await inbox.perform(runtime, ada.id, Act.ARCHIVE, [item])
    await inbox.undo(runtime, ada.id, done.undo)
    await inbox.perform(runtime, ada.id, Act.ARCHIVE, [item], None, LONG_AGO)
    assert (await state_of(runtime, ada, item)).archived is None


async def test_what_a_device_takes_back_since_stays(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    item = await send(runtime, environment)
    await inbox.perform(runtime, ada.id, Act.ARCHIVE, [item])
    clock.advance(minutes=90)
    restored = StateChange(clears=frozenset({Mark.ARCHIVED}))
    await inbox.report(runtime, ada.id, [item], restored)
    await inbox.perform(runtime, ada.id, Act.ARCHIVE, [item], None, LONG_AGO)
    assert (await state_of(runtime, ada, item)).archived is None


async def test_an_act_on_all_leaves_alone_what_came_since(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    old = await send(runtime, environment)
    clock.advance(minutes=90)
    new = await send(runtime, environment)
    work = inbox.perform_all(runtime, ada.id, Act.READ, InboxFilter(), None, LONG_AGO)
    assert [each.count async for each in work] == [1]
    assert not (await state_of(runtime, ada, old)).unread
    assert (await state_of(runtime, ada, new)).unread


async def test_the_answer_given_last_stands(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    item = await send(runtime, environment, in_app=BUTTONS)
    clock.advance(minutes=90)
    await inbox.act(runtime, ada.id, item, 2)
    await inbox.act(runtime, ada.id, item, 1, LONG_AGO)
    state = await state_of(runtime, ada, item)
    assert (state.actioned1, state.actioned2) == (None, clock.now())


async def test_a_snooze_that_is_over_when_it_arrives_is_new_again(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    item = await send(runtime, environment)
    meant, until = clock.now(), clock.now() + timedelta(minutes=30)
    clock.advance(minutes=60)
    await inbox.perform(runtime, ada.id, Act.SNOOZE, [item], until, LONG_AGO)
    await waking.wake(runtime)
    state = await state_of(runtime, ada, item)
    assert (state.snoozed, state.snoozed_at, state.unread) == (None, meant, True)


async def kept_intents(rt: Runtime) -> list[datetime]:
    async with rt.database.read() as tx:
        return list((await tx.execute(select(INTENTS.c.at))).scalars())


async def test_intents_are_forgotten_once_no_act_can_be_older(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    item = await send(runtime, environment)
    for _ in range(2):
        await inbox.perform(runtime, ada.id, Act.UNREAD, [item])
    assert await kept_intents(runtime) == [clock.now()]
    clock.advance(hours=LATEST.total_seconds() / 3600)
    await housekeeping.tidy(runtime)
    assert await kept_intents(runtime) == []
