"""Short texts made from what people wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.services.words import PREVIEW_LENGTH, initials, initials_of_title, preview


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada Diaz", "AD"),
        ("ada", "A"),
        ("Ana Maria de la Cruz", "AC"),
        ("(Support) team", "ST"),
        ("", "?"),
        ("!!!", "?"),
        ("李 雷", "李雷"),
    ],
)
def test_initials_of_a_name(name: str, letters: str):
    assert initials(name) == letters


@pytest.mark.parametrize(
    ("title", "letters"),
    [
        ("Mara Klein mentioned you", "MK"),
        ("Ana, Ben and 4 others commented", "AB"),
        ("Ana and Ben commented", "AB"),
        ("Invoice #2041 is due", "I"),
        ("“Load test” failed", "L"),
        ("!!!", "•"),
    ],
)
def test_initials_of_a_title(title: str, letters: str):
    assert initials_of_title(title) == letters


def test_a_preview_is_the_first_line_with_something_in_it():
    assert preview("\n  \n  First line  \nsecond") == "First line"
    assert preview("") == ""


def test_a_long_preview_is_cut_at_a_word():
    cut = preview("word, " * 100)
    assert cut.endswith("word…")
    assert len(cut) <= PREVIEW_LENGTH


@given(st.text())
def test_no_text_breaks_them(text: str):
    assert len(preview(text)) <= PREVIEW_LENGTH + 1
    assert "\n" not in preview(text)
    assert 1 <= len(initials_of_title(text)) <= 4
    assert initials(text)
