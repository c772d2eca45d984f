"""What a browser keeps of the inbox, to show it without a network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from pydantic import TypeAdapter

from inbox_app.domain.feed import Box
from inbox_app.domain.item_state import InboxState
from inbox_app.domain.notification import InboxItem
from inbox_app.lib import signing
from inbox_app.lib.clock import iso
from inbox_app.runtime import Runtime
from inbox_app.services.access import Viewer
from inbox_app.services.inbox_views import counts_view, reply_view, row_view
from inbox_app.services.pieces import host, pieces
from inbox_app.services.views import CountsView, Piece, ReplyView, RowView, ViewerView
from inbox_app.storage import inbox, replies, waiting
from inbox_app.storage.engine import Transaction

MOST: Final = 100
"""Items that are kept, the newest."""
LARGEST: Final = 1_000_000
"""Characters of all bodies and threads; what lies beyond is kept as a row alone."""


@dataclass(frozen=True)
class KeptItem:
    """An item as the list and, if it is `whole`, as the pane of the open one shows it."""

    row: RowView
    whole: bool = False
    body: list[Piece] = field(default_factory=list[Piece])
    html: str = ""
    host: str = ""
    can_reply: bool = False
    thread: list[ReplyView] = field(default_factory=list[ReplyView])


@dataclass(frozen=True)
class KeptView:
    """What a browser keeps.

    Attributes:
        viewer: Who is signed in; `ViewerView.session` names the session it is kept for.
        at: Of which moment it is, ISO time.
        until: When the session ends, ISO time; nothing may be shown of it after that.
        change: The person's change number at that moment.
        items: The newest of all views, newest first.
        more: There are older ones.
    """

    viewer: ViewerView
    at: str
    until: str
    counts: CountsView
    change: int
    items: list[KeptItem]
    more: bool


SHAPE: Final = json.dumps(TypeAdapter(KeptView).json_schema(), sort_keys=True)
"""Of a `KeptView`: after an update, pages do not understand what an earlier version told."""


async def kept(rt: Runtime, viewer: Viewer, known: str = "") -> tuple[str, KeptView | None]:
    """What to keep, and what it is known by.

    Args:
        known: What is known by the caller.

    Returns:
        A text that differs whenever something else is to be kept, and that; None where it is known.
    """
    now = rt.clock.now()
    async with rt.database.read() as tx:
        state = await inbox.state(tx, viewer.user_id)
        version = _version(viewer, state)
        if version == known:
            return version, None
        found = await inbox.page(tx, viewer.user_id, Box.EVERYTHING, None, MOST + 1)
        shown = found[:MOST]
        items = await _items(rt, tx, shown)
    until = iso(viewer.until)
    counts, more = counts_view(state), len(found) > MOST
    return version, KeptView(viewer.view, iso(now), until, counts, state.change, items, more)


def _version(viewer: Viewer, state: InboxState) -> str:
    """Of the inbox, of the settings of its owner, and of how both are told."""
    settings = json.dumps(asdict(viewer.view), sort_keys=True)
    return signing.digest(f"{SHAPE} {settings} {state.change}")[:32]


async def _items(rt: Runtime, tx: Transaction, found: Sequence[InboxItem]) -> list[KeptItem]:
    names = [item.tracking_id for item in found]
    held = await waiting.held(tx, names, rt.clock.now()) if names else {}
    threads: dict[str, list[ReplyView]] = {}
    replied = [item.tracking_id for item in found if item.replies]
    for each in await replies.of_items(tx, replied) if replied else ():
        threads.setdefault(each.tracking_id, []).append(reply_view(each))
    rows = [row_view(item, held.get(item.tracking_id, ())) for item in found]
    parts = zip(rows, found, strict=True)
    return list(_within(LARGEST, (_kept(row, i, threads.get(row.id, [])) for row, i in parts)))


def _kept(row: RowView, item: InboxItem, thread: list[ReplyView]) -> KeptItem:
    content = item.content
    return KeptItem(
        row,
        whole=True,
        body=[] if content.html else pieces(content.body),
        html=content.html,
        host=host(content.url),
        can_reply=content.replies,
        thread=thread,
    )


def _within(room: int, items: Iterable[KeptItem]) -> Iterator[KeptItem]:
    """The items, whole as long as there is room, each of them if it fits."""
    for item in items:
        size = _size(item)
        if size > room:
            yield KeptItem(item.row)
            continue
        room -= size
        yield item


def _size(item: KeptItem) -> int:
    """Characters of what is more than a row."""
    return len(item.html) + sum(
        len(text)
        for text in (*(each.text for each in item.body), *(r.message for r in item.thread))
    )
