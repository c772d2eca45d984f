"""A person's own settings: one key for one act, whatever is stored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.errors import Conflict, InvalidInput
from inbox_app.domain.personal import (
    NOTHING_CHOSEN,
    USUAL_KEYS,
    Personal,
    as_document,
    from_document,
)

KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=2)
ACTS = st.sampled_from([*USUAL_KEYS, "fly"])


def test_a_key_is_changed_and_back() -> None:
    changed = NOTHING_CHOSEN.with_key("next", "N")
    assert changed.all_keys["next"] == "n"
    assert changed.with_key("next", "j") == NOTHING_CHOSEN


def test_keys_can_change_places_by_way_of_a_third() -> None:
    swapped = NOTHING_CHOSEN.with_key("next", "y").with_key("previous", "j").with_key("next", "k")
    assert (swapped.all_keys["next"], swapped.all_keys["previous"]) == ("k", "j")


@pytest.mark.parametrize("key", ["", " ", "ab", "\n", "\0"])
def test_what_is_no_single_sign_is_refused(key: str) -> None:
    with pytest.raises(InvalidInput):
        NOTHING_CHOSEN.with_key("next", key)


def test_a_key_that_is_taken_is_refused() -> None:
    with pytest.raises(Conflict):
        NOTHING_CHOSEN.with_key("next", "k")


@given(st.lists(st.tuples(ACTS, KEYS), max_size=12))
def test_no_two_acts_ever_share_a_key(changes: list[tuple[str, str]]) -> None:
    personal = NOTHING_CHOSEN
    for act, key in changes:
        try:
            personal = personal.with_key(act, key)
        except (Conflict, InvalidInput):
            continue
    assert len(set(personal.all_keys.values())) == len(USUAL_KEYS)
    assert from_document(as_document(personal)) == personal


@given(st.dictionaries(ACTS, KEYS | st.sampled_from(sorted(USUAL_KEYS.values()))))
def test_whatever_is_stored_no_two_acts_share_a_key(keys: dict[str, str]) -> None:
    read = from_document({"keys": keys})
    assert len(set(read.all_keys.values())) == len(USUAL_KEYS)


@given(st.dictionaries(st.text(), st.none() | st.integers() | st.text()))
def test_what_is_not_known_counts_as_not_said(document: dict[str, object]) -> None:
    assert isinstance(from_document(document), Personal)


def test_only_what_differs_is_stored() -> None:
    assert as_document(NOTHING_CHOSEN) == {}
    assert as_document(Personal(language="de")) == {"language": "de"}
