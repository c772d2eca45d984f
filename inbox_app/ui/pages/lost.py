"""Pages for when there is no page."""

from __future__ import annotations

import reflex as rx

from inbox_app.ui import words
from inbox_app.ui.components.detail import calm
from inbox_app.ui.components.icons import sprite


def lost() -> rx.Component:
    """No page has this address."""
    return _alone("alert", words.LOST, rx.el.a(words.TO_INBOX, href="/inbox/", class_name="button"))


def crashed() -> rx.Component:
    """The page itself has failed."""
    reload = rx.el.a(words.RELOAD, href="", class_name="button")
    return _alone("alert", words.CRASHED, reload)


def _alone(icon_name: str, text: tuple[str, str], way_out: rx.Component) -> rx.Component:
    return rx.el.main(sprite(), calm(icon_name, text, way_out), class_name="lost")
