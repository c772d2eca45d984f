"""The inbox as its owner and the owner's devices use it.

Every function takes the person's internal key and touches nothing that is not theirs: the check
is part of each query.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from inbox_app.domain.errors import InvalidInput, NotFound
from inbox_app.domain.feed import Box, Cursor
from inbox_app.domain.item_state import Counters, InboxState, ItemState, Mark, StateChange
from inbox_app.domain.notification import InboxItem, Reply
from inbox_app.runtime import Runtime
from inbox_app.services.inbox_views import counts_view, item_view, reply_view, row_view
from inbox_app.services.views import ChangesView, ItemView, PageView, ReplyView
from inbox_app.storage import inbox, notifications, users
from inbox_app.storage.engine import Transaction

PAGE = 30
LARGEST_PAGE = 200
MOST_CHANGES = 200
"""More changes than this are cheaper to read anew than to tell one by one."""
LONGEST_REPLY = 5_000


@dataclass(frozen=True)
class Entry:
    """An inbox item with its thread, as the APIs list it."""

    item: InboxItem
    thread: list[Reply]


@dataclass(frozen=True)
class BulkView:
    """What a bulk action did: to how many items, under which change number (0: to none)."""

    count: int
    change: int


@dataclass(frozen=True)
class NewReply:
    """A reply as it is reported.

    Attributes:
        message: Plain text, 1 to 5,000 characters.
        at: When it was written; a report with the same time and text is the same reply.
        author: Who wrote it when it was not the inbox's owner, else None.
    """

    message: str
    at: datetime
    author: str | None = None


# Reading


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
            for each in await inbox.replies(tx, replied):
                by_item[each.tracking_id].append(each)
    return [Entry(item, by_item[item.tracking_id]) for item in items]


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
    return PageView([row_view(item) for item in shown], following, counts_view(now), now.change)


async def changes_since(rt: Runtime, user_id: int, since: int) -> ChangesView:
    """What changed after change number ``since``; asks for a reload when that is too much."""
    now, found = await changed_items(rt, user_id, since)
    rows = [] if found is None else [row_view(item) for item in found]
    return ChangesView(found is None, rows, counts_view(now), now.change)


async def changed_items(
    rt: Runtime, user_id: int, since: int
) -> tuple[InboxState, list[InboxItem] | None]:
    """The state and the items changed after ``since``, None when there are too many to tell."""
    async with rt.database.read() as tx:
        now = await inbox.state(tx, user_id)
        if since == now.change:
            return now, []
        found = await inbox.changed_since(tx, user_id, since, MOST_CHANGES + 1)
    # A number from the future is of another database, such as one restored from a backup.
    return now, None if len(found) > MOST_CHANGES or since > now.change else found


async def open_item(rt: Runtime, user_id: int, tracking_id: str) -> ItemView:
    """An item with its thread and the reasons for it; marks nothing.

    Raises:
        NotFound: there is no such item in this inbox.
    """
    async with rt.database.read() as tx:
        item = (await _owned(tx, user_id, [tracking_id]))[0]
        thread = await inbox.replies(tx, [tracking_id])
        decisions = await notifications.decisions(tx, tracking_id)
    return item_view(item, thread, decisions)


# Acting


async def see(rt: Runtime, user_id: int, tracking_ids: Collection[str]) -> int:
    """Marks items as seen; what is gone meanwhile is passed over."""
    return await _report(rt, user_id, tracking_ids, setting(rt, Mark.SEEN), lenient=True)


async def mark_read(rt: Runtime, user_id: int, tracking_ids: Collection[str]) -> int:
    return await _report(rt, user_id, tracking_ids, setting(rt, Mark.OPENED))


async def mark_unread(rt: Runtime, user_id: int, tracking_ids: Collection[str]) -> int:
    change = StateChange(clears=frozenset({Mark.OPENED}))
    return await _report(rt, user_id, tracking_ids, change)


async def archive(rt: Runtime, user_id: int, tracking_ids: Collection[str]) -> int:
    return await _report(rt, user_id, tracking_ids, setting(rt, Mark.ARCHIVED))


async def archive_those_left(rt: Runtime, user_id: int, tracking_ids: Collection[str]) -> int:
    """Archives items; what is gone meanwhile is passed over."""
    return await _report(rt, user_id, tracking_ids, setting(rt, Mark.ARCHIVED), lenient=True)


async def restore(rt: Runtime, user_id: int, tracking_ids: Collection[str]) -> int:
    change = StateChange(clears=frozenset({Mark.ARCHIVED}))
    return await _report(rt, user_id, tracking_ids, change)


async def click(rt: Runtime, user_id: int, tracking_id: str) -> int:
    return await _report(rt, user_id, [tracking_id], setting(rt, Mark.CLICKED))


async def act(rt: Runtime, user_id: int, tracking_id: str, number: int) -> int:
    """Records the choice of action button 1 or 2.

    Raises:
        NotFound: there is no such item, or it has no such button.
    """
    return await _report(rt, user_id, [tracking_id], setting(rt, _action(number)))


async def follow(rt: Runtime, user_id: int, tracking_id: str, number: int = 0) -> str:
    """Records that the person follows an item's link, or that of a button, and tells where to.

    Raises:
        NotFound: there is no such item, or it leads nowhere.
    """
    async with rt.database.read() as tx:
        content = (await _owned(tx, user_id, [tracking_id]))[0].content
    urls = (content.url, *(action.url for action in content.actions))
    url = urls[number] if 0 <= number < len(urls) else ""
    if not url:
        raise NotFound("This notification leads nowhere.")
    mark = _action(number) if number else Mark.CLICKED
    await _report(rt, user_id, [tracking_id], setting(rt, mark))
    return url


async def reply(rt: Runtime, user_id: int, tracking_id: str, message: str) -> ReplyView:
    """Adds the person's reply to an item.

    Raises:
        InvalidInput: the reply is empty or too long.
        NotFound: there is no such item in this inbox.
    """
    new = NewReply(message, rt.clock.now())
    stored = await report(rt, user_id, [tracking_id], StateChange(), [new])
    return reply_view(stored[0])


async def report(
    rt: Runtime,
    user_id: int,
    tracking_ids: Sequence[str],
    change: StateChange,
    replies: Sequence[NewReply] = (),
) -> list[Reply]:
    """Applies a report to items, all or none, and adds replies to each of them.

    Returns:
        The replies as they are stored.

    Raises:
        InvalidInput: a reply is empty or too long.
        NotFound: one of the items is not in this inbox; nothing is changed then.
    """
    async with rt.database.read() as tx:
        owner = await users.get(tx, user_id)
    name = owner.display_name if owner else ""
    thread = [_reply(tracking_id, new, name) for tracking_id in tracking_ids for new in replies]
    await _report(rt, user_id, tracking_ids, change, thread)
    return thread


async def see_all(rt: Runtime, user_id: int, type_name: str | None = None) -> int:
    """Marks everything as seen, or everything of one type; how many items that were."""
    now = rt.clock.now()
    async with rt.database.write() as tx:
        before = await inbox.lock(tx, user_id)
        count = await inbox.see_all(tx, user_id, now, before.change + 1, type_name)
        change = await _advance(tx, user_id, before, Counters(unseen=-count), count)
    await rt.hub.publish({user_id: change})
    return count


async def mark_all_read(rt: Runtime, user_id: int) -> BulkView:
    """Marks everything as read, and so as seen."""
    now = rt.clock.now()
    async with rt.database.write() as tx:
        before = await inbox.lock(tx, user_id)
        seen = await inbox.see_all(tx, user_id, now, before.change + 1)
        opened = await inbox.open_all(tx, user_id, now, before.change + 1)
        delta = Counters(unread=-opened, unseen=-seen)
        change = await _advance(tx, user_id, before, delta, seen + opened)
    await rt.hub.publish({user_id: change})
    # The number reached before belongs to another change, which undoing this one must not touch.
    return BulkView(opened, change if opened else 0)


async def undo_mark_all_read(rt: Runtime, user_id: int, change: int) -> int:
    """Takes a `mark_all_read` back, except for items that changed since."""
    async with rt.database.write() as tx:
        before = await inbox.lock(tx, user_id)
        count = await inbox.reopen_all(tx, user_id, change, before.change + 1)
        reached = await _advance(tx, user_id, before, Counters(unread=count), count)
    await rt.hub.publish({user_id: reached})
    return reached


async def _report(
    rt: Runtime,
    user_id: int,
    tracking_ids: Collection[str],
    change: StateChange,
    replies: Sequence[Reply] = (),
    *,
    lenient: bool = False,
) -> int:
    """The one way in which items move: states, counters and replies in one transaction."""
    async with rt.database.write() as tx:
        before = await inbox.lock(tx, user_id)
        items = await _owned(tx, user_id, tracking_ids, lenient=lenient)
        fresh = await _unknown(tx, replies)
        change = _opened_by(fresh, change)
        replied = {each.tracking_id for each in fresh}
        moved = [
            (item, after)
            for item in items
            if (after := _checked(item, change)) != item.state or item.tracking_id in replied
        ]
        delta = _delta(moved)
        reached = await _advance(tx, user_id, before, delta, len(moved))
        await inbox.save_states(tx, [(item.tracking_id, s) for item, s in moved], reached)
        if fresh:
            await inbox.add_replies(tx, fresh)
    if reached != before.change:
        await rt.hub.publish({user_id: reached})
    return reached


async def _advance(
    tx: Transaction, user_id: int, before: InboxState, delta: Counters, moved: int
) -> int:
    """One change number further when something moved; the number reached."""
    if not moved:
        return before.change
    return (await inbox.advance(tx, {user_id: (1, delta)}))[user_id]


def _delta(moved: Sequence[tuple[InboxItem, ItemState]]) -> Counters:
    total = Counters()
    for item, after in moved:
        total = total + Counters.of(after) - Counters.of(item.state)
    return total


def _checked(item: InboxItem, change: StateChange) -> ItemState:
    """The item's next state; refuses the choice of a button it does not have."""
    for number, mark in enumerate((Mark.ACTIONED1, Mark.ACTIONED2), start=1):
        if mark in change.sets and item.content.actions and number > len(item.content.actions):
            raise NotFound(f"The notification {item.tracking_id} has no button {number}.")
    return item.state.after(change)


async def _owned(
    tx: Transaction, user_id: int, tracking_ids: Collection[str], *, lenient: bool = False
) -> list[InboxItem]:
    """The named items of this person.

    Raises:
        NotFound: one of them is not in this inbox. Somebody else's is reported just the same.
    """
    found = await inbox.get_many(tx, user_id, set(tracking_ids))
    missing = set(tracking_ids) - {item.tracking_id for item in found}
    if missing and not lenient:
        raise NotFound(
            f"There is no notification {min(missing)!r} in this inbox.",
            fix="Check the tracking id and the user it was sent to.",
        )
    return found


async def _unknown(tx: Transaction, replies: Sequence[Reply]) -> list[Reply]:
    """Those that are not stored yet: a repeated report adds nothing."""
    if not replies:
        return []
    stored = await inbox.replies(tx, {each.tracking_id for each in replies})
    known = {each.id for each in stored}
    return list({each.id: each for each in replies if each.id not in known}.values())


def _reply(tracking_id: str, new: NewReply, owner: str) -> Reply:
    message = new.message.strip()
    if not message:
        raise InvalidInput("The reply is empty.", fix="Write something first.")
    if len(message) > LONGEST_REPLY:
        raise InvalidInput(
            f"The reply has {len(message):,} characters.",
            fix=f"Keep it to {LONGEST_REPLY:,} characters.",
        )
    return Reply(
        id=_reply_id(tracking_id, new),
        tracking_id=tracking_id,
        from_user=new.author is None,
        author=owner if new.author is None else new.author,
        message=message,
        at=new.at,
    )


def _reply_id(tracking_id: str, new: NewReply) -> str:
    named = "\0".join((tracking_id, new.author or "", new.at.isoformat(), new.message))
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def setting(rt: Runtime, mark: Mark) -> StateChange:
    return StateChange(sets={mark: rt.clock.now()})


def _opened_by(replies: Sequence[Reply], change: StateChange) -> StateChange:
    """Who replies has read the item, then at the latest; a reply of the sender says nothing."""
    times = [each.at for each in replies if each.from_user]
    if not times:
        return change
    first = min([*times, change.sets.get(Mark.OPENED, times[0])])
    return StateChange({**change.sets, Mark.OPENED: first}, change.clears)


def _action(number: int) -> Mark:
    if number not in (1, 2):
        raise NotFound(f"There is no button {number}.")
    return Mark.ACTIONED1 if number == 1 else Mark.ACTIONED2
