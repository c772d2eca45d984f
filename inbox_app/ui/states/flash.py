"""The message after an action, with what its undo would take back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final

import reflex as rx

from inbox_app.lib.catalogue import NOTHING, Phrase, Value


@dataclass(frozen=True)
class Trouble:
    """What did not work; the browser puts it into words.

    Attributes:
        what: Key of what was tried; "" is no trouble.
        code: Code of the error, "" when it was none of ours.
        message: The error's own sentence, which is English.
        reference: Under which the log tells more, or "".
    """

    what: str = ""
    code: str = ""
    message: str = ""
    reference: str = ""


NONE: Final = Trouble()


@dataclass(frozen=True)
class Message:
    """What the browser shows for ten seconds.

    Attributes:
        key: Tells one message from the next, even across a restart of the server.
        phrase: What was done.
        trouble: What failed, when ``tone`` is "bad".
        tone: "plain", or "bad" when something failed.
        undo: Whether it offers to take the action back.
        ids: Items whose action failed: they return to their former state.
    """

    key: str = ""
    phrase: Phrase = NOTHING
    trouble: Trouble = NONE
    tone: str = "plain"
    undo: bool = False
    ids: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Undo:
    """What to take back: an act on items, or "mark all as read" by its change number."""

    act: str
    ids: tuple[str, ...] = ()
    change: int = 0


class FlashState(rx.State):
    """The newest message; each replaces the one before."""

    message: Message = Message()
    _undo: Undo | None = None

    def say(self, key: str, undo: Undo | None = None, **values: Value) -> None:
        """Shows a text of the catalogue, with its undo if there is one."""
        told = Phrase(key, values)
        self.message = Message(secrets.token_hex(4), told, undo=undo is not None)
        self._undo = undo

    def complain(self, trouble: Trouble, ids: list[str]) -> None:
        self.message = Message(secrets.token_hex(4), trouble=trouble, tone="bad", ids=ids)

    def take_undo(self) -> Undo | None:
        """What the newest message offers to take back; offered once."""
        undo, self._undo = self._undo, None
        return undo

    @rx.event
    def alarm(self, reference: str) -> None:
        """Tells of an error that no handler foresaw."""
        self.complain(Trouble("failed.other", reference=reference[:16]), [])
