"""What messages about addresses say; each in one function, by language."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from inbox_app.domain.address_code import LIFE, AddressKind
from inbox_app.domain.notification_type import Channel

MINUTES = int(LIFE.total_seconds() // 60)
ENGLISH = {
    "subject": "{code} is your code for {brand}",
    "ask": "Enter this code to get notifications from {brand} here:",
    "life": "It works for {minutes} minutes. If you did not ask for it, ignore this message.",
    "short": "{code} is your code for {brand}. It works for {minutes} minutes.",
}
WORDS = {"en": ENGLISH}


def code_message(
    kind: AddressKind, code: str, brand: str, language: str
) -> tuple[Channel, Mapping[str, Any]]:
    """The message that carries a code, as a channel and its content.

    Args:
        brand: Whom notifications come from.
        language: A tag such as ``de``; English where its words are missing.
    """
    words = WORDS.get(language.partition("-")[0], ENGLISH)
    said = {k: v.format(code=code, brand=brand, minutes=MINUTES) for k, v in words.items()}
    if kind is AddressKind.NUMBER:
        return Channel.SMS, {"message": _literal(said["short"])}
    ask, life = escape(said["ask"]), escape(said["life"])
    html = f"<p>{ask}</p><p style='font-size:28px'><b>{code}</b></p><p>{life}</p>"
    return Channel.EMAIL, {"subject": _literal(said["subject"]), "html": _literal(html)}


def _literal(text: str) -> str:
    """The same for the template language, in which a brand's braces would be orders."""
    return text.replace("{", "\u2774").replace("}", "\u2775")
