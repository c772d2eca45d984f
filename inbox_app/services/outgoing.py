"""What senders and operators see of deliveries: the sandbox, timelines, schedules, dead letters."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from inbox_app.domain.decision import Decision
from inbox_app.domain.delivery import Attempt, Captured, Delivery
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound
from inbox_app.domain.event import Event, EventKind
from inbox_app.domain.notification import InboxItem, Kept, Reply, Send
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import User
from inbox_app.pipeline.replanning import replan
from inbox_app.runtime import Runtime
from inbox_app.storage import deliveries, inbox, notifications, outbox, users, waiting
from inbox_app.storage import replies as threads
from inbox_app.storage.engine import Transaction

LARGEST_PAGE = 200


@dataclass(frozen=True)
class Story:
    """Everything that is known of a notification: accepted, decided, tried, and what followed."""

    kept: Kept
    decisions: list[Decision]
    deliveries: list[Delivery]
    attempts: list[Attempt]
    events: list[Event]
    item: InboxItem | None
    replies: list[Reply]


async def captured(
    rt: Runtime,
    environment: Environment,
    limit: int,
    *,
    before: int | None = None,
    channel: Channel | None = None,
    tracking_id: str | None = None,
) -> list[Captured]:
    """What the sandbox holds, newest first."""
    most = max(1, min(limit, LARGEST_PAGE))
    async with rt.database.read() as tx:
        return await outbox.captured(tx, environment.id, most, before, channel, tracking_id)


async def story(rt: Runtime, environment: Environment, tracking_id: str) -> Story:
    """The story of one notification.

    Raises:
        NotFound: there is no such notification in this environment.
    """
    async with rt.database.read() as tx:
        kept, _ = await _found(tx, environment, tracking_id)
        sent = await deliveries.of_notification(tx, tracking_id)
        items = await inbox.get_many(tx, kept.user_id, [tracking_id])
        rides = {each.digest_id for each in sent if each.digest_id}
        return Story(
            kept=kept,
            decisions=await notifications.decisions(tx, tracking_id),
            deliveries=sent,
            attempts=await deliveries.attempts(tx, {each.id for each in sent} | rides),
            events=await outbox.events(tx, tracking_id),
            item=items[0] if items else None,
            replies=await threads.of_items(tx, [tracking_id]),
        )


async def cancel(rt: Runtime, environment: Environment, tracking_id: str) -> None:
    """Takes back what has not gone out yet.

    Raises:
        NotFound: there is nothing left to take back.
    """
    now = rt.clock.now()
    async with rt.database.write() as tx:
        kept, _ = await _held_still(tx, environment, tracking_id)
        gone = await waiting.cancel(tx, tracking_id, now)
        if not gone:
            raise _too_late(tracking_id)
        await notifications.reschedule(tx, replace(kept, cancelled_at=now))
        sentence = "The sender took it back before it was sent."
        await outbox.tell(
            tx,
            [Event(environment.id, tracking_id, now, EventKind.CANCELLED, None, sentence)],
        )


async def reschedule(
    rt: Runtime, environment: Environment, tracking_id: str, changed: Send
) -> None:
    """Gives a send that waits for its time another time, other content, or both.

    Args:
        changed: What is said anew; what it leaves out stays as it was.

    Raises:
        NotFound: there is nothing left that waits.
        InvalidInput: the in-app content cannot be used.
    """
    now = rt.clock.now()
    async with rt.database.write() as tx:
        kept, user = await _held_still(tx, environment, tracking_id)
        if not await replan(tx, environment, user, kept, changed, now):
            raise _too_late(tracking_id)
        sentence = "The sender changed it before it was sent."
        await outbox.tell(
            tx,
            [Event(environment.id, tracking_id, now, EventKind.RESCHEDULED, None, sentence)],
        )
    await rt.engine.wake()


async def dead(
    rt: Runtime, environment: Environment, limit: int, *, before: int | None = None
) -> list[Delivery]:
    """Deliveries that failed for good or of unknown outcome, the latest first.

    Args:
        before: The last one of the page before.

    Raises:
        NotFound: there is no such delivery as ``before`` in this environment.
    """
    most = max(1, min(limit, LARGEST_PAGE))
    async with rt.database.read() as tx:
        after = await _place(tx, environment, before) if before is not None else None
        return await deliveries.dead(tx, environment.id, after, most)


async def _place(tx: Transaction, environment: Environment, key: int) -> tuple[datetime, int]:
    """Where a delivery stands in the order of `deliveries.dead`."""
    for one in await deliveries.get_many(tx, [key]):
        if one.environment_id == environment.id:
            return one.updated_at, one.id
    raise NotFound(f"There is no delivery {key} in this environment.")


async def replay(rt: Runtime, environment: Environment, ids: Collection[int]) -> int:
    """Sends dead deliveries again; how many there were among those named."""
    now = rt.clock.now()
    async with rt.database.write() as tx:
        again = await deliveries.replay(tx, environment.id, ids, now)
        sentence = "It is sent again, because an operator asked for it."
        await outbox.tell(
            tx,
            [
                Event(
                    *(environment.id, each.tracking_id, now, EventKind.REPLAYED),
                    *(each.channel, sentence),
                )
                for each in again
                if each.tracking_id
            ],
        )
    if again:
        await rt.engine.wake()
    return len(again)


async def _held_still(
    tx: Transaction, environment: Environment, tracking_id: str
) -> tuple[Kept, User]:
    """A notification with its person, whom nobody changes until the transaction ends.

    Raises:
        NotFound: there is no such notification in this environment.
    """
    _, user = await _found(tx, environment, tracking_id)
    await users.find_many(tx, [(environment.id, user.external_id)], to_change=True)
    # Again: somebody may have changed it until now.
    return await _found(tx, environment, tracking_id)


async def _found(tx: Transaction, environment: Environment, tracking_id: str) -> tuple[Kept, User]:
    found = (await notifications.get_many(tx, [tracking_id])).get(tracking_id)
    user = await users.get(tx, found.user_id) if found else None
    if found is None or user is None or user.environment_id != environment.id:
        raise NotFound(f"There is no notification {tracking_id!r} in this environment.")
    return found, user


def _too_late(tracking_id: str) -> NotFound:
    return NotFound(
        f"Nothing of {tracking_id!r} waits to be sent.", fix="It has gone out or was cancelled."
    )
