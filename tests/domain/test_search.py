"""Reading what people type into the search field."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.search import LONGEST, Is, Named, Phrase, Query, chosen, parse
from inbox_app.domain.search_words import document, words
from tests.clock import START
from tests.domain.zones import BERLIN, UTC_ZONE


def read(text: str) -> Query:
    return parse(text, START, UTC_ZONE)


@given(st.text(max_size=LONGEST))
@example('type:"a b" -is:read "open')
@example("on:9999-99-99")
def test_any_text_is_read_or_refused_with_advice(text: str):
    query, refused = Query(), None
    try:
        query = read(text)
    except InvalidInput as error:
        refused = error
    assert refused is None or (refused.message and refused.fix)
    assert all(phrase.words and all(phrase.words) for phrase in query.phrases)


@given(st.text(), st.text())
def test_words_have_no_case_and_no_space(text: str, more: str):
    found = words(text)
    assert all(word and "_" not in word and not word.isspace() for word in found)
    assert words(" ".join(found)) == found
    assert words(f"{text} {more}") == found + words(more)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ça va, CAFÉ!", ["ca", "va", "cafe"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("注文17が発送", ["注", "文", "17", "が", "発", "送"]),
        ("주문이 발송됨", ["주문이", "발송됨"]),
        ("ana@acme.example", ["ana", "acme", "example"]),
        ("snake_case", ["snake", "case"]),
        ("ﬁnal Ⅳ", ["final", "iv"]),
        ("...", []),
    ],
)
def test_words_of_many_scripts(text: str, expected: list[str]):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("late del", (Phrase(("late",)), Phrase(("del",), prefix=True))),
        ('"late delivery"', (Phrase(("late", "delivery")),)),
        ('"late delivery" tod', (Phrase(("late", "delivery")), Phrase(("tod",), prefix=True))),
        ("-ana late", (Phrase(("ana",), negated=True), Phrase(("late",), prefix=True))),
        ("A-17", (Phrase(("a", "17"), prefix=True),)),
        ("10:30", (Phrase(("10", "30"), prefix=True),)),
        ('"still typ', (Phrase(("still", "typ"), prefix=True),)),
        ("order from:ana", (Phrase(("order",)), Phrase(("ana",), prefix=True, sender=True))),
        ("order is:unread", (Phrase(("order",)),)),
        ("注文", (Phrase(("注", "文"), prefix=True),)),
        ("- !", ()),
    ],
)
def test_words_phrases_and_what_is_not_wanted(text: str, expected: tuple[Phrase, ...]):
    assert read(text).phrases == expected


def test_named_parts():
    query = read('type:order_shipped -type:"Weekly news" category:Orders is:unread -is:replied')
    assert query.types == (Named("order_shipped"), Named("Weekly news", negated=True))
    assert query.categories == (Named("Orders"),)
    assert query.states == ((Is.UNREAD, False), (Is.REPLIED, True))
    assert query.phrases == ()


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("on:2026-03-01", "2026-02-28T23:00", "2026-03-01T23:00"),
        ("on:today", "2026-03-01T23:00", "2026-03-02T23:00"),
        ("on:yesterday", "2026-02-28T23:00", "2026-03-01T23:00"),
        ("after:7d", "2026-02-22T23:00", None),
        ("before:2026-03-29", None, "2026-03-28T23:00"),
        ("on:2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"),
        ("after:2026-03-01 after:7d before:today", "2026-02-28T23:00", "2026-03-01T23:00"),
    ],
)
def test_days_begin_in_the_zone_of_the_person(text: str, since: str | None, until: str | None):
    def moment(at: str | None) -> datetime | None:
        return None if at is None else datetime.fromisoformat(at).replace(tzinfo=UTC)

    query = parse(text, START, BERLIN)
    assert (query.since, query.until) == (moment(since), moment(until))


@pytest.mark.parametrize(
    "text",
    [
        *("type:", "is:", "is:funny", "before:soon", "on:2026-13-01", "-before:today"),
        *("after:99999d", "x" * (LONGEST + 1), "a " * 40),
    ],
)
def test_what_makes_no_sense_is_refused_with_advice(text: str):
    with pytest.raises(InvalidInput) as refused:
        read(text)
    assert refused.value.fix


def test_several_types_are_either_of_them_and_words_may_be_cut_short():
    asked = read("type:order type:news -type:order_late").types
    assert chosen(asked, "order_shipped", "Order shipped")
    assert chosen(asked, "weekly", "Weekly newsletter")
    assert not chosen(asked, "order_late", "Order late")
    assert not chosen(asked, "invoice", "Invoice")
    assert chosen((), "anything")


def test_a_phrase_does_not_reach_from_one_part_into_the_next():
    assert document(["one two", "three"], ["Ana"]) == [
        *("", "one", "two", "", "three", ""),
        *("_ana", "ana", ""),
    ]
