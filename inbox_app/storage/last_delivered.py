"""Repository of when something last reached a person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, or_, select

from inbox_app.domain.delivery import DeliveryStatus
from inbox_app.domain.notification_type import Channel
from inbox_app.storage.delivery_rows import DELIVERIES
from inbox_app.storage.engine import Transaction
from inbox_app.storage.notifications import NOTIFICATIONS

ARRIVED = (DeliveryStatus.SENT.value, DeliveryStatus.DELIVERED.value)


async def last_delivered(
    tx: Transaction, user_id: int, type_ids: Collection[int], since: datetime, most: int
) -> dict[tuple[Channel, str], datetime]:
    """When something last went to each address, among the newest ``most`` since a moment."""
    told, sent = NOTIFICATIONS.c, DELIVERIES.c
    newest = (
        select(told.tracking_id)
        .where(told.user_id == user_id, told.type_id.in_(list(type_ids)), told.accepted_at > since)
        .order_by(told.accepted_at.desc())
        .limit(most)
    )
    single = sent.tracking_id.in_(newest)
    digest = (sent.user_id == user_id) & sent.window_start.is_not(None) & (sent.due_at > since)
    rows = await tx.execute(
        select(sent.channel, sent.address, func.max(sent.updated_at).label("at"))
        .where(or_(single, digest), sent.status.in_(ARRIVED), sent.address != "")
        .group_by(sent.channel, sent.address)
    )
    return {(Channel(row.channel), row.address): row.at for row in rows}
