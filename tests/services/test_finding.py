"""Parts of an inbox: categories, types, searches. They find what is there, and only that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.util import await_only

from inbox_app.domain.act import Act
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.feed import Box, Cursor
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.domain.item_state import StateChange
from inbox_app.domain.notification import InAppContent
from inbox_app.domain.search_words import document
from inbox_app.domain.user import User
from inbox_app.runtime import Runtime
from inbox_app.services import inbox, preference_centre, users
from inbox_app.services.inbox import finding, indexing
from inbox_app.storage import inbox as rows
from inbox_app.storage import search
from tests.clock import SetClock
from tests.factories import make_type, make_user, send


@pytest.fixture
async def ada(runtime: Runtime, environment: Environment) -> User:
    return await make_user(runtime, environment, "ada", timezone="Europe/Berlin")


async def tell(
    rt: Runtime, environment: Environment, title: str, body: str = "", **more: Any
) -> str:
    content = InAppContent(title, body=body, html=more.pop("html", ""))
    return await send(rt, environment, in_app=content, **more)


async def found(rt: Runtime, user: User, query: str = "", **more: Any) -> list[str]:
    """Titles of all pages."""
    fields: dict[str, Any] = {"box": Box.EVERYTHING, "query": query, **more}
    wanted = InboxFilter(**fields)
    titles: list[str] = []
    before = ""
    while True:
        page = await inbox.find(rt, user.id, wanted, before, 2)
        assert page.complete
        titles += [row.title for row in page.rows]
        before = page.next
        if not before:
            return titles


async def test_words_are_found_wherever_they_stand_newest_first(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    await make_type(runtime, environment, category="Logistics")
    first = await tell(runtime, environment, "Your parcel", "It leaves the café today")
    clock.advance(minutes=1)
    await tell(runtime, environment, "Invoice 17", html="<p>For the <b>parcel</b></p><p>now</p>")
    clock.advance(minutes=1)
    await tell(runtime, environment, "Hello", parameters={"actor": "Parcela Diaz"})
    answer = inbox.NewReply("On its way", clock.now(), "Élodie")
    await inbox.report(runtime, ada.id, [first], StateChange(), [answer])
    cases = {
        "PARCEL": ["Hello", "Invoice 17", "Your parcel"],
        '"parcel"': ["Invoice 17", "Your parcel"],
        "cafe": ["Your parcel"],
        '"the parcel"': ["Invoice 17"],
        '"parcel now"': ["Invoice 17"],
        '"now on"': [],
        "parcel -invoice": ["Your parcel"],
        "-parcel": [],
        '-"parcel"': ["Hello"],
        "from:diaz": ["Hello"],
        "from:elodie": ["Your parcel"],
        "from:parcel": ["Hello"],
        "elodie": ["Your parcel"],
        "way": ["Your parcel"],
        "logistics shipped": ["Hello", "Invoice 17", "Your parcel"],
        "nothing": [],
        "parcel nothing": [],
    }
    for query, titles in cases.items():
        assert await found(runtime, ada, query) == titles, query


async def test_a_person_finds_only_what_is_theirs(runtime: Runtime, environment: Environment):
    ada, ben = [await make_user(runtime, environment, name) for name in ("ada", "ben")]
    await tell(runtime, environment, "Parcel for Ada", user_id="ada")
    await tell(runtime, environment, "Parcel for Ben", user_id="ben")
    assert await found(runtime, ada, "parcel") == ["Parcel for Ada"]
    assert await found(runtime, ben, "parcel") == ["Parcel for Ben"]
    assert await found(runtime, ben, "-nothing") == ["Parcel for Ben"]


async def test_states_and_days_narrow_with_words_and_without(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    ids = [
        await tell(runtime, environment, f"Parcel {n}") for n in range(4) if clock.advance(days=1)
    ]
    await inbox.perform(runtime, ada.id, Act.READ, ids[:1])
    await inbox.perform(runtime, ada.id, Act.ARCHIVE, ids[1:2])
    await inbox.perform(runtime, ada.id, Act.SAVE, ids[2:3])
    await inbox.reply(runtime, ada.id, ids[3], "Thanks")
    cases = {
        "is:unread": ["Parcel 2", "Parcel 1"],
        "is:read": ["Parcel 3", "Parcel 0"],
        "-is:read": ["Parcel 2", "Parcel 1"],
        "is:done": ["Parcel 1"],
        "is:saved": ["Parcel 2"],
        "is:replied": ["Parcel 3"],
        "is:unread -is:done": ["Parcel 2"],
        "on:today": ["Parcel 3"],
        "before:yesterday": ["Parcel 1", "Parcel 0"],
        "after:yesterday": ["Parcel 3", "Parcel 2"],
    }
    for query, titles in cases.items():
        assert await found(runtime, ada, query) == titles, query
        assert await found(runtime, ada, f"{query} parcel") == titles, query
    assert await found(runtime, ada, "parcel", box=Box.ARCHIVED) == ["Parcel 1"]
    assert await found(runtime, ada, "parcel is:unread", box=Box.ALL) == ["Parcel 2"]


async def test_what_changed_is_found_by_what_it_says_now(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    item = await tell(runtime, environment, "Parcel")
    assert await found(runtime, ada, "thanks") == []
    await inbox.reply(runtime, ada.id, item, "Thanks a lot")
    assert await found(runtime, ada, "thanks") == ["Parcel"]
    until = clock.now() + timedelta(hours=1)
    await inbox.perform(runtime, ada.id, Act.SNOOZE, [item], until)
    assert await found(runtime, ada, "thanks is:snoozed") == ["Parcel"]


async def test_an_index_is_made_in_portions_and_by_many_at_once(
    runtime: Runtime, environment: Environment, ada: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(indexing, "PORTION", 60)
    sends = (tell(runtime, environment, f"Parcel {n}") for n in range(150))
    await asyncio.gather(*sends)
    assert not await inbox.prepare(runtime, ada.id, 0)
    await asyncio.gather(*(inbox.prepare(runtime, ada.id) for _ in range(3)))
    assert await inbox.prepare(runtime, ada.id, 0)
    page = await inbox.find(runtime, ada.id, InboxFilter(query="parcel"), limit=200)
    assert len({row.id for row in page.rows}) == 150


@pytest.mark.parametrize(("times", "is_found"), [(254, True), (255, False)])
async def test_a_word_that_stands_very_often_has_as_many_places_on_both_databases(
    runtime: Runtime, environment: Environment, ada: User, times: int, is_found: bool
):
    await tell(runtime, environment, "Long", "the cat " * times + "the zebra")
    assert await found(runtime, ada, '"the zebra"') == (["Long"] if is_found else [])
    assert await found(runtime, ada, "zebra") == ["Long"]
    assert await found(runtime, ada, '"cat zebra"') == []


async def test_the_longest_words_there_can_be_still_fit_into_the_index(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await tell(runtime, environment, "Parcel")
    # Forty letters of Gothic each, which take four bytes.
    said = [
        "".join(chr(0x10330 + (n >> 2 * place) % 4) for place in range(40)) for n in range(8_000)
    ]
    for first in range(0, len(said), 121):
        await inbox.reply(runtime, ada.id, item, " ".join(said[first : first + 121]))
    assert await found(runtime, ada, "parcel") == ["Parcel"]


async def test_who_read_first_and_writes_last_takes_nothing_out_of_the_index(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await tell(runtime, environment, "Parcel")
    async with runtime.database.read() as tx:
        top = (await rows.state(tx, ada.id)).change
        read = await search.stale(tx, ada.id, 0, 10)
    late = [search.Document(each, document([each.content.title], [])) for each in read]
    await inbox.perform(runtime, ada.id, Act.READ, [item])
    assert await found(runtime, ada, "parcel") == ["Parcel"]
    async with runtime.database.write() as tx:
        await rows.lock(tx, ada.id)
        await search.put(tx, ada.id, late)
        await search.set_mark(tx, ada.id, top)
    assert await found(runtime, ada, "parcel") == ["Parcel"]


async def test_what_is_deleted_is_found_no_more(runtime: Runtime, environment: Environment):
    ada = await make_user(runtime, environment, "ada")
    await tell(runtime, environment, "Parcel")
    assert await found(runtime, ada, "parcel") == ["Parcel"]
    await users.remove(runtime, environment, "ada")
    again = await make_user(runtime, environment, "ada")
    assert await found(runtime, again, "parcel") == []


async def test_a_category_or_type_narrows_and_counts(
    runtime: Runtime, environment: Environment, ada: User
):
    await make_type(runtime, environment, category="Orders")
    news = {"name": "news", "title": "Weekly news", "category": "News"}
    await make_type(runtime, environment, **news)
    for n in range(3):
        await tell(runtime, environment, f"Order {n}")
    read = await tell(runtime, environment, "News", type_name="news")
    await tell(runtime, environment, "Other", type_name="other")
    await inbox.perform(runtime, ada.id, Act.READ, [read])
    assert set(await found(runtime, ada, category="Orders")) == {"Order 0", "Order 1", "Order 2"}
    assert await found(runtime, ada, type_name="other") == ["Other"]
    assert await found(runtime, ada, "type:weekly") == ["News"]
    assert await found(runtime, ada, "category:news") == ["News"]
    assert await found(runtime, ada, "order 1", category="Orders") == ["Order 1"]
    assert await found(runtime, ada, category="Nothing") == []
    view = await inbox.categories(runtime, ada.id)
    counted = [(each.name, each.unread, each.all) for each in view.categories]
    assert (counted, view.capped) == ([("News", 0, 1), ("Orders", 3, 3)], False)
    assert await inbox.count(runtime, ada.id, InboxFilter(category="Orders")) == (3, False)


@contextmanager
def meanwhile(rt: Runtime, said: str, act: Callable[[], Awaitable[object]]) -> Generator[None]:
    """Acts once, right after the first statement that holds ``said``."""
    left = [act]

    def look(*told: Any) -> None:
        if said in told[2] and left:
            await_only(left.pop()())

    engines = [each.sync_engine for each in rt.database.engines]
    for engine in engines:
        event.listen(engine, "after_cursor_execute", look)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "after_cursor_execute", look)
    assert not left


async def test_what_comes_while_a_part_is_read_is_among_its_later_changes(
    runtime: Runtime, environment: Environment, ada: User
):
    await tell(runtime, environment, "Before")
    with meanwhile(runtime, "shelf", lambda: tell(runtime, environment, "Meanwhile")):
        page = await inbox.find(runtime, ada.id, InboxFilter(type_name="order_shipped"))
    later = await inbox.changes_since(runtime, ada.id, page.change)
    assert {row.title for row in (*page.rows, *later.rows)} == {"Before", "Meanwhile"}


async def test_a_walk_ends_at_its_budget_and_goes_on_from_there(
    runtime: Runtime, environment: Environment, ada: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(finding, "BUDGET", 4)
    monkeypatch.setattr(finding, "STEP", 4)
    await tell(runtime, environment, "Rare", type_name="rare")
    for n in range(20):
        await tell(runtime, environment, f"Common {n}", type_name="common")
    first = await inbox.find(runtime, ada.id, InboxFilter(type_name="rare"), limit=2)
    assert (first.rows, bool(first.next)) == ([], True)
    assert await found(runtime, ada, type_name="rare") == ["Rare"]


async def test_a_search_that_makes_no_sense_is_refused(runtime: Runtime, ada: User):
    with pytest.raises(InvalidInput):
        await inbox.find(runtime, ada.id, InboxFilter(query="is:funny"))


@pytest.mark.parametrize("place", ["9" * 30, "²", "", "01ABC", str(2**63)])
async def test_a_place_that_no_search_gave_out_is_refused(
    runtime: Runtime, environment: Environment, ada: User, place: str
):
    await tell(runtime, environment, "Parcel")
    cursor = Cursor(runtime.clock.now(), place).encode()
    with pytest.raises(InvalidInput, match="cursor"):
        await inbox.find(runtime, ada.id, InboxFilter(query="parcel"), cursor)


LETTERS = st.text("abc", min_size=1, max_size=2)


@settings(max_examples=25)
@given(
    st.lists(st.lists(LETTERS, min_size=1, max_size=4), max_size=6),
    st.lists(st.tuples(st.booleans(), LETTERS), min_size=1, max_size=3),
)
async def test_a_search_finds_exactly_what_holds_its_words(
    runtime: Runtime, environment: Environment, titles: list[list[str]], asked: list[Any]
):
    user = await make_user(runtime, environment)
    for title in titles:
        await tell(runtime, environment, " ".join(title), user_id=user.external_id)
    *others, (end_negated, end) = asked
    query = " ".join(f"{'-' if negated else ''}{word}" for negated, word in asked)
    expected = list[str]()
    for title in titles:
        said = [*title, "order", "shipped"]
        begins = any(word.startswith(end) for word in said)
        if begins is not end_negated and all((word in said) is not no for no, word in others):
            expected.append(" ".join(title))
    assert sorted(await found(runtime, user, query)) == sorted(expected)


async def test_days_begin_where_the_person_chose_to_live(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    clock.at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    await tell(runtime, environment, "Parcel")
    await preference_centre.set_zone(runtime, ada.id, "Pacific/Auckland")
    assert await found(runtime, ada, "on:2026-03-03") == ["Parcel"]
    assert await found(runtime, ada, "on:2026-03-02") == []


async def test_the_types_of_what_one_has_are_known_done_or_not(
    runtime: Runtime, environment: Environment, ada: User
):
    await send(runtime, environment, type_name="weather")
    done = await send(runtime, environment, type_name="invoice")
    await send(runtime, environment, "ben", type_name="private")
    await inbox.perform(runtime, ada.id, Act.ARCHIVE, [done])
    known = await inbox.kinds(runtime, ada.id)
    assert [(each.name, each.title) for each in known] == [
        ("invoice", "Invoice"),
        ("weather", "Weather"),
    ]
