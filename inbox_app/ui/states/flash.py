"""The message after an action, with what its undo would take back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

import reflex as rx

from inbox_app.domain.errors import InboxError
from inbox_app.lib.catalogue import NOTHING, Phrase, Value


@dataclass(frozen=True)
class Trouble:
    """What did not work; the browser puts it into words.

    Attributes:
        what: Key of what was tried; "" is no trouble.
        code: Code of the error, "" when it was none of ours.
        message: The error's own sentence, which is English.
        fix: Another one: what to do about it, or "".
        why: Both in the catalogue, where it has this very error.
        reference: Under which the log tells more, or "".
    """

    what: str = ""
    code: str = ""
    message: str = ""
    reference: str = ""
    fix: str = ""
    why: Phrase = NOTHING

    @classmethod
    def of(cls, what: str, error: InboxError) -> Trouble:
        """What an error came to."""
        why = Phrase(error.name, dict(error.values))
        return cls(what, error.code, error.message, fix=error.fix, why=why)


NONE: Final = Trouble()


@dataclass(frozen=True)
class Message:
    """What the browser shows for ten seconds.

    Attributes:
        key: Tells one message from the next, even across a restart of the server.
        phrase: What was done.
        trouble: What failed, when ``tone`` is "bad".
        tone: "plain", or "bad" when something failed.
        undo: Handle that takes the action back, or "".
        attempt: The browser's name for what was done, or failed and can be tried again; "" if it
            has none, or has said nothing of it yet.
    """

    key: str = ""
    phrase: Phrase = NOTHING
    trouble: Trouble = NONE
    tone: str = "plain"
    undo: str = ""
    attempt: str = ""


class FlashState(rx.State):
    """The newest message; each replaces the one before."""

    message: Message = Message()

    def say(self, key: str, undo: str = "", *, attempt: str = "", **values: Value) -> None:
        """Shows a text of the catalogue, with the handle of its undo if there is one."""
        shown = Phrase(key, values)
        self.message = Message(secrets.token_hex(4), shown, undo=undo, attempt=attempt)

    def complain(self, trouble: Trouble, attempt: str = "") -> None:
        """Tells what failed; the items of an attempt are known to the browser."""
        self.message = Message(secrets.token_hex(4), trouble=trouble, tone="bad", attempt=attempt)

    @rx.event
    def alarm(self, reference: str) -> None:
        """Tells of an error that no handler foresaw."""
        self.complain(Trouble("failed.other", reference=reference[:16]))
