"""What belongs to a person wherever they sign in: language and shortcuts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from inbox_app.domain.errors import Conflict, InvalidInput

USUAL_KEYS: Final[Mapping[str, str]] = {
    "next": "j",
    "previous": "k",
    "open": "o",
    "archive": "e",
    "reply": "r",
    "read": "i",
    "unread": "u",
    "snooze": "h",
    "save": "s",
    "mute": "m",
    "select": "x",
    "search": "/",
    "undo": "z",
    "go": "g",
    "help": "?",
}
"""What a single key does, and the key unless the person chose another."""


@dataclass(frozen=True)
class Personal:
    """A person's own settings.

    Attributes:
        language: A language of the catalogue; None: what the browser says.
        shortcuts: Whether single keys do anything.
        keys: Keys that differ from the usual ones, by what they do.
        proven: Addresses that the person has proven to be theirs, by `AddressKind`.
        leaving: Whether their account is being deleted.
    """

    language: str | None = None
    shortcuts: bool = True
    keys: Mapping[str, str] = field(default_factory=dict[str, str])
    proven: Mapping[str, str] = field(default_factory=dict[str, str])
    leaving: bool = False

    @property
    def all_keys(self) -> dict[str, str]:
        """Every key, by what it does."""
        return {**USUAL_KEYS, **self.keys}

    def with_key(self, act: str, key: str) -> Personal:
        """These settings with another key for an act.

        Raises:
            InvalidInput: there is no such act, or it is no single printable character.
            Conflict: another act has this key.
        """
        key = key.lower()
        if act not in USUAL_KEYS:
            raise InvalidInput(f"There is no shortcut {act!r}.")
        if len(key) != 1 or not key.isprintable() or key.isspace():
            raise InvalidInput(
                "Only a single letter, digit or sign can be a shortcut.", fix="Press another key."
            )
        taken = next((each for each, used in self.all_keys.items() if used == key), act)
        if taken != act:
            raise Conflict(f"That key is used for {taken!r}.", fix="Press another key.")
        chosen = {**self.all_keys, act: key}
        return replace(self, keys={k: v for k, v in chosen.items() if USUAL_KEYS[k] != v})


NOTHING_CHOSEN: Final = Personal()


def as_document(personal: Personal) -> dict[str, Any]:
    """As it is stored: only what differs from the usual."""
    said: dict[str, Any] = {
        "language": personal.language,
        "shortcuts": personal.shortcuts,
        "keys": dict(personal.keys),
        "proven": dict(personal.proven),
        "leaving": personal.leaving,
    }
    usual: dict[str, Any] = {
        "language": None,
        "shortcuts": True,
        "keys": {},
        "proven": {},
        "leaving": False,
    }
    return {name: value for name, value in said.items() if value != usual[name]}


def from_document(document: Mapping[str, Any]) -> Personal:
    """What is stored; what a later version wrote and this one does not know counts as not said."""
    language, keys = document.get("language"), document.get("keys")
    proven = document.get("proven")
    return Personal(
        language=language if isinstance(language, str) else None,
        shortcuts=document.get("shortcuts") is not False,
        keys=_known(cast("dict[str, Any]", keys)) if isinstance(keys, dict) else {},
        proven=cast("dict[str, str]", proven) if isinstance(proven, dict) else {},
        leaving=document.get("leaving") is True,
    )


def _known(keys: Mapping[str, Any]) -> dict[str, str]:
    """The keys that still fit together: a new act may have taken one meanwhile."""
    found = NOTHING_CHOSEN
    named = {act: str(key) for act, key in keys.items() if act in USUAL_KEYS}
    if len({*{**USUAL_KEYS, **named}.values()}) == len(USUAL_KEYS):
        return named
    for act, key in named.items():
        try:
            found = found.with_key(act, key)
        except (Conflict, InvalidInput):
            continue
    return dict(found.keys)
