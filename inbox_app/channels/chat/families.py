"""Which chat a URL belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit, urlunsplit

SHORTEST_SECRET = 6
_WORD = re.compile(r"[A-Za-z_]{1,19}")
"""Parts of a path that mean something to everybody, such as ``services``."""


class Family(StrEnum):
    """Chats that are spoken to alike."""

    SLACK = "Slack"
    """And all that take what Slack takes: Rocket.Chat, Zulip, ..."""
    DISCORD = "Discord"
    TEAMS = "Microsoft Teams"
    GOOGLE = "Google Chat"
    MATTERMOST = "Mattermost"
    """Takes what Slack takes, with Markdown in the text."""


KNOWN: Mapping[str, Family] = {
    "hooks.slack.com": Family.SLACK,
    "hooks.slack-gov.com": Family.SLACK,
    "*.zulipchat.com": Family.SLACK,
    "discord.com": Family.DISCORD,
    "*.discord.com": Family.DISCORD,
    "discordapp.com": Family.DISCORD,
    "*.webhook.office.com": Family.TEAMS,
    "*.logic.azure.com": Family.TEAMS,
    "*.powerplatform.com": Family.TEAMS,
    "chat.googleapis.com": Family.GOOGLE,
}
"""Hosts whose webhooks are called without being listed."""
_MATTERMOST = re.compile(r"/hooks/[a-z0-9]{26}/?")
"""Its ids are 26 letters and digits in lower case; Rocket.Chat's have a token behind them."""

_LIKE_SLACK = re.compile(r"/slack/?$")
"""Where Discord takes what Slack takes (its "Execute Slack-Compatible Webhook")."""


class NotCalled(ValueError):
    """The URL is not one to be called; the text names its host at most."""


@dataclass(frozen=True)
class Hook:
    """A webhook.

    Attributes:
        url: As it is called.
        secrets: All of the URL that lets one write there.
    """

    url: str = field(repr=False)
    host: str
    family: Family
    secrets: tuple[str, ...] = field(repr=False)


def hook_of(url: str, listed: Iterable[str]) -> Hook:
    """The webhook at a URL.

    Args:
        listed: Hosts that may be called beside `KNOWN`, in lower case; ``*.`` before a name stands
            for all below it. They may be called without TLS.

    Raises:
        NotCalled: the URL is none, or its host is not to be called.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise NotCalled("The URL is not valid.") from None
    if parts.scheme not in {"https", "http"} or not host:
        raise NotCalled("The URL is not valid.")
    named = _matches(host, listed)
    family = next((each for name, each in KNOWN.items() if _matches(host, [name])), None)
    if not named and (family is None or port not in {None, 443}):
        raise NotCalled(f"{host} is not among the allowed hosts.")
    if not named and parts.scheme != "https":
        raise NotCalled(f"{host} is called over https alone.")
    if family is Family.DISCORD and _LIKE_SLACK.search(parts.path):
        family = Family.SLACK
    return Hook(_called(url, family), host, family or _by_path(parts.path), _secrets(url))


def _matches(host: str, names: Iterable[str]) -> bool:
    return any(host.endswith(name[1:]) if name.startswith("*.") else host == name for name in names)


def _by_path(path: str) -> Family:
    return Family.MATTERMOST if _MATTERMOST.search(path) else Family.SLACK


def _called(url: str, family: Family | None) -> str:
    """The URL without its fragment; Discord tells the message's id only to who waits for it."""
    scheme, place, path, query, _ = urlsplit(url)
    if family is Family.DISCORD and "wait" not in dict(parse_qsl(query)):
        query = f"{query}&wait=true" if query else "wait=true"
    return urlunsplit((scheme, place, path, query, ""))


def _secrets(url: str) -> tuple[str, ...]:
    """The longest first, so that nothing of it is left when a part of it was hidden before."""
    parts = urlsplit(url)
    behind = f"{parts.path}?{parts.query}" if parts.query else parts.path
    pieces = [each for each in parts.path.split("/") if not _WORD.fullmatch(each)]
    found = {url, behind, parts.path, parts.query, *pieces}
    found |= {value for _, value in parse_qsl(parts.query)}
    return tuple(
        sorted((each for each in found if len(each) >= SHORTEST_SECRET), key=len, reverse=True)
    )
