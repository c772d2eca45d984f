"""What the browser kept fits the states that it is put into."""

# pyright: standard

from __future__ import annotations

from dataclasses import fields

import pytest

from inbox_app.services.inbox.keeping import KeptItem
from inbox_app.services.views import ItemView
from inbox_app.ui.components.kept import FILLED, slots


@pytest.mark.parametrize("name", FILLED)
def test_every_field_is_one_of_its_state(name: str) -> None:
    state, filled = FILLED[name]
    assert set(filled) <= state.vars.keys()
    named = slots()[name]
    assert named["state"] == state.get_full_name()
    # As the state itself tells the browser.
    told = state(_reflex_internal_init=True).dict()[state.get_full_name()]  # pyright: ignore[reportCallIssue]
    assert set(named["fields"].values()) <= told.keys()


def test_a_kept_item_has_what_an_open_one_shows() -> None:
    kept = {each.name for each in fields(KeptItem)}
    assert {each.name for each in fields(ItemView)} - kept == {"about"}
