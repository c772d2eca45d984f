"""What a person does to items, and what devices report of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from inbox_app.domain.errors import NotFound
from inbox_app.domain.item_state import Counters, Mark, StateChange
from inbox_app.domain.late import meant_at
from inbox_app.domain.notification import Reply
from inbox_app.runtime import Runtime
from inbox_app.services.inbox.asking import JUST_NOW, Asked
from inbox_app.services.inbox.moving import advance, move, moved_in, owned
from inbox_app.services.inbox.replying import (
    NewReply,
    check_replies,
    pictures,
    told_before,
    written,
)
from inbox_app.services.inbox_views import reply_view
from inbox_app.services.views import ReplyView
from inbox_app.storage import handled, inbox, users
from inbox_app.storage.handled import Handled


async def see(rt: Runtime, user_id: int, tracking_ids: Collection[str]) -> int:
    """Marks items as seen; what is gone meanwhile is passed over."""
    return await _mark_those_left(rt, user_id, tracking_ids, Mark.SEEN)


async def see_all(rt: Runtime, user_id: int, type_name: str | None = None) -> int:
    """Marks everything as seen, or everything of one type; how many items that were."""
    now = rt.clock.now()
    async with rt.database.write() as tx:
        before = await inbox.lock(tx, user_id)
        count = await inbox.see_all(tx, user_id, now, before.change + 1, type_name)
        change = await advance(tx, user_id, before, Counters(unseen=-count), count)
    await rt.hub.publish({user_id: change})
    return count


async def archive_those_left(rt: Runtime, user_id: int, tracking_ids: Collection[str]) -> int:
    """Archives items; what is gone meanwhile is passed over."""
    return await _mark_those_left(rt, user_id, tracking_ids, Mark.ARCHIVED)


async def _mark_those_left(
    rt: Runtime, user_id: int, tracking_ids: Collection[str], mark: Mark
) -> int:
    async with rt.database.write() as tx:
        was = await inbox.lock(tx, user_id)
        items = await owned(tx, user_id, tracking_ids, lenient=True)
        # At the time of its turn: acts on all tell by it what else has changed since they began.
        moved = await moved_in(tx, was, items, setting(rt, mark), rt.clock.now())
    if moved.before:
        await rt.hub.publish({user_id: moved.change})
    return moved.change


async def act(
    rt: Runtime, user_id: int, tracking_id: str, number: int, asked: Asked = JUST_NOW
) -> int:
    """Records the choice of action button 1 or 2; the change number reached.

    Raises:
        NotFound: there is no such item, or it has no such button.
    """
    now, name = rt.clock.now(), asked.name
    meant = meant_at(now, asked.age)
    change = StateChange({_action(number): meant or now}, meant=meant)
    async with rt.database.write() as tx:
        was = await inbox.lock(tx, user_id)
        if name and await handled.find(tx, user_id, name):
            return was.change
        moved = await moved_in(tx, was, await owned(tx, user_id, [tracking_id]), change, now)
        await handled.add(tx, user_id, name, now, Handled(len(moved.before)))
    if moved.before:
        await rt.hub.publish({user_id: moved.change})
    return moved.change


async def follow(rt: Runtime, user_id: int, tracking_id: str, number: int = 0) -> str:
    """Records that the person follows an item's link, or that of a button, and tells where to.

    Raises:
        NotFound: there is no such item, or it leads nowhere.
    """
    async with rt.database.read() as tx:
        content = (await owned(tx, user_id, [tracking_id]))[0].content
    urls = (content.url, *(action.url for action in content.actions))
    url = urls[number] if 0 <= number < len(urls) else ""
    if not url:
        raise NotFound("This notification leads nowhere.")
    mark = _action(number) if number else Mark.CLICKED
    await move(rt, user_id, [tracking_id], setting(rt, mark))
    return url


async def reply(
    rt: Runtime,
    user_id: int,
    tracking_id: str,
    message: str,
    attachment_ids: Sequence[str] = (),
    attempt: str = "",
) -> ReplyView:
    """Adds the person's reply to an item, with pictures uploaded before.

    Args:
        attempt: The browser's name for it: under the same name it is stored once.

    Raises:
        InvalidInput: the reply is empty or too long, or has too many pictures.
        NotFound: there is no such item in this inbox, or no such picture for it.
        Refused: the item takes no replies.
    """
    async with rt.database.read() as tx:
        items = await owned(tx, user_id, [tracking_id])
        known = await told_before(tx, tracking_id, attempt)
        if known is not None:
            return reply_view(known)
        check_replies(items)
        shown = await pictures(tx, user_id, tracking_id, attachment_ids)
    new = NewReply(message, rt.clock.now(), attachments=shown, attempt=attempt)
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
    thread = [written(tracking_id, new, name) for tracking_id in tracking_ids for new in replies]
    await move(rt, user_id, tracking_ids, change, thread)
    return thread


def setting(rt: Runtime, mark: Mark) -> StateChange:
    return StateChange(sets={mark: rt.clock.now()})


def _action(number: int) -> Mark:
    if number not in (1, 2):
        raise NotFound(f"There is no button {number}.")
    return Mark.ACTIONED1 if number == 1 else Mark.ACTIONED2
