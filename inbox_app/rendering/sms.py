"""The text message: what it says, its pictures, and who it comes from."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit

from inbox_app.domain.errors import InvalidInput
from inbox_app.rendering.parts import Filler, Reader, required
from inbox_app.rendering.text import limited, web_link

MAX_SMS = 1_600
MAX_MEDIA = 10
"""Most in one message, by Twilio's reference of messages."""
MAX_SENDER = 40


def render(filler: Filler, reader: Reader) -> dict[str, Any]:
    """The fields of a message: ``message``, and ``media_urls`` and ``from`` where they are given.

    Raises:
        InvalidInput: there is no text, or too much of it, or something that leads to no picture.
    """
    fields: dict[str, Any] = {
        "message": required("sms.message", filler.text("message"), MAX_SMS),
        "media_urls": _media(filler),
        "from": limited("sms.from", filler.line("from"), MAX_SENDER),
    }
    return {name: value for name, value in fields.items() if value}


def _media(filler: Filler) -> list[str]:
    given = cast("object", filler.content.get("mediaUrls") or [])
    known = cast("list[object]", given) if isinstance(given, list) else [given]
    if len(known) > MAX_MEDIA or not all(isinstance(each, str) for each in known):
        raise InvalidInput("sms.mediaUrls is wrong.", fix=f"Send up to {MAX_MEDIA} addresses.")
    urls = [filler.filled(str(each)).strip() for each in known]
    return [_https(url) for url in urls if url]


def _https(url: str) -> str:
    """The carrier's service fetches it, which takes no other way."""
    if urlsplit(web_link("sms.mediaUrls", url)).scheme != "https":
        raise InvalidInput(
            f"sms.mediaUrls holds {url[:80]!r}.", fix="Use addresses that start with https://."
        )
    return url
