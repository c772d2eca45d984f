"""Where the browser finds the states into which it puts what it kept (``assets/react/standin.js``).

Without a network nobody tells the page its states. What is kept of the inbox has their shapes, so
the page puts it there itself, under the names by which Reflex knows states and their fields.
"""

from __future__ import annotations

from typing import Final, TypedDict

import reflex as rx
from reflex_base.constants.state import FIELD_MARKER

from inbox_app.ui.states.account import AccountState
from inbox_app.ui.states.detail import DetailState
from inbox_app.ui.states.feed import FeedState
from inbox_app.ui.states.preferences import CentreState
from inbox_app.ui.states.session import ViewerState


class Slot(TypedDict):
    """A state by its name in the browser, and its fields there by our own names."""

    state: str
    fields: dict[str, str]


FILLED: Final[dict[str, tuple[type[rx.State], tuple[str, ...]]]] = {
    "viewer": (ViewerState, ("viewer", "ended")),
    "feed": (
        FeedState,
        (
            *("page", "fresh", "patch", "counts", "shown", "phase", "trouble"),
            *("more", "older", "beyond", "complete"),
        ),
    ),
    "settings": (CentreState, ("phase", "trouble")),
    "account": (AccountState, ("phase", "trouble")),
    "detail": (DetailState, ("id", "phase", "item", "body", "why", "host", "trouble")),
}


def slots() -> dict[str, Slot]:
    """All of `FILLED`."""
    return {
        name: Slot(
            state=state.get_full_name(), fields={each: each + FIELD_MARKER for each in fields}
        )
        for name, (state, fields) in FILLED.items()
    }
