"""Whatever accent an environment chooses, people can read what stands in it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inbox_app.domain import look
from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.look import DARK_PANEL, ENOUGH, OF_CONTROLS, PLAIN, WHITE, Look, contrast

ACCENTS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def colour(text: str) -> look.Colour:
    r, g, b = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return r, g, b


@given(ACCENTS)
@example("#ffff00")
@example("#000000")
@example("#ffffff")
def test_every_accent_is_readable_in_both_themes(accent: str) -> None:
    themes = look.tones(Look(accent=accent))
    for panel, theme in ((WHITE, themes["light"]), (DARK_PANEL, themes["dark"])):
        tone = {name: colour(value) for name, value in theme.items()}
        assert contrast(tone["accent"], tone["accent-ink"]) >= ENOUGH
        assert contrast(tone["accent-hover"], tone["accent-ink"]) >= ENOUGH
        assert contrast(tone["accent-text"], tone["accent-soft"]) >= ENOUGH
        assert contrast(tone["accent-text"], panel) >= ENOUGH
        assert contrast(tone["accent"], panel) >= OF_CONTROLS


def test_an_accent_that_is_readable_is_left_as_it_is() -> None:
    assert look.tones(Look(accent="#4f46c8"))["light"]["accent"] == "#4f46c8"


def test_without_an_accent_there_are_no_tones() -> None:
    assert look.tones(PLAIN) == {}


@pytest.mark.parametrize(("logo", "accent"), [("", "red"), ("", "#fff"), ("http://x", "")])
def test_what_makes_no_sense_is_refused(logo: str, accent: str) -> None:
    with pytest.raises(InvalidInput):
        look.checked(logo, accent)


@given(ACCENTS, st.just("") | st.just("https://example.org/logo.png"))
def test_it_is_stored_and_read(accent: str, logo: str) -> None:
    chosen = look.checked(logo, accent)
    assert look.from_document(look.as_document(chosen)) == chosen
