"""Repository of what last came of messages to each of a person's addresses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from inbox_app.domain.delivery import Attempt, AttemptOutcome, DeliveryStatus
from inbox_app.domain.notification_type import Channel
from inbox_app.storage.deliveries import ATTEMPTS, attempt_from
from inbox_app.storage.delivery_rows import DELIVERIES
from inbox_app.storage.engine import Transaction
from inbox_app.storage.notifications import NOTIFICATIONS

ARRIVED = (DeliveryStatus.SENT.value, DeliveryStatus.DELIVERED.value)
MOST_FAILED = 50
Address = tuple[Channel, str]


@dataclass(frozen=True)
class Stretch:
    """What is looked at: the newest ``most`` notifications of a person since a moment.

    Attributes:
        type_ids: All types there are or were; the index goes by them.
    """

    user_id: int
    type_ids: Collection[int]
    since: datetime
    most: int

    def deliveries(self) -> ColumnElement[bool]:
        """Which deliveries count: of these notifications, and what was sent together."""
        told, sent = NOTIFICATIONS.c, DELIVERIES.c
        newest = (
            select(told.tracking_id)
            .where(
                told.user_id == self.user_id,
                told.type_id.in_(list(self.type_ids)),
                told.accepted_at > self.since,
            )
            .order_by(told.accepted_at.desc())
            .limit(self.most)
        )
        together = (
            (sent.user_id == self.user_id)
            & sent.window_start.is_not(None)
            & (sent.due_at > self.since)
        )
        return or_(sent.tracking_id.in_(newest), together)


async def last_delivered(tx: Transaction, stretch: Stretch) -> dict[Address, datetime]:
    """When something last went to each address."""
    sent = DELIVERIES.c
    rows = await tx.execute(
        select(sent.channel, sent.address, func.max(sent.updated_at).label("at"))
        .where(stretch.deliveries(), sent.status.in_(ARRIVED), sent.address != "")
        .group_by(sent.channel, sent.address)
    )
    return {(Channel(row.channel), row.address): row.at for row in rows}


async def last_failed(tx: Transaction, stretch: Stretch) -> dict[Address, Attempt]:
    """The latest call to a provider that failed, for each address that has one."""
    sent, tried = DELIVERIES.c, ATTEMPTS.c
    rows = await tx.execute(
        select(sent.channel, sent.address, ATTEMPTS)
        .join_from(DELIVERIES, ATTEMPTS, tried.delivery_id == sent.id)
        .where(
            stretch.deliveries(),
            tried.outcome.not_in([AttemptOutcome.SENT.value, AttemptOutcome.STARTED.value]),
        )
        .order_by(tried.started_at.desc())
        .limit(MOST_FAILED)
    )
    found: dict[Address, Attempt] = {}
    for row in rows.mappings():
        found.setdefault((Channel(row["channel"]), row["address"]), attempt_from(row))
    return found
