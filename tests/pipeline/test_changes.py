"""Readers who ask in the same moment are each told exactly what they do not know."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update

from inbox_app.domain.act import Act
from inbox_app.domain.changes import MOST_CHANGES, Changes, Since
from inbox_app.domain.environment import Environment
from inbox_app.domain.feed import Box
from inbox_app.domain.notification import InAppContent
from inbox_app.domain.user import User
from inbox_app.pipeline import changes
from inbox_app.pipeline.changes import ChangeReader
from inbox_app.runtime import Runtime
from inbox_app.services import inbox
from inbox_app.services.views import ChangesView
from inbox_app.storage import inbox as stored
from inbox_app.storage.item_rows import ITEMS
from tests.databases import BOTH
from tests.factories import make_user, send

pytestmark = pytest.mark.parametrize("backend", BOTH, indirect=True)


@pytest.fixture
async def ada(runtime: Runtime, environment: Environment) -> User:
    return await make_user(runtime, environment, "ada")


@pytest.fixture
async def ben(runtime: Runtime, environment: Environment) -> User:
    return await make_user(runtime, environment, "ben")


async def asked(rt: Runtime, *readers: tuple[User, int]) -> list[Changes]:
    """What a group of readers is told, each of whom knows an inbox up to a change number."""
    answers = await ChangeReader(rt.database, rt.clock)(
        [Since(user.id, change) for user, change in readers]
    )
    assert not [each for each in answers if isinstance(each, Exception)]
    return [each for each in answers if isinstance(each, Changes)]


def titles(told: Changes) -> list[str] | None:
    return None if told.items is None else [item.content.title for item in told.items]


async def sent(rt: Runtime, environment: Environment, user: User, *said: str) -> None:
    for title in said:
        await send(rt, environment, user.external_id, in_app=InAppContent(title))


async def test_each_is_told_what_they_do_not_know(
    runtime: Runtime, environment: Environment, ada: User, ben: User
):
    await sent(runtime, environment, ada, "one", "two", "three")
    await sent(runtime, environment, ben, "four")
    told = await asked(runtime, (ada, 1), (ben, 0), (ada, 3), (ada, 0), (ada, 9), (ben, 0))
    assert [sorted(t) if (t := titles(each)) is not None else None for each in told] == [
        ["three", "two"],
        ["four"],
        [],
        ["one", "three", "two"],
        None,
        ["four"],
    ]
    assert [each.state.change for each in told] == [3, 1, 3, 3, 3, 1]
    assert told[0].state.counters.unread == 3


async def test_who_has_no_inbox_yet_is_told_so(runtime: Runtime, ada: User):
    (told,) = await asked(runtime, (ada, 0))
    assert (told.items, told.state.change) == ([], 0)


async def test_items_are_told_as_they_are_listed(
    runtime: Runtime, environment: Environment, ada: User
):
    name = await send(
        runtime,
        environment,
        in_app=InAppContent("Ünïcode 📦 'quoted' \"twice\"", body="a\nb", replies=True),
        parameters={"deep": {"list": [1, 2.5, None, True]}},
        sub_notification_id="sub",
    )
    await inbox.perform(runtime, ada.id, Act.READ, [name])
    (told,) = await asked(runtime, (ada, 0))
    async with runtime.database.read() as tx:
        assert told.items == await stored.page(tx, ada.id, Box.EVERYTHING, None, 10)


async def test_who_missed_too_much_takes_nothing_from_the_others(
    monkeypatch: pytest.MonkeyPatch,
    runtime: Runtime,
    environment: Environment,
    ada: User,
    ben: User,
):
    monkeypatch.setattr(changes, "MOST_TOGETHER", 10)
    many = [f"number {n}" for n in range(MOST_CHANGES + 1)]
    await asyncio.gather(*(sent(runtime, environment, ada, title) for title in many))
    await sent(runtime, environment, ben, "four")
    told = await asked(runtime, (ada, 0), (ben, 0), (ada, 1), (ada, MOST_CHANGES))
    assert titles(told[0]) is None
    assert titles(told[1]) == ["four"]
    assert len(titles(told[2]) or ()) == MOST_CHANGES
    assert len(titles(told[3]) or ()) == 1


async def test_an_inbox_that_cannot_be_read_keeps_nothing_from_the_others(
    runtime: Runtime, environment: Environment, ada: User, ben: User
):
    await sent(runtime, environment, ada, "one")
    await sent(runtime, environment, ben, "two")
    async with runtime.database.write() as tx:
        spoilt = update(ITEMS).where(ITEMS.c.user_id == ada.id).values(actions=[{"no": "action"}])
        await tx.execute(spoilt)
    asking = (inbox.changes_since(runtime, user.id, 0) for user in (ada, ben, ada, ben))
    told = await asyncio.gather(*asking, return_exceptions=True)
    assert [isinstance(each, Exception) for each in told] == [True, False, True, False]
    assert [[row.title for row in each.rows] for each in told if isinstance(each, ChangesView)] == [
        ["two"],
        ["two"],
    ]
