"""Telephone numbers, whatever they are written like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.lib.telephone import e164, tidy


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+34600000001", "+34600000001"),
        (" +34 600 000 001 ", "+34600000001"),
        ("+49 (1512) 3456789", "+4915123456789"),
        ("+1-212-456-7890", "+12124567890"),
    ],
)
def test_a_number_is_written_in_one_way(written: str, number: str):
    assert e164(written) == number


@pytest.mark.parametrize(
    "text",
    ["", "600000001", "+", "+3460", "+34600000001234567890", "nobody", "40404", "+999123456", "\0"],
)
def test_what_nobody_has_is_no_number(text: str):
    assert e164(text) == ""


@given(st.text() | st.from_regex(r"\+[0-9 ()-]{3,20}", fullmatch=True))
def test_what_is_a_number_stays_one(text: str):
    found = e164(text)
    assert not found or (e164(found) == found and found[1:].isdecimal() and found[0] == "+")


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("+34600000001", "+34600000001"),
        ("+34 600 000 001", "+34600000001"),
        # With the trunk prefix of their country, which nobody dials from abroad.
        ("+4407911123456", "+447911123456"),
        ("+49015112345678", "+4915112345678"),
        ("+1", "+1"),
        ("+999123456", "+999123456"),
        ("0600 000 001", "0600 000 001"),
        ("", ""),
    ],
)
def test_a_number_is_tidied_and_anything_else_left(text: str, tidied: str):
    assert tidy(text) == tidied
