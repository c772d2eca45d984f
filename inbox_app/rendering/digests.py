"""The built-in form of a digest, for types without a digest template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlsplit

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.notification_type import Channel
from inbox_app.rendering import email, slack
from inbox_app.rendering.nesting import check_nesting
from inbox_app.rendering.parts import Filler, Part, Reader
from inbox_app.rendering.plain import text_of
from inbox_app.rendering.text import one_line, shortened

TITLE = 100
EXCERPT = 240
LINES = 3
SHORT = 3
"""How many notifications a short form names; it counts the others."""
LISTED = 100
"""How many an e-mail or an inbox item lists."""


@dataclass(frozen=True)
class Entry:
    """One notification of a digest: its title, the first lines of its text, where it leads."""

    title: str
    excerpt: str
    url: str
    warnings: tuple[str, ...]


def entry(filler: Filler, part: Part, reader: Reader) -> Entry:
    """What a digest tells of a notification.

    Content that cannot be filled is left out and told: the others still go out.
    """
    try:
        title = one_line(part.title) or filler.line("subject") or filler.line("title")
        text = _text(filler)
        warnings = filler.warnings()
    except InvalidInput as error:
        title, text, warnings = one_line(part.title), "", (*filler.warnings(), error.message)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    title = title or (lines.pop(0) if lines else "Update")
    excerpt = [line for line in lines if line != title][:LINES]
    url = part.url if urlsplit(part.url).scheme in {"http", "https"} else ""
    return Entry(shortened(title, TITLE), shortened("\n".join(excerpt), EXCERPT), url, warnings)


def _text(filler: Filler) -> str:
    for name in ("message", "text", "body"):
        if filler.content.get(name):
            return filler.text(name)
    html = filler.html("html")
    check_nesting("html", html)
    return text_of(html)


def fields(
    channel: Channel, entries: Sequence[Entry], title: str, reader: Reader
) -> dict[str, Any]:
    """The fields of a digest in the channel's terms."""
    count = f"{len(entries)} update{'' if len(entries) == 1 else 's'}"
    about = shortened(one_line(title), TITLE)
    return FORMS[channel](f"{count}: {about}" if about else count, entries, reader)


def _email(headline: str, entries: Sequence[Entry], reader: Reader) -> dict[str, Any]:
    items = "".join(map(_email_item, entries[:LISTED])) + _more(entries, "<p>{}</p>")
    html = f'<h1 style="font-size:20px">{escape(headline)}</h1>{items}'
    preview = ", ".join(entry.title for entry in entries[:SHORT])
    return email.message(headline, html, preview, reader)


def _email_item(entry: Entry) -> str:
    title = escape(entry.title)
    linked = f'<a href="{escape(entry.url)}">{title}</a>' if entry.url else title
    excerpt = escape(entry.excerpt).replace("\n", "<br>")
    return (
        '<div style="padding:12px 0;border-top:1px solid #e4e4e7">'
        f'<h2 style="font-size:16px;margin:0">{linked}</h2>'
        + (f'<p style="margin:4px 0 0">{excerpt}</p>' if excerpt else "")
        + "</div>"
    )


def _more(entries: Sequence[Entry], form: str) -> str:
    left = len(entries) - LISTED
    return form.format(f"and {left} more") if left > 0 else ""


def _in_app(headline: str, entries: Sequence[Entry], reader: Reader) -> dict[str, Any]:
    body = "\n".join(f"\u2022 {entry.title}" for entry in entries[:LISTED])
    empty: dict[str, Any] = {"html": "", "url": "", "image": "", "actions": [], "replies": False}
    return {"title": headline, "body": body + _more(entries, "\n{}"), **empty}


def _message(headline: str, entries: Sequence[Entry], reader: Reader) -> dict[str, Any]:
    return {"message": f"{headline}. {_named(entries)}."}


def _push(headline: str, entries: Sequence[Entry], reader: Reader) -> dict[str, Any]:
    url = entries[0].url if len(entries) == 1 else ""
    return {"title": headline, "message": _named(entries), "icon": "", "url": url}


def _named(entries: Sequence[Entry]) -> str:
    """The first titles, and how many there are besides."""
    named = "; ".join(entry.title for entry in entries[:SHORT])
    left = len(entries) - SHORT
    return f"{named} and {left} more" if left > 0 else named


def _slack(headline: str, entries: Sequence[Entry], reader: Reader) -> dict[str, Any]:
    lines = (f"\u2022 {_slack_link(entry)}" for entry in entries[:LISTED])
    more = _more(entries, "\n{}")
    return {"text": "\n".join((f"*{slack.escaped(headline)}*", *lines)) + more}


def _slack_link(entry: Entry) -> str:
    title = slack.escaped(entry.title)
    url = slack.escaped(entry.url).replace("|", "%7C")
    return f"<{url}|{title}>" if url else title


FORMS: Mapping[Channel, Callable[[str, Sequence[Entry], Reader], dict[str, Any]]] = {
    Channel.EMAIL: _email,
    Channel.INAPP_WEB: _in_app,
    Channel.SMS: _message,
    Channel.CALL: _message,
    Channel.PUSH: _push,
    Channel.WEB_PUSH: _push,
    Channel.SLACK: _slack,
}
