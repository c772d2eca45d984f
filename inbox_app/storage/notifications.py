"""Repository of accepted notifications, their decisions and idempotency keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, tuple_

from inbox_app.domain.decision import Decision, Outcome, Rule
from inbox_app.domain.notification import Accepted, IdempotencyKey, Planned
from inbox_app.domain.notification_type import Channel
from inbox_app.storage.engine import Transaction
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.notifications import (
    DecisionRow,
    IdempotencyKeyRow,
    NotificationRow,
)

NOTIFICATIONS, DECISIONS, KEYS = (
    table(NotificationRow),
    table(DecisionRow),
    table(IdempotencyKeyRow),
)
Key = tuple[int, str]
"""Environment id and idempotency key."""


async def add(tx: Transaction, planned: Sequence[Planned]) -> None:
    """Stores a group of notifications with their decisions and idempotency keys."""
    await tx.execute(
        insert(NOTIFICATIONS),
        [
            {
                "tracking_id": each.send.tracking_id,
                "user_id": each.user_id,
                "type_id": each.type_id,
                "sub_notification_id": each.send.sub_notification_id,
                "secondary_id": each.send.secondary_id,
                "request": each.send.request,
                "accepted_at": each.send.accepted_at,
            }
            for each in planned
        ],
    )
    await _add_decisions(tx, planned)
    await _add_keys(tx, planned)


async def decisions(tx: Transaction, tracking_id: str) -> list[Decision]:
    """The decisions of a notification, one per channel."""
    rows = await tx.execute(
        select(DECISIONS)
        .where(DECISIONS.c.tracking_id == tracking_id)
        .order_by(DECISIONS.c.channel)
    )
    return [
        Decision(
            Channel(row["channel"]), Outcome(row["outcome"]), Rule(row["rule"]), row["sentence"]
        )
        for row in rows.mappings()
    ]


async def answers(
    tx: Transaction, keys: Collection[Key]
) -> dict[Key, tuple[IdempotencyKey, Accepted]]:
    """What was answered to sends that came with one of these idempotency keys."""
    columns = tuple_(KEYS.c.environment_id, KEYS.c.key)
    rows = await tx.execute(select(KEYS).where(columns.in_(list(keys))))
    return {
        (row["environment_id"], row["key"]): (
            IdempotencyKey(row["key"], row["body_hash"]),
            Accepted(row["tracking_id"], tuple(row["messages"])),
        )
        for row in rows.mappings()
    }


async def forget_keys(tx: Transaction, before: datetime) -> None:
    """Drops idempotency keys that are older than ``before``."""
    await tx.execute(delete(KEYS).where(KEYS.c.created_at < before))


async def _add_decisions(tx: Transaction, planned: Sequence[Planned]) -> None:
    values = [
        {
            "tracking_id": each.send.tracking_id,
            "channel": decision.channel.value,
            "outcome": decision.outcome.value,
            "rule": decision.rule.value,
            "sentence": decision.sentence,
        }
        for each in planned
        for decision in each.decisions
    ]
    if values:
        await tx.execute(insert(DECISIONS), values)


async def _add_keys(tx: Transaction, planned: Sequence[Planned]) -> None:
    values = [
        {
            "environment_id": each.send.environment.id,
            "key": each.send.idempotency.key,
            "body_hash": each.send.idempotency.body_hash,
            "tracking_id": each.send.tracking_id,
            "messages": list(each.messages),
            "created_at": each.send.accepted_at,
        }
        for each in planned
        if each.send.idempotency is not None
    ]
    if values:
        await tx.execute(insert(KEYS), values)
