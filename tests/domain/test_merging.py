"""Merging: placeholders take values, and nothing a sender writes breaks it."""

from __future__ import annotations

import re
import tracemalloc
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.merging import NAME, merge, replaced

values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.\-]{0,8}", fullmatch=True)
# Others, such as "order." and "order.size", are for the template engine.
plain = names.filter(re.compile(NAME).fullmatch)
texts = st.lists(st.text() | names.map("{{{{{}}}}}".format) | st.just("{{") | st.just("}}")).map(
    "".join
)


def merged(text: str, **parameters: object) -> str | None:
    return merge(text, parameters, [])


@given(texts, st.dictionaries(names, values, max_size=4))
def test_no_text_and_no_value_breaks_it(text: str, parameters: dict[str, Any]):
    assert isinstance(merge(text, parameters, []), str | None)


@given(st.text(), st.dictionaries(names, values, max_size=4))
def test_text_without_placeholders_stays_as_it_is(text: str, parameters: dict[str, Any]):
    plain = text.replace("{", "")
    assert merge(plain, parameters, []) == plain


@given(st.text(), st.text(), st.text(), plain)
def test_a_value_is_put_in_literally(before: str, value: str, after: str, name: str):
    before, after = before.replace("{", ""), after.replace("}", "")
    assert merge(f"{before}{{{{{name}}}}}{after}", {name: value}, []) == before + value + after


def test_a_merged_value_is_not_merged_again():
    assert merged("{{a}}", a="{{b}}", b="secret") == "{{b}}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("text", "text"),
        (17, "17"),
        (17.0, "17"),
        (17.5, "17.5"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        ("", ""),
        (float("inf"), "inf"),
        (["a", 17.0, None], "a, 17, "),
        (datetime(2026, 3, 1, 8, 5, tzinfo=UTC), "2026-03-01 08:05"),
    ],
)
def test_values_read_as_people_write_them(value: object, shown: str):
    assert merged("{{value}}", value=value) == shown


@pytest.mark.parametrize("text", ["{{name}}", "{{ name }}", "{{name }}", "{{\tname}}"])
def test_spaces_inside_the_braces_do_not_matter(text: str):
    assert merged(text, name="Ada") == "Ada"


@pytest.mark.parametrize("text", ["{name}", "}}", "%}", "{ {name}}"])
def test_what_is_not_a_placeholder_stays(text: str):
    assert merged(text, name="Ada") == text


@pytest.mark.parametrize(
    "text",
    [
        *("{{}}", "{{1st}}", "{{a b}}", "{{ }}", "{{na{{me}}", "{{name | upcase}}", "{% if a %}"),
        *("{{name", "{{name-}}", "{{-name}}", "{{true}}", "{{name.size}}", "{{name}}{%"),
    ],
)
def test_what_only_a_template_engine_understands_is_left_to_it(text: str):
    missing: list[str] = []
    assert merge(text, {}, missing) is None
    assert missing == []


def test_a_value_beyond_writing_is_named():
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(InvalidInput, match="value of name"):
        merged("{{name}}", name=deep)


def test_a_dotted_name_looks_into_objects():
    assert merged("{{order.id}}", order={"id": 17}) == "17"
    assert merged("{{order.id.no}}", order={"id": 17}) == ""


def test_a_name_with_dots_of_its_own_comes_first():
    assert merge("{{order.id}}", {"order.id": "flat", "order": {"id": "deep"}}, []) == "flat"


def test_names_without_a_value_are_told_and_merge_as_nothing():
    missing: list[str] = []
    assert merge("{{a}}-{{b}}-{{c}}", {"b": "", "c": None}, missing) == "--"
    assert missing == ["a", "c"]


@pytest.mark.parametrize(
    ("text", "parameters"),
    [("{{a}}" * 1_000, {"a": "x" * 100_000}), ("{{a}}", {"a": ["x" * 1_000_001]})],
)
def test_values_that_would_fill_the_memory_are_refused(text: str, parameters: dict[str, Any]):
    with pytest.raises(InvalidInput, match="characters once merged"):
        merge(text, parameters, [])


def test_replacements_are_made_one_after_the_other():
    assert replaced("a b", {"a": "b", "b": "c"}) == "c c"


@given(st.text(max_size=20), st.dictionaries(st.text(max_size=3), st.text(max_size=9), max_size=3))
def test_no_replacement_breaks_it(text: str, replacements: dict[str, str]):
    assert isinstance(replaced(text, replacements), str)


@pytest.mark.parametrize(
    "replacements",
    [
        {"a": "b" * 10_000, "b": "c" * 10_000},
        {"": "x" * 10_000, "x": "y" * 10_000},
    ],
)
def test_replacements_that_would_fill_the_memory_are_refused(replacements: dict[str, str]):
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput, match="characters once merged"):
            replaced("aaaa", replacements)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
