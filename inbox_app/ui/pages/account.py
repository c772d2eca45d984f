"""The account: profile, language, time zone, colours, keys, sessions, data, and its end."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx
from reflex_components_core.el.element import Element

from inbox_app.ui.components.account_parts import (
    DeleteAccount,
    Install,
    KeysField,
    LanguageField,
    NameField,
    Sessions,
    ZoneField,
)
from inbox_app.ui.components.react import Avatar, ThemeSwitch
from inbox_app.ui.layout import card, page
from inbox_app.ui.states.account import AccountState
from inbox_app.ui.states.session import ViewerState
from inbox_app.ui.words import say

EXPORT: Final = "/account/export.json"
FAREWELL: Final = "/farewell/"

viewer = ViewerState.viewer


class PlainLink(Element):
    """A link that the browser itself follows; Reflex's own asks the router first."""

    tag = "a"

    href: rx.Var[str]
    download: rx.Var[str]


def account_page() -> rx.Component:
    field: dict[str, Any] = {
        "viewer": viewer,
        "saving": AccountState.saving,
        "on_save": AccountState.save,
    }
    return page(
        "title.account",
        "title.account",
        "account.lead",
        card("account.profile", _profile(field)),
        card("account.language", LanguageField.create(**field), ZoneField.create(**field)),
        card("account.colours", ThemeSwitch.create(named=True), _hint("account.colours_hint")),
        card("keys.title", _hint("account.keys_text"), KeysField.create(**field), anchor="keys"),
        Install.create(),
        card("account.sessions", _hint("account.sessions_text"), _sessions()),
        card("account.data", _hint("account.data_text"), _export()),
        card("account.delete", _hint("account.delete_text"), _delete()),
    )


def _profile(field: dict[str, Any]) -> rx.Component:
    return rx.el.div(
        Avatar.create(image="", initials=viewer.initials, tone=viewer.name, size="xl"),
        NameField.create(**field),
        class_name="profile",
    )


def _hint(key: str) -> rx.Component:
    return rx.el.p(say(key), class_name="hint")


def _sessions() -> rx.Component:
    return Sessions.create(
        sessions=AccountState.sessions,
        phase=AccountState.phase,
        trouble=AccountState.trouble,
        on_retry=AccountState.arrive,
        on_sign_out=AccountState.sign_out,
        on_sign_out_others=AccountState.sign_out_others,
    )


def _export() -> rx.Component:
    return PlainLink.create(say("account.export"), href=EXPORT, download="", class_name="button")


def _delete() -> rx.Component:
    return DeleteAccount.create(
        name=viewer.name,
        saving=AccountState.saving,
        farewell=FAREWELL,
        on_delete=AccountState.delete,
    )
