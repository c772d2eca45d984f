"""A provider's words before they are stored."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from inbox_app.channels.words import LONGEST, spoken


@given(st.text(), st.text(min_size=8), st.text())
def test_a_secret_does_not_stand_in_it(before: str, secret: str, after: str):
    plain = spoken(f"{before}{secret}{after}", secret)
    encoded = base64.b64encode(secret.encode()).decode()
    coded = spoken(f"{before}{encoded}{after}", secret)
    assert secret not in plain
    assert encoded not in coded


@given(st.text(max_size=2000))
def test_it_is_one_line_of_bounded_length(text: str):
    words = spoken(text)
    assert len(words) <= LONGEST
    assert len(words.splitlines()) <= 1


def test_an_empty_secret_hides_nothing():
    assert spoken("all is said", "") == "all is said"
