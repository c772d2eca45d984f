"""The React parts of the account page (``assets/react/account.jsx``), as Reflex components."""

from __future__ import annotations

import reflex as rx

from inbox_app.services.views import SessionView, ViewerView
from inbox_app.ui.components.specs import nothing, one, three, two
from inbox_app.ui.states.account import Saving
from inbox_app.ui.states.flash import Trouble

_FOLDER = "$/public/react"


class _Setting(rx.Component):
    """A field that saves itself and says how that went."""

    library = f"{_FOLDER}/account.jsx"

    viewer: rx.Var[ViewerView]
    saving: rx.Var[Saving]
    on_save: rx.EventHandler[three]


class NameField(_Setting):
    """The person's name."""

    tag = "NameField"


class LanguageField(_Setting):
    """Their language, or what the browser says."""

    tag = "LanguageField"


class ZoneField(_Setting):
    """Their time zone, found by typing part of its name."""

    library = f"{_FOLDER}/zone.jsx"
    tag = "ZoneField"


class KeysField(_Setting):
    """Their shortcuts: on or off, and which key does what."""

    library = f"{_FOLDER}/keys.jsx"
    tag = "KeysField"


class Install(rx.Component):
    """Offers the inbox as an app, or tells how; nothing where there is nothing to offer."""

    library = f"{_FOLDER}/install.jsx"
    tag = "Install"


class Sessions(rx.Component):
    """Where the person is signed in."""

    library = f"{_FOLDER}/sessions.jsx"
    tag = "Sessions"

    sessions: rx.Var[list[SessionView]]
    phase: rx.Var[str]
    trouble: rx.Var[Trouble]
    on_retry: rx.EventHandler[nothing]
    on_sign_out: rx.EventHandler[one]
    on_sign_out_others: rx.EventHandler[nothing]


class DeleteAccount(rx.Component):
    """Asks for the name, then deletes the account."""

    library = f"{_FOLDER}/sessions.jsx"
    tag = "DeleteAccount"

    name: rx.Var[str]
    saving: rx.Var[Saving]
    farewell: rx.Var[str]
    on_delete: rx.EventHandler[two]
