"""A Slack message as each chat takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from inbox_app.channels.chat.dialects import (
    DISCORD,
    GOOGLE,
    MATTERMOST,
    TEAMS,
    Dialect,
    translated,
)
from inbox_app.channels.chat.families import Family
from inbox_app.channels.foreign import Document, each, inner, text

MOST_DISCORD = 2_000
"""Characters of a message, by Discord's reference of Execute Webhook."""
LONGEST_DISCORD_NAME = 80
CUT = "…"
PASSED_ON = (
    *("text", "blocks", "username", "thread_ts", "reply_broadcast", "link_names", "mrkdwn"),
    *("unfurl_links", "unfurl_media", "parse", "metadata"),
)
"""What Slack's webhooks know by the names of `rendering.slack`."""
CARD = "application/vnd.microsoft.card.adaptive"


@dataclass(frozen=True)
class Post:
    """What is posted.

    Attributes:
        detail: What a sender should know about it, or "".
    """

    body: Mapping[str, Any] = field(repr=False)
    detail: str = ""


def payload(family: Family, fields: Document) -> Post | None:
    """What is posted; None when the message says nothing that the chat can show."""
    if family is Family.SLACK:
        return _slack(fields)
    said = _shown(fields, _DIALECTS[family])
    if not said.strip():
        return None
    match family:
        case Family.DISCORD:
            return _discord(said, fields)
        case Family.TEAMS:
            return Post(_teams(said))
        case Family.MATTERMOST:
            return Post({"text": said, **_named(fields)})
        case Family.GOOGLE:
            return Post({"text": said})


_DIALECTS = {
    Family.DISCORD: DISCORD,
    Family.TEAMS: TEAMS,
    Family.GOOGLE: GOOGLE,
    Family.MATTERMOST: MATTERMOST,
}


def _slack(fields: Document) -> Post | None:
    if not fields.get("text") and not fields.get("blocks"):
        return None
    known = {name: fields[name] for name in PASSED_ON if fields.get(name) not in (None, "")}
    return Post(known | _named(fields))


def _named(fields: Document) -> dict[str, str]:
    """Who it comes from."""
    name, icon = fields.get("username"), _url(fields.get("icon"))
    emoji = fields.get("icon") if not icon else None
    known = {"username": name, "icon_url": icon, "icon_emoji": emoji}
    return {key: value for key, value in known.items() if isinstance(value, str) and value}


def _discord(said: str, fields: Document) -> Post:
    named = _named(fields)
    known = {"username": named.get("username", "")[:LONGEST_DISCORD_NAME]}
    known["avatar_url"] = named.get("icon_url", "")
    cut = len(said) > MOST_DISCORD
    body: dict[str, Any] = {
        "content": said[: MOST_DISCORD - len(CUT)] + CUT if cut else said,
        # Nobody is called on by what stands in a value.
        "allowed_mentions": {"parse": []},
    }
    detail = f"Cut: Discord takes {MOST_DISCORD:,} characters." if cut else ""
    return Post(body | {name: value for name, value in known.items() if value}, detail)


def _teams(said: str) -> dict[str, Any]:
    """An Adaptive Card in a message: connectors and workflows take both."""
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": [{"type": "TextBlock", "text": said, "wrap": True}],
    }
    return {
        "type": "message",
        "attachments": [{"contentType": CARD, "contentUrl": None, "content": card}],
    }


def _shown(fields: Document, dialect: Dialect) -> str:
    """What Slack would show: of a message with blocks these, else its text."""
    parts = _texts(fields.get("blocks"))
    blocks = dialect.line.join(translated(part, dialect, markup=markup) for part, markup in parts)
    if blocks.strip():
        return blocks
    return translated(text(fields, "text"), dialect, markup=fields.get("mrkdwn") is not False)


def _texts(blocks: object) -> Iterator[tuple[str, bool]]:
    """The texts of blocks in their order, and whether each has markup."""
    for block in each({"blocks": blocks}, "blocks"):
        for name in ("text", "title"):
            yield from _text_of(inner(block, name))
        for name in ("fields", "elements"):
            for part in each(block, name):
                yield from _text_of(part)


def _text_of(part: Document) -> Iterator[tuple[str, bool]]:
    match part.get("type"):
        case "mrkdwn" | "plain_text" as kind:
            yield text(part, "text"), kind == "mrkdwn"
        case "button" if text(part, "url"):
            # It leads on at least; of what else it does nobody would hear.
            yield f"<{part['url']}|{text(inner(part, 'text'), 'text')}>", True
        case _:
            pass


def _url(value: object) -> str:
    is_url = isinstance(value, str) and value.startswith(("https://", "http://"))
    return str(value) if is_url else ""
