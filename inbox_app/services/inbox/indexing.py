"""Bringing the full-text index of one inbox up to date, in portions."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from inbox_app.domain.notification import InboxItem, Reply
from inbox_app.domain.search_words import document, parameters_named
from inbox_app.runtime import Runtime
from inbox_app.services.inbox_views import plain_text
from inbox_app.storage import inbox, search
from inbox_app.storage import replies as threads
from inbox_app.storage.search import Document

PORTION = 500
"""Items stored in one transaction."""
SENDERS = ("actor", "author", "from", "sender")
"""Merge values that name who a notification is from."""


async def prepare(rt: Runtime, user_id: int, seconds: float = 30.0) -> bool:
    """Puts what changed since the last time into the index.

    Args:
        seconds: Stops after the portion in which this time ends.

    Returns:
        Whether the index is up to date; if not, another call goes on from there.
    """
    end = asyncio.get_running_loop().time() + seconds
    while not await _portion(rt, user_id):
        if asyncio.get_running_loop().time() >= end:
            return False
    return True


async def _portion(rt: Runtime, user_id: int) -> bool:
    """Indexes the next items; whether they were the last."""
    async with rt.database.read() as tx:
        top = (await inbox.state(tx, user_id)).change
        since = await search.mark(tx, user_id)
        if since == top:
            return True
        items = await search.stale(tx, user_id, since, PORTION)
        replies = await threads.of_items(tx, [item.tracking_id for item in items if item.replies])
    thread = defaultdict[str, list[Reply]](list)
    for each in replies:
        thread[each.tracking_id].append(each)
    documents = [Document(item, _words(item, thread[item.tracking_id])) for item in items]
    last = len(items) < PORTION
    async with rt.database.write() as tx:
        await inbox.lock(tx, user_id)
        await search.put(tx, user_id, documents)
        # Others of the same change number may not have been among them.
        await search.set_mark(tx, user_id, top if last else items[-1].change - 1)
    return last


def _words(item: InboxItem, thread: Sequence[Reply]) -> list[str]:
    content = item.content
    parts = [
        *(content.title, plain_text(content.html) if content.html else content.body),
        *(item.type_title, item.category),
        *(action.label for action in content.actions),
        *(each.message for each in thread),
    ]
    answering = dict.fromkeys(each.author for each in thread if not each.from_user)
    return document(parts, [*parameters_named(item.parameters, SENDERS), *answering])
