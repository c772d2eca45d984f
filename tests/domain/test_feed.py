"""The feed's cursor: what it encodes comes back, anything else is refused in words."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.feed import Cursor, from_micros, micros

moments = st.datetimes(timezones=st.just(UTC))


@given(moments)
def test_a_moment_comes_back_exactly(moment: datetime):
    assert from_micros(micros(moment)) == moment


@given(moments, moments)
def test_counted_moments_keep_their_order(one: datetime, other: datetime):
    assert (micros(one) < micros(other)) == (one < other)


@pytest.mark.parametrize("far", [10**18, -(10**18), 10**30])
def test_a_count_outside_the_calendar_is_refused(far: int):
    with pytest.raises(ValueError, match="not a moment"):
        from_micros(far)


@given(st.builds(Cursor, moments, st.uuids().map(str) | st.just("")))
def test_a_cursor_comes_back(cursor: Cursor):
    text = cursor.encode()
    assert Cursor.decode(text) == cursor
    assert text.replace("-", "").replace("_", "").isalnum()


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_other_text_is_a_cursor_or_refused(text: str):
    with suppress(InvalidInput):
        assert Cursor.decode(Cursor.decode(text).encode()) == Cursor.decode(text)


@pytest.mark.parametrize("text", ["", "x", "é", "AAAA", "Lw", "MTcvAA", "A" * 100_000, "9" * 150])
def test_what_was_not_given_out_is_refused(text: str):
    with pytest.raises(InvalidInput, match="not one this server gave out"):
        Cursor.decode(text)
