"""Saved filters: named, ordered, counted, and nobody else's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import event

from inbox_app.domain.act import Act
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Conflict, InvalidInput, NotFound
from inbox_app.domain.feed import Box
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.domain.user import User
from inbox_app.runtime import Runtime
from inbox_app.services import filters, inbox
from tests.clock import SetClock
from tests.factories import make_type, make_user, send

PARCELS = InboxFilter(query="parcel")


@pytest.fixture
async def ada(runtime: Runtime, environment: Environment) -> User:
    return await make_user(runtime, environment, "ada")


async def names(rt: Runtime, user: User) -> list[str]:
    return [each.name for each in await filters.listed(rt, user.id)]


async def test_a_filter_is_kept_with_what_it_counts(
    runtime: Runtime, environment: Environment, ada: User
):
    for title in ("Parcel one", "Parcel two", "Invoice"):
        await send(runtime, environment, title=title)
    chosen = InboxFilter(Box.UNREAD, "", "order_shipped", "parcel")
    made = await filters.create(runtime, ada.id, "  My   parcels ", chosen)
    assert await filters.listed(runtime, ada.id) == [made]
    assert (made.name, made.box, made.category) == ("My parcels", "unread", "")
    assert (made.type_name, made.query, made.unread) == ("order_shipped", "parcel", 2)
    assert not made.capped


EACH = (
    InboxFilter(),
    InboxFilter(category="Logistics"),
    InboxFilter(Box.UNREAD, type_name="news"),
    InboxFilter(query="is:saved"),
    InboxFilter(query="after:2d"),
    InboxFilter(query="before:2d"),
    InboxFilter(query="-is:saved before:2d"),
    PARCELS,
    InboxFilter(type_name="news", query="parcel"),
    InboxFilter(Box.ARCHIVED),
)


async def test_many_are_counted_as_each_by_itself(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    await make_type(runtime, environment, category="Logistics")
    made = list[str]()
    for number in range(12):
        clock.advance(hours=12)
        title, kind = f"{'Parcel' if number % 3 else 'Letter'} {number}", "news"
        kind = "order_shipped" if number % 2 else kind
        made.append(await send(runtime, environment, title=title, type_name=kind))
    await inbox.perform(runtime, ada.id, Act.SAVE, made[2:5])
    await inbox.perform(runtime, ada.id, Act.READ, made[4:6])
    await inbox.perform(runtime, ada.id, Act.ARCHIVE, made[6:8])
    for number, chosen in enumerate(EACH):
        await filters.create(runtime, ada.id, str(number), chosen)
    alone = [await inbox.count(runtime, ada.id, chosen) for chosen in EACH]
    together = await filters.listed(runtime, ada.id)
    assert [(each.unread, each.capped) for each in together] == alone
    assert len({number for number, _ in alone}) > 4


async def test_parts_of_one_list_are_counted_in_one_walk(
    runtime: Runtime, environment: Environment, ada: User
):
    await send(runtime, environment)
    await filters.create(runtime, ada.id, "First", InboxFilter(type_name="order_shipped"))
    alone = await statements(runtime, ada)
    for name in ("news", "other", "fourth"):
        await filters.create(runtime, ada.id, name, InboxFilter(type_name=name))
    assert await statements(runtime, ada) == alone
    assert [each.unread for each in await filters.listed(runtime, ada.id)] == [1, 0, 0, 0]


async def statements(rt: Runtime, user: User) -> int:
    """How many a list of somebody's filters takes."""
    asked = list[Any]()

    def remember(*told: Any) -> None:
        asked.append(told)

    engines = [each.sync_engine for each in rt.database.engines]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", remember)
    await filters.listed(rt, user.id)
    for engine in engines:
        event.remove(engine, "before_cursor_execute", remember)
    return len(asked)


async def test_filters_are_renamed_ordered_and_deleted(runtime: Runtime, ada: User):
    one, two, three = [
        await filters.create(runtime, ada.id, name, PARCELS) for name in ("One", "Two", "Three")
    ]
    await filters.arrange(runtime, ada.id, [three.id, one.id])
    assert await names(runtime, ada) == ["Three", "One", "Two"]
    await filters.rename(runtime, ada.id, two.id, "Second")
    await filters.delete(runtime, ada.id, one.id)
    assert await names(runtime, ada) == ["Three", "Second"]


@pytest.mark.parametrize(
    ("name", "chosen", "error"),
    [
        ("", PARCELS, InvalidInput),
        ("x" * 61, PARCELS, InvalidInput),
        ("taken", PARCELS, Conflict),
        ("Fine", InboxFilter(query="is:funny"), InvalidInput),
        ("Fine", InboxFilter(category="x" * 301), InvalidInput),
    ],
)
async def test_what_cannot_be_saved(
    runtime: Runtime, ada: User, name: str, chosen: InboxFilter, error: type[Exception]
):
    await filters.create(runtime, ada.id, "Taken", PARCELS)
    with pytest.raises(error):
        await filters.create(runtime, ada.id, name, chosen)


async def test_there_are_never_more_than_fifty(runtime: Runtime, ada: User):
    made = await asyncio.gather(
        *(filters.create(runtime, ada.id, f"Filter {n}", PARCELS) for n in range(52)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Conflict) for each in made) == 2
    assert len(await names(runtime, ada)) == 50


async def test_nobody_touches_those_of_another(
    runtime: Runtime, environment: Environment, ada: User
):
    ben = await make_user(runtime, environment, "ben")
    made = await filters.create(runtime, ada.id, "Mine", PARCELS)
    with pytest.raises(NotFound):
        await filters.rename(runtime, ben.id, made.id, "Yours")
    with pytest.raises(NotFound):
        await filters.delete(runtime, ben.id, made.id)
    with pytest.raises(NotFound):
        await filters.arrange(runtime, ben.id, [made.id])
    assert await names(runtime, ada) == ["Mine"]
