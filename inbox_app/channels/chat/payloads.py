"""A Slack message as each chat takes it."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
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

LONGEST_DISCORD_NAME = 80
CUT = "…"
PASSED_ON = (
    *("username", "thread_ts", "reply_broadcast", "link_names", "mrkdwn"),
    *("unfurl_links", "unfurl_media", "parse", "metadata"),
)
"""Fields beside text and blocks that Slack knows by the names of `rendering.slack`."""
NAMES = ("text", "blocks", *PASSED_ON)
Part = tuple[str, bool]
"""A text, and whether it has markup."""
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
    said, cut = _fitting(_parts(fields, _DIALECTS[family]), family)
    if not said.strip():
        return None
    return Post(_body(family, said, fields), f"Cut: {LIMITS[family]}." if cut else "")


_DIALECTS = {
    Family.DISCORD: DISCORD,
    Family.TEAMS: TEAMS,
    Family.GOOGLE: GOOGLE,
    Family.MATTERMOST: MATTERMOST,
}


@dataclass(frozen=True)
class _Limit:
    """How much of a text a chat takes."""

    most: int
    unit: str
    size: Callable[[str], int]
    chat: str

    def __str__(self) -> str:
        return f"{self.chat} takes {self.most:,} {self.unit}"


def _octets(said: str) -> int:
    """Of the text in JSON."""
    return len(json.dumps(said, ensure_ascii=False).encode())


LIMITS = {
    # Discord's reference of Execute Webhook.
    Family.DISCORD: _Limit(2_000, "characters", len, "Discord"),
    # A message has 28 KB (Microsoft's "Limits and specifications for Teams"), some for the card.
    Family.TEAMS: _Limit(24_000, "bytes", _octets, "Microsoft Teams"),
    # 32,000 for all of a message (Google's reference of Message).
    Family.GOOGLE: _Limit(31_000, "bytes", _octets, "Google Chat"),
    # The default of its setting MaxPostSize.
    Family.MATTERMOST: _Limit(16_383, "characters", len, "Mattermost"),
}


def _body(family: Family, said: str, fields: Document) -> dict[str, Any]:
    match family:
        case Family.DISCORD:
            return _discord(said, fields)
        case Family.TEAMS:
            return _teams(said)
        case Family.MATTERMOST:
            return {"text": said, **_named(fields)}
        case _:
            return {"text": said}


def _slack(fields: Document) -> Post | None:
    if not fields.get("text") and not fields.get("blocks"):
        return None
    known = {name: fields[name] for name in NAMES if fields.get(name) not in (None, "")}
    return Post(known | _named(fields))


def _named(fields: Document) -> dict[str, str]:
    """Who it comes from."""
    name, icon = fields.get("username"), _url(fields.get("icon"))
    emoji = fields.get("icon") if not icon else None
    known = {"username": name, "icon_url": icon, "icon_emoji": emoji}
    return {key: value for key, value in known.items() if isinstance(value, str) and value}


def _discord(said: str, fields: Document) -> dict[str, Any]:
    named = _named(fields)
    known = {"username": named.get("username", "")[:LONGEST_DISCORD_NAME]}
    known["avatar_url"] = named.get("icon_url", "")
    # Nobody is called on by what stands in a value.
    body: dict[str, Any] = {"content": said, "allowed_mentions": {"parse": []}}
    return body | {name: value for name, value in known.items() if value}


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


def _parts(fields: Document, dialect: Dialect) -> list[Part]:
    """What Slack would show: of a message with blocks these, else its text."""
    parts = list(_texts(fields.get("blocks")))
    if _joined(parts, dialect).strip():
        return parts
    return [(text(fields, "text"), fields.get("mrkdwn") is not False)]


def _joined(parts: Sequence[Part], dialect: Dialect) -> str:
    return dialect.line.join(translated(part, dialect, markup=markup) for part, markup in parts)


def _fitting(parts: Sequence[Part], family: Family) -> tuple[str, bool]:
    """As much as the chat takes, and whether that is not all.

    It is cut before it is marked up, lest a mark be left open.
    """
    limit, dialect = LIMITS[family], _DIALECTS[family]
    whole = _joined(parts, dialect)
    if limit.size(whole) <= limit.most:
        return whole, False

    def too_long(signs: int) -> bool:
        return limit.size(_joined(_cut(parts, signs), dialect)) > limit.most

    most = sum(len(part) for part, _ in parts)
    fits = bisect_left(range(most), True, key=too_long) - 1
    return _joined(_cut(parts, fits), dialect), True


def _cut(parts: Sequence[Part], signs: int) -> list[Part]:
    """The first ``signs`` of all texts."""
    kept: list[Part] = []
    for part, markup in parts:
        if len(part) > signs:
            return [*kept, (part[:signs] + CUT, markup)]
        kept.append((part, markup))
        signs -= len(part)
    return kept


def _texts(blocks: object) -> Iterator[Part]:
    """The texts of blocks in their order, and whether each has markup."""
    for block in each({"blocks": blocks}, "blocks"):
        for name in ("text", "title"):
            yield from _text_of(inner(block, name))
        for name in ("fields", "elements"):
            for part in each(block, name):
                yield from _text_of(part)


def _text_of(part: Document) -> Iterator[Part]:
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
