"""The preferences: what reaches a person, where and when."""

from __future__ import annotations

import reflex as rx

from inbox_app.ui.layout import page
from inbox_app.ui.words import say


def preferences() -> rx.Component:
    return page(
        "title.preferences",
        "preferences.heading",
        "preferences.lead",
        rx.el.p(say("preferences.coming"), class_name="card"),
    )
