"""Who is called what in a workspace: Slack posts to ids alone, and people write ``@ana``."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from inbox_app.channels.foreign import Document, each, inner, text
from inbox_app.channels.slack.client import Slack
from inbox_app.channels.slack.errors import NAME
from inbox_app.domain.errors import Permanent, RateLimited, Transient

KEPT = timedelta(minutes=30)
"""How long a name that was found is believed."""
MISSED = timedelta(minutes=1)
"""How long it is believed that there is no such name: somebody may just have joined."""
PAGE, MOST_PAGES = 200, 100
"""People asked for at once, as many as Slack recommends, and how often."""
PAUSE = 30.0
"""Seconds until Slack is asked again that did not say how long it wants to be left alone."""
MOST_WORKSPACES = 64


@dataclass
class _Reading:
    """A list that is being read; it goes on where a try broke off.

    Attributes:
        accounts: The ids by the names of accounts.
        shown: The ids by the names that people show.
    """

    accounts: dict[str, str] = field(default_factory=dict[str, str])
    shown: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    pages: int = 0
    cursor: str = ""

    def take(self, answer: Document) -> None:
        for person in _people(answer):
            self.accounts[text(person, "name").casefold()] = text(person, "id")
            for name in _shown(person):
                self.shown.setdefault(name, set()).add(text(person, "id"))
        self.pages += 1
        self.cursor = text(inner(answer, "response_metadata"), "next_cursor")

    @property
    def ids(self) -> dict[str, str]:
        """By what they are called: the name of the account before any that is shown."""
        # Of two people who show one name nobody knows which is meant.
        unique = {name: next(iter(ids)) for name, ids in self.shown.items() if len(ids) == 1}
        return {name: key for name, key in {**unique, **self.accounts}.items() if name}


@dataclass
class _Workspace:
    """The people that one token sees.

    Attributes:
        not_before: When Slack may be asked again, after it was too much.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    read_at: datetime | None = None
    ids: Mapping[str, str] = field(default_factory=dict[str, str])
    reading: _Reading = field(default_factory=_Reading)
    not_before: datetime | None = None


class Directory:
    """Remembers the names of workspaces for the process, each under the hash of a token."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Workspace] = OrderedDict()

    async def find(self, slack: Slack, token: str, name: str, now: datetime) -> str:
        """The id of the one person of that name, without its @.

        Raises:
            Transient, RateLimited: Slack does not say now; that says nothing of other messages.
            Permanent: nobody is called so, or more than one.
        """
        workspace, wanted = self._workspace(token), name.casefold()
        try:
            # One asks, and the others read what it was told.
            async with asyncio.timeout(slack.left), workspace.lock:
                if not _believed(workspace, wanted, now):
                    await _read(slack, workspace, now)
        except TimeoutError:
            said = "The names of the workspace are still being read."
            raise Transient(NAME, said, status="reading", about_message=True) from None
        except Transient as error:
            error.about_message = True
            raise
        if wanted in workspace.ids:
            return workspace.ids[wanted]
        said = "Nobody in the workspace is called that, or more than one person is."
        raise Permanent(NAME, said, status="user_not_found", dead_address=True)

    def _workspace(self, token: str) -> _Workspace:
        key = hashlib.sha256(token.encode()).hexdigest()
        found = self._known.setdefault(key, _Workspace())
        self._known.move_to_end(key)
        while len(self._known) > MOST_WORKSPACES:
            self._known.popitem(last=False)
        return found

    async def close(self) -> None:
        """Forgets everything."""
        self._known.clear()


def _believed(workspace: _Workspace, wanted: str, now: datetime) -> bool:
    if workspace.read_at is None:
        return False
    return now - workspace.read_at < (KEPT if wanted in workspace.ids else MISSED)


async def _read(slack: Slack, workspace: _Workspace, now: datetime) -> None:
    """Reads all names, or goes on reading them."""
    if workspace.not_before and now < workspace.not_before:
        wait = (workspace.not_before - now).total_seconds()
        raise RateLimited(NAME, "Names were asked for too often.", status="names", retry_after=wait)
    try:
        await _read_on(slack, workspace.reading)
    except RateLimited as error:
        workspace.not_before = now + timedelta(seconds=error.retry_after or PAUSE)
        raise
    except Permanent as error:
        workspace.reading = _Reading()
        if error.status == "invalid_cursor":
            # It was too long ago that the list was begun.
            raise Transient(NAME, error.detail, status=error.status) from None
        raise
    workspace.ids, workspace.read_at = workspace.reading.ids, now
    workspace.reading, workspace.not_before = _Reading(), None


async def _read_on(slack: Slack, reading: _Reading) -> None:
    while reading.pages < MOST_PAGES:
        query: dict[str, str | int] = {"limit": PAGE}
        if reading.cursor:
            query["cursor"] = reading.cursor
        reading.take(await slack.ask("users.list", query))
        if not reading.cursor:
            return
    said = f"The workspace has more than {PAGE * MOST_PAGES:,} people: name people by their ids."
    raise Permanent(NAME, said, status="limit_required")


def _people(answer: Document) -> Iterator[Document]:
    """Those who are still there."""
    return (one for one in each(answer, "members") if text(one, "id") and not one.get("deleted"))


def _shown(person: Document) -> set[str]:
    profile = inner(person, "profile")
    names = (text(profile, name) for name in ("display_name", "display_name_normalized"))
    return {name.casefold() for name in names if name}
