"""Repository of notifications whose type keeps them for a limited time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from inbox_app.domain.delivery import DeliveryStatus
from inbox_app.storage.delivery_rows import DELIVERIES
from inbox_app.storage.engine import Transaction
from inbox_app.storage.item_rows import ITEMS, NOTIFICATIONS
from inbox_app.storage.outbox import CAPTURED

UNDER_WAY = (DeliveryStatus.HELD, DeliveryStatus.PENDING, DeliveryStatus.SENDING)


@dataclass(frozen=True)
class Expired:
    """A notification whose time is over.

    Attributes:
        user_id: Internal key of the person.
        shown: Whether it stands in the inbox, outside the archive.
    """

    tracking_id: str
    user_id: int
    shown: bool


async def expired(tx: Transaction, now: datetime, most: int) -> list[Expired]:
    """Notifications whose time is over and of which nothing is still to be sent, oldest first."""
    waiting = select(DELIVERIES.c.id).where(
        DELIVERIES.c.tracking_id == NOTIFICATIONS.c.tracking_id,
        DELIVERIES.c.status.in_([status.value for status in UNDER_WAY]),
    )
    rows = await tx.execute(
        select(
            *(NOTIFICATIONS.c.tracking_id, NOTIFICATIONS.c.user_id),
            (ITEMS.c.tracking_id.is_not(None) & ITEMS.c.archived.is_(None)).label("shown"),
        )
        .select_from(
            NOTIFICATIONS.outerjoin(ITEMS, ITEMS.c.tracking_id == NOTIFICATIONS.c.tracking_id)
        )
        .where(NOTIFICATIONS.c.expires_at <= now, ~waiting.exists())
        .order_by(NOTIFICATIONS.c.expires_at)
        .limit(most)
    )
    return [Expired(row.tracking_id, row.user_id, row.shown) for row in rows]


async def postpone(tx: Transaction, tracking_ids: Collection[str], until: datetime) -> None:
    """Keeps notifications until another moment."""
    await tx.execute(
        update(NOTIFICATIONS)
        .where(NOTIFICATIONS.c.tracking_id.in_(list(tracking_ids)))
        .values(expires_at=until)
    )


async def remove(tx: Transaction, tracking_ids: Collection[str]) -> None:
    """Deletes notifications with all that belongs to them; the counters are the caller's."""
    await tx.execute(
        delete(NOTIFICATIONS).where(NOTIFICATIONS.c.tracking_id.in_(list(tracking_ids)))
    )


async def empty_sandbox(tx: Transaction, before: datetime) -> None:
    """Drops what the sandbox captured before a moment."""
    await tx.execute(delete(CAPTURED).where(CAPTURED.c.at < before))


async def remove_digests(tx: Transaction, before: datetime, most: int) -> int:
    """Deletes digests that ended before a moment and of which no rider is left; how many."""
    digests, riders = DELIVERIES.alias(), DELIVERIES.alias()
    ridden = select(riders.c.id).where(riders.c.digest_id == digests.c.id)
    ended = (
        select(digests.c.id)
        .where(
            digests.c.window_start.is_not(None),
            digests.c.updated_at < before,
            digests.c.status.not_in([status.value for status in UNDER_WAY]),
            ~ridden.exists(),
        )
        .limit(most)
    )
    return (await tx.execute(delete(DELIVERIES).where(DELIVERIES.c.id.in_(ended)))).rowcount
