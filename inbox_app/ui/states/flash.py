"""The message after an action, with what its undo would take back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import reflex as rx

from inbox_app.ui import words


@dataclass(frozen=True)
class Message:
    """What the browser shows for ten seconds.

    Attributes:
        key: Tells one message from the next, even across a restart of the server.
        text: For people.
        tone: "plain", or "bad" when something failed.
        undo: Whether it offers to take the action back.
        ids: Items whose action failed: they return to their former state.
    """

    key: str = ""
    text: str = ""
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

    def say(self, text: str, undo: Undo | None = None) -> None:
        self.message = Message(secrets.token_hex(4), text, undo=undo is not None)
        self._undo = undo

    def complain(self, text: str, ids: list[str]) -> None:
        self.message = Message(secrets.token_hex(4), text, tone="bad", ids=ids)

    def take_undo(self) -> Undo | None:
        """What the newest message offers to take back; offered once."""
        undo, self._undo = self._undo, None
        return undo

    @rx.event
    def alarm(self, reference: str) -> None:
        """Tells of an error that no handler foresaw."""
        self.complain(words.failed("other", reference[:16]), [])
