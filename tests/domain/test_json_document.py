"""JSON documents: merge patches as RFC 7396 has them, and differences by JSON Pointer."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.json_document import DEEPEST, Change, Node, differences, merged

scalars: st.SearchStrategy[Any] = st.booleans() | st.integers() | st.text(max_size=5)
keys = st.text(alphabet="ab/~.", max_size=3)


def trees(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects of objects, as deep as three; none is empty but perhaps the first."""
    inner: st.SearchStrategy[Any] = leaves
    for _ in range(2):
        inner = leaves | st.dictionaries(keys, inner, min_size=1, max_size=3)
    return st.dictionaries(keys, inner, max_size=3)


documents = trees(scalars)
patches = trees(scalars | st.none())


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_examples_of_rfc_7396_hold(target: object, patch: object, result: object):
    assert merged(target, patch) == result


@given(documents, patches)
def test_a_patch_changes_neither_the_document_nor_itself(
    document: dict[str, Any], patch: dict[str, Any]
):
    kept = copy.deepcopy((document, patch))
    merged(document, patch)
    assert (document, patch) == kept


@given(documents, patches)
def test_a_patch_made_twice_is_the_patch_made_once(document: dict[str, Any], patch: dict[str, Any]):
    once = merged(document, patch)
    assert merged(once, patch) == once


def test_a_patch_that_is_too_deep_is_refused():
    patch: dict[str, Any] = {}
    for _ in range(DEEPEST - 1):
        patch = {"a": patch}
    assert merged({}, patch) == patch
    for _ in range(5_000):
        patch = {"a": patch}
    with pytest.raises(InvalidInput, match="within each other"):
        merged({}, patch)


def test_differences_are_named_by_json_pointer():
    before = {"a.b": {"c/d": 1, "~": True, "same": "x"}, "gone": "y"}
    after = {"a.b": {"c/d": 2, "~": 1.5, "same": "x"}, "new": {"deep": False}}
    assert differences(before, after) == [
        Change("/a.b/c~1d", 1, 2),
        Change("/a.b/~0", True, 1.5),
        Change("/gone", "y", None),
        Change("/new/deep", None, False),
    ]


@given(documents, documents)
def test_the_differences_are_all_there_are(before: dict[str, Any], after: dict[str, Any]):
    patched = copy.deepcopy(before)
    for change in differences(before, after):
        if change.after is None:
            _set(patched, change.path, None)
    for change in differences(before, after):
        if change.after is not None:
            _set(patched, change.path, change.after)
    assert patched == after


@given(documents)
def test_a_document_does_not_differ_from_itself(document: dict[str, Any]):
    assert differences(document, copy.deepcopy(document)) == []


def test_an_error_shows_no_more_of_a_name_than_can_be_read():
    node = Node({}, ("types", "x" * 1_000, "line\nbreak\0"))
    assert node.where == f"/types/{'x' * 60}.../line?break?"
    assert Node({}).where == "the document"


def _set(document: dict[str, Any], path: str, value: object) -> None:
    """Sets or, with None, removes what a pointer names, and objects that are empty then."""
    first, _, rest = path.removeprefix("/").partition("/")
    key = first.replace("~1", "/").replace("~0", "~")
    if rest or path.count("/") > 1:
        _set(document.setdefault(key, {}), f"/{rest}", value)
        if not document[key]:
            del document[key]
    elif value is None:
        del document[key]
    else:
        document[key] = value
