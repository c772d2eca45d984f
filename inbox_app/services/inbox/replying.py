"""Replies: how they are reported, checked and told from those that are stored."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from inbox_app.domain.errors import InvalidInput, NotFound, Refused
from inbox_app.domain.item_state import Mark, StateChange
from inbox_app.domain.notification import MOST_ATTACHMENTS, Attachment, InboxItem, Reply
from inbox_app.storage import attachments
from inbox_app.storage import replies as threads
from inbox_app.storage.engine import Transaction

LONGEST_REPLY = 5_000


@dataclass(frozen=True)
class NewReply:
    """A reply as it is reported.

    Attributes:
        message: Plain text, 1 to 5,000 characters.
        at: When it was written; a report with the same time and text is the same reply.
        author: Who wrote it when it was not the inbox's owner, else None.
        attachments: Its pictures; one that has some may be without words.
        attempt: The browser's name for it, which makes it the same reply whenever it comes; or "".
    """

    message: str
    at: datetime
    author: str | None = None
    attachments: tuple[Attachment, ...] = ()
    attempt: str = ""


async def unknown(tx: Transaction, replies: Sequence[Reply]) -> list[Reply]:
    """Those that are not stored yet: a repeated report adds nothing."""
    if not replies:
        return []
    stored = await threads.of_items(tx, {each.tracking_id for each in replies})
    known = {each.id for each in stored}
    return list({each.id: each for each in replies if each.id not in known}.values())


async def told_before(tx: Transaction, tracking_id: str, attempt: str) -> Reply | None:
    """The reply that is stored under the browser's name for it."""
    if not attempt:
        return None
    wanted = attempt_id(tracking_id, attempt)
    stored = await threads.of_items(tx, [tracking_id])
    return next((each for each in stored if each.id == wanted), None)


def check_replies(items: Sequence[InboxItem]) -> None:
    """Refuses what the reader wants to say to items that take no replies.

    Raises:
        Refused: one of them is such an item.
    """
    if not all(item.content.replies for item in items):
        raise Refused(
            "This notification takes no replies.", fix="Answer its sender in another way."
        )


def written(tracking_id: str, new: NewReply, owner: str) -> Reply:
    message = new.message.strip()
    if not message and not new.attachments:
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
        attachments=new.attachments,
    )


def attempt_id(tracking_id: str, attempt: str) -> str:
    """The id of the reply of the inbox's owner that their browser named."""
    return _hashed(tracking_id, "attempt", attempt)


def _reply_id(tracking_id: str, new: NewReply) -> str:
    if new.attempt:
        return attempt_id(tracking_id, new.attempt)
    pictures = [each.id for each in new.attachments]
    return _hashed(tracking_id, new.author or "", new.at.isoformat(), new.message, *pictures)


def _hashed(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def opened_by(replies: Sequence[Reply], change: StateChange) -> StateChange:
    """Who replies has read the item, then at the latest; a reply of the sender says nothing."""
    times = [each.at for each in replies if each.from_user]
    if not times:
        return change
    first = min([*times, change.sets.get(Mark.OPENED, times[0])])
    return replace(change, sets={**change.sets, Mark.OPENED: first})


async def pictures(
    tx: Transaction, user_id: int, tracking_id: str, ids: Sequence[str]
) -> tuple[Attachment, ...]:
    """Uploaded pictures that a reply names, in its order.

    Raises:
        InvalidInput: too many of them.
        NotFound: one of them is not there, or in a reply already.
    """
    named = list(dict.fromkeys(ids))
    if len(named) > MOST_ATTACHMENTS:
        raise InvalidInput(
            f"A reply has {MOST_ATTACHMENTS} pictures at most.", fix="Send the others in another."
        )
    found = await attachments.unused(tx, user_id, tracking_id, named) if named else {}
    if len(found) < len(named):
        raise _gone()
    return tuple(found[each] for each in named)


async def add_to_threads(tx: Transaction, user_id: int, replies: Sequence[Reply]) -> None:
    """Stores replies with their pictures.

    Raises:
        NotFound: one of the pictures was used or deleted meanwhile.
    """
    await threads.add(tx, replies)
    for reply in replies:
        wanted = [each.id for each in reply.attachments]
        owner = (user_id, reply.tracking_id)
        if wanted and await attachments.bind(tx, owner, reply.id, wanted) < len(wanted):
            raise _gone()


def _gone() -> NotFound:
    return NotFound("A picture of this reply is no more.", fix="Add it again.")
