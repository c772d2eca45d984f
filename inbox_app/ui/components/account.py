"""The signed-in person: preferences, account, theme, shortcuts, sign-out; in rail or menu."""

from __future__ import annotations

import reflex as rx
from reflex_components_core.el.element import Element

from inbox_app.ui.components.icons import icon
from inbox_app.ui.components.react import Avatar, HelpButton, LinkGroup, ThemeSwitch
from inbox_app.ui.states.session import ViewerState
from inbox_app.ui.words import say

SIGN_OUT = "/sign-out"
MENU = "account-menu"
PREFERENCES = "/preferences/"
ACCOUNT = "/account/"

viewer = ViewerState.viewer


class NativeForm(Element):
    """A form that the browser itself submits; Reflex's own never does."""

    tag = "form"

    action: rx.Var[str]
    method: rx.Var[str]


def account() -> rx.Component:
    """At the foot of the rail."""
    return rx.el.div(
        _pages(),
        _help("nav"),
        ThemeSwitch.create(),
        rx.el.div(
            _picture("s"),
            _name(),
            rx.el.span(class_name="push"),
            _sign_out(
                icon("sign-out"),
                rx.el.span(say("frame.sign_out"), class_name="sr"),
                class_name="icon-button",
            ),
            class_name="person",
        ),
        class_name="rail-foot",
    )


def account_menu() -> rx.Component:
    """The same, opened by `account_button`, where there is no room in the rail."""
    return rx.el.div(
        rx.el.div(_picture("m"), _name(), class_name="person"),
        _pages(),
        _help("menu-item"),
        ThemeSwitch.create(),
        _sign_out(icon("sign-out"), rx.el.span(say("frame.sign_out")), class_name="menu-item"),
        id=MENU,
        class_name="menu",
        custom_attrs={"popover": "auto"},
        role="group",
        aria_label=say("frame.account"),
    )


def account_button(class_name: str) -> rx.Component:
    return rx.el.button(
        _picture("m"),
        type="button",
        class_name=f"icon-button {class_name}",
        aria_label=say("frame.account"),
        custom_attrs={"popoverTarget": MENU},
    )


def _pages() -> rx.Component:
    links = [
        {"to": PREFERENCES, "icon": "sliders", "label": say("frame.preferences")},
        {"to": ACCOUNT, "icon": "person", "label": say("frame.your_account")},
    ]
    return LinkGroup.create(label=say("frame.you"), links=links, hide_label=True)


def _help(class_name: str) -> rx.Component:
    return HelpButton.create(icon("keyboard"), rx.el.span(say("keys.title")), class_name=class_name)


def _picture(size: str) -> rx.Component:
    return Avatar.create(image="", initials=viewer.initials, tone=viewer.name, size=size)


def _name() -> rx.Component:
    return rx.el.span(viewer.name, class_name="person-name", dir="auto")


def _sign_out(*label: rx.Component | str, class_name: str) -> rx.Component:
    button = rx.el.button(*label, type="submit", class_name=class_name)
    return NativeForm.create(button, action=SIGN_OUT, method="post")
