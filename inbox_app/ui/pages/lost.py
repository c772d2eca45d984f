"""The page for when there is no page."""

from __future__ import annotations

import reflex as rx

from inbox_app.ui.components.detail import calm
from inbox_app.ui.components.icons import sprite
from inbox_app.ui.words import say


def lost() -> rx.Component:
    """No page has this address."""
    way_out = rx.el.a(say("lost.to_inbox"), href="/inbox/", class_name="button")
    return rx.el.main(
        sprite(), calm("alert", "lost.title", "lost.text", way_out), class_name="lost"
    )
