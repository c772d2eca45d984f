"""The React parts of the open notification, as Reflex components."""

from __future__ import annotations

import reflex as rx

from inbox_app.services.about import AboutView
from inbox_app.ui.reasons import AboutLine

_FOLDER = "$/public/react"
_nothing = rx.event.no_args_event_spec


class About(rx.Component):
    """Why it came, and what became of it on each channel."""

    library = f"{_FOLDER}/about.jsx"
    tag = "About"

    about: rx.Var[AboutView]
    lines: rx.Var[list[AboutLine]]
    on_stale: rx.EventHandler[_nothing]
