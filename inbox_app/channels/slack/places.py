"""The places of a workspace that messages can go to: channels and people, as they are now."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from inbox_app.channels.foreign import Document, each, inner, text
from inbox_app.channels.slack.client import Slack
from inbox_app.channels.slack.errors import NAME
from inbox_app.channels.slack.names import PAUSE
from inbox_app.domain.errors import RateLimited

KEPT = timedelta(minutes=1)
"""How long a list is believed while somebody types."""
PAGE, MOST_PAGES = 200, 25
"""Places asked for at once, as many as Slack recommends, and how often for one kind."""
AFTER_PUBLIC, AFTER_PRIVATE, AFTER_PEOPLE = 12.0, 8.0, 2.0
"""Seconds that reading pages of one kind leaves to what is asked after it."""
HOLDS = {"users.list": "members"}
"""Under which name a list comes, where that is not ``channels``."""
MOST_LISTS = 256
SLACKBOT = "USLACKBOT"
Owner = tuple[int, str]
"""A person (internal key), and the workspace they connected."""


class PlaceKind(StrEnum):
    """What a place is."""

    PUBLIC = "public"
    PRIVATE = "private"
    PERSON = "person"


@dataclass(frozen=True)
class Place:
    """Where messages can go.

    Attributes:
        id: Slack's own, which messages are sent to.
        name: What people call it; of a channel without its #.
        note: The full name of a person who is called otherwise, or "".
        joined: The app is in it.
        own: It is the person who asks.
    """

    id: str
    kind: PlaceKind
    name: str
    note: str = ""
    joined: bool = True
    own: bool = False


@dataclass(frozen=True)
class Places:
    """All places; ``whole`` tells whether the workspace has no more than these."""

    found: tuple[Place, ...] = ()
    whole: bool = True


async def read_places(slack: Slack, user_id: str) -> Places:
    """The places that a person may name: public channels, those private ones they share with the
    app, and people, the person themselves always among them.

    Raises:
        Transient, RateLimited, Permanent: Slack does not say.
    """
    public: dict[str, str | int] = {"types": "public_channel", "exclude_archived": "true"}
    shared = {**public, "types": "private_channel", "user": user_id}
    channels, all_channels = await _pages(slack, "conversations.list", public, AFTER_PUBLIC)
    # Only private channels that the person is in, too: of others they must not even see the name.
    private, all_private = await _pages(slack, "users.conversations", shared, AFTER_PRIVATE)
    people, everybody = await _pages(slack, "users.list", {}, AFTER_PEOPLE)
    if not everybody and all(text(one, "id") != user_id for one in people):
        people.append(inner(await slack.ask("users.info", {"user": user_id}), "user"))
    persons = (_person(one) for one in people if _is_person(one))
    found = [
        *(replace(one, own=one.id == user_id) for one in persons),
        *(_channel(one, PlaceKind.PUBLIC) for one in channels),
        *(_channel(one, PlaceKind.PRIVATE) for one in private),
    ]
    named = {one.id: one for one in found if one.id and one.name}
    return Places(tuple(named.values()), all_channels and all_private and everybody)


async def join(slack: Slack, channel_id: str) -> None:
    """Lets the app into a public channel; being there already is no error.

    Raises:
        Transient, RateLimited, Permanent: it may not.
    """
    await slack.post("conversations.join", {"channel": channel_id})


async def _pages(
    slack: Slack, method: str, query: Mapping[str, str | int], spare: float
) -> tuple[list[Document], bool]:
    """What the pages of a list hold, and whether that was all of it.

    Slack hands out some twenty pages of a list in a minute (Tier 2 of its rate limits), so a large
    workspace is never told of as a whole: what came until then is better than nothing.

    Args:
        spare: Seconds that are left to what is asked after it.
    """
    found: list[Document] = []
    cursor = ""
    for n in range(MOST_PAGES):
        place = {"cursor": cursor} if cursor else {}
        try:
            answer = await slack.ask(method, {**query, "limit": PAGE, **place})
        except RateLimited:
            if n == 0:
                raise
            break
        found += each(answer, HOLDS.get(method, "channels"))
        cursor = text(inner(answer, "response_metadata"), "next_cursor")
        if not cursor:
            return found, True
        if slack.left < spare:
            break
    return found, False


def _channel(told: Document, kind: PlaceKind) -> Place:
    joined = told.get("is_member") is True or kind is PlaceKind.PRIVATE
    return Place(text(told, "id"), kind, text(told, "name"), joined=joined)


def _is_person(told: Document) -> bool:
    gone = told.get("deleted") or told.get("is_bot") or text(told, "id") == SLACKBOT
    return not gone


def _person(told: Document) -> Place:
    profile = inner(told, "profile")
    full = text(profile, "real_name") or text(told, "real_name")
    name = text(profile, "display_name") or full or text(told, "name")
    return Place(text(told, "id"), PlaceKind.PERSON, name, note=full if full != name else "")


@dataclass
class _List:
    """The places of one person."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    read_at: datetime | None = None
    places: Places = Places()
    not_before: datetime | None = None


class PlaceLists:
    """Remembers lists for a short while, each for the person it was read for."""

    def __init__(self) -> None:
        self._known: OrderedDict[Owner, _List] = OrderedDict()

    async def get(
        self, owner: Owner, now: datetime, read: Callable[[], Awaitable[Places]]
    ) -> Places:
        """The list of a person; ``read`` asks for it when there is none, or an old one.

        Raises:
            RateLimited: Slack has asked for a pause, which is not over; or as ``read``.
        """
        known = self._list(owner, now)
        # One asks, and what is typed meanwhile reads what it was told.
        async with known.lock:
            if known.read_at is None or now - known.read_at >= KEPT:
                _check_pause(known, now)
                known.places, known.read_at = await _read(known, now, read), now
        return known.places

    def forget(self, owner: Owner) -> None:
        """Has a person's list read anew."""
        self._known.pop(owner, None)

    def _list(self, owner: Owner, now: datetime) -> _List:
        found = self._known.setdefault(owner, _List())
        self._known.move_to_end(owner)
        # That of a large workspace takes some megabytes.
        while (first := next(iter(self._known.values()))) is not found:
            if len(self._known) <= MOST_LISTS and not _is_over(first, now):
                break
            self._known.popitem(last=False)
        return found

    async def close(self) -> None:
        """Forgets everything."""
        self._known.clear()


def _is_over(known: _List, now: datetime) -> bool:
    """Whether nothing is lost with a list."""
    old = known.read_at is None or now - known.read_at >= KEPT
    resting = known.not_before is not None and now < known.not_before
    return old and not resting and not known.lock.locked()


async def _read(known: _List, now: datetime, read: Callable[[], Awaitable[Places]]) -> Places:
    try:
        return await read()
    except RateLimited as error:
        # Whoever goes on typing must not make it longer.
        known.not_before = now + timedelta(seconds=error.retry_after or PAUSE)
        raise


def _check_pause(known: _List, now: datetime) -> None:
    if known.not_before is not None and now < known.not_before:
        left = (known.not_before - now).total_seconds()
        raise RateLimited(NAME, "A pause is not over.", status="resting", retry_after=left)
