"""What messages about addresses say, in the language of the person."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from inbox_app.domain.address_code import LIFE, AddressKind
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.catalogue import Tongue, spoken

MINUTES = int(LIFE.total_seconds() // 60)


def code_message(
    kind: AddressKind, code: str, brand: str, language: str
) -> tuple[Channel, Mapping[str, Any]]:
    """The message that carries a code, as a channel and its content.

    Args:
        brand: Whom notifications come from.
        language: A tag such as ``de``; English where its words are missing.
    """
    say = Tongue(spoken([language])).say
    if kind is AddressKind.NUMBER:
        text = say("server.code_short", code=code, brand=brand, n=MINUTES)
        return Channel.SMS, {"message": _literal(text)}
    subject = say("server.code_subject", code=code, brand=brand)
    ask, life = say("server.code_ask", brand=brand), say("server.code_life", n=MINUTES)
    shown = f"<p style='font-size:28px'><b>{code}</b></p>"
    html = f"<p>{escape(ask)}</p>{shown}<p>{escape(life)}</p>"
    return Channel.EMAIL, {"subject": _literal(subject), "html": _literal(html)}


def trial_message(channel: Channel, brand: str, language: str) -> Mapping[str, Any]:
    """The content of a test of one channel."""
    say = Tongue(spoken([language])).say
    title = _literal(say("server.trial_title", brand=brand))
    text = _literal(say("server.trial_text", brand=brand))
    match channel:
        case Channel.EMAIL:
            return {"subject": title, "html": f"<p>{escape(text)}</p>"}
        case Channel.SLACK:
            return {"text": f"{title}\n{text}"}
        case Channel.PUSH | Channel.WEB_PUSH:
            return {"title": title, "message": text}
        case _:
            return {"message": text}


def _literal(text: str) -> str:
    """The same for the template language, in which a brand's braces would be orders."""
    return text.replace("{", "\u2774").replace("}", "\u2775")
