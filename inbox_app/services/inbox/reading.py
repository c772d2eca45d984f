"""Reading the inbox: pages, what changed, the open item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from inbox_app.domain.changes import Since
from inbox_app.domain.feed import Box, Cursor
from inbox_app.domain.item_state import InboxState
from inbox_app.domain.notification import InboxItem, Reply
from inbox_app.lib import links
from inbox_app.runtime import Runtime
from inbox_app.services import about
from inbox_app.services.inbox.moving import owned
from inbox_app.services.inbox_views import counts_view, item_view, row_view
from inbox_app.services.views import ChangesView, ItemView, PageView, RowView
from inbox_app.storage import inbox, replies, waiting

PAGE = 30
LARGEST_PAGE = 200
PICTURES = timedelta(days=7)
"""How long an address of a picture in an API's answer holds."""


@dataclass(frozen=True)
class Entry:
    """An inbox item with its thread, as the APIs list it.

    Attributes:
        urls: Where each picture of the thread is for some days, by its id.
    """

    item: InboxItem
    thread: list[Reply]
    urls: Mapping[str, str] = field(default_factory=dict[str, str])


async def state(rt: Runtime, user_id: int) -> InboxState:
    """The person's change number and counters."""
    async with rt.database.read() as tx:
        return await inbox.state(tx, user_id)


async def entries(
    rt: Runtime, user_id: int, before: Cursor | None, count: int, box: Box = Box.EVERYTHING
) -> list[Entry]:
    """A page of items with their threads, newest first."""
    async with rt.database.read() as tx:
        found = await inbox.page(tx, user_id, box, before, max(1, min(count, LARGEST_PAGE)))
    return await threads(rt, found)


async def threads(rt: Runtime, items: Sequence[InboxItem]) -> list[Entry]:
    """Items with their threads."""
    by_item: dict[str, list[Reply]] = {item.tracking_id: [] for item in items}
    replied = [item.tracking_id for item in items if item.replies]
    if replied:
        async with rt.database.read() as tx:
            for each in await replies.of_items(tx, replied):
                by_item[each.tracking_id].append(each)
    return [_entry(rt, item, by_item[item.tracking_id]) for item in items]


def _entry(rt: Runtime, item: InboxItem, thread: list[Reply]) -> Entry:
    shown = [picture.id for reply in thread for picture in reply.attachments]
    return Entry(item, thread, {each: _address(rt, each) for each in shown})


def _address(rt: Runtime, attachment_id: str) -> str:
    until = str(int((rt.clock.now() + PICTURES).timestamp()))
    proof = links.attachment_proof(rt.sealer, attachment_id, until)
    root = rt.settings.public_url
    return f"{root}/api/attachments/{attachment_id}?until={until}&proof={proof}"


async def page(
    rt: Runtime, user_id: int, box: Box, before: str = "", limit: int = PAGE
) -> PageView:
    """A page of a box with the counters of the same moment.

    Args:
        before: `PageView.next` of the page before, or "".

    Raises:
        InvalidInput: ``before`` is not a cursor.
    """
    cursor = Cursor.decode(before) if before else None
    async with rt.database.read() as tx:
        now = await inbox.state(tx, user_id)
        found = await inbox.page(tx, user_id, box, cursor, limit + 1)
    shown = found[:limit]
    following = Cursor(shown[-1].at, shown[-1].tracking_id).encode() if len(found) > limit else ""
    return PageView(await rows(rt, shown), following, counts_view(now), now.change)


async def rows(rt: Runtime, items: Sequence[InboxItem]) -> list[RowView]:
    """Items as the list shows them."""
    if not items:
        return []
    async with rt.database.read() as tx:
        held = await waiting.held(tx, [item.tracking_id for item in items], rt.clock.now())
    return [row_view(item, held.get(item.tracking_id, ())) for item in items]


async def changes_since(rt: Runtime, user_id: int, since: int) -> ChangesView:
    """What changed after change number ``since``; asks for a reload when that is too much."""
    found = await rt.changes.submit(Since(user_id, since))
    told = [row_view(item, found.held.get(item.tracking_id, ())) for item in found.items or ()]
    return ChangesView(found.items is None, told, counts_view(found.state), found.state.change)


async def changed_items(
    rt: Runtime, user_id: int, since: int
) -> tuple[InboxState, Sequence[InboxItem] | None]:
    """The state and the items changed after ``since``, None when there are too many to tell."""
    found = await rt.changes.submit(Since(user_id, since))
    return found.state, found.items


async def open_item(rt: Runtime, user_id: int, tracking_id: str) -> ItemView:
    """An item with its thread and why it came; marks nothing.

    Raises:
        NotFound: there is no such item in this inbox.
    """
    async with rt.database.read() as tx:
        item = (await owned(tx, user_id, [tracking_id]))[0]
        thread = await replies.of_items(tx, [tracking_id])
        held = await waiting.held(tx, [tracking_id], rt.clock.now())
    why = await about.of_notification(rt, user_id, tracking_id)
    return item_view(item, thread, why, held.get(tracking_id, ()))
