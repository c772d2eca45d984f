"""Saved filters: named, ordered, counted, and nobody else's."""

from __future__ import annotations

import asyncio

import pytest

from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Conflict, InvalidInput, NotFound
from inbox_app.domain.feed import Box
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.domain.user import User
from inbox_app.runtime import Runtime
from inbox_app.services import filters
from tests.factories import make_user, send

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
