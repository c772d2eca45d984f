"""Repository of accepted notifications, their decisions and idempotency keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from inbox_app.domain.decision import Decision, Outcome, Rule
from inbox_app.domain.notification import Accepted, IdempotencyKey, Planned
from inbox_app.domain.notification_type import Channel
from inbox_app.storage.engine import Transaction
from inbox_app.storage.item_rows import NEW_ITEMS, new_item
from inbox_app.storage.statements import Bulk, crossing, halves, insert_together
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


async def add(
    tx: Transaction, planned: Sequence[Planned], items: Sequence[tuple[Planned, int]]
) -> None:
    """Stores a group of notifications with their decisions, idempotency keys and inbox items.

    Args:
        items: Those that have an inbox item, each with the change number it arrives under.
    """
    await insert_together(
        tx,
        (_NEW_NOTIFICATIONS, [_notification(each) for each in planned]),
        (_NEW_DECISIONS, [_decision(each, one) for each in planned for one in each.decisions]),
        (_NEW_KEYS, [_key(each) for each in planned if each.send.idempotency]),
        (NEW_ITEMS, [new_item(each, change) for each, change in items]),
    )


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
    """What was answered to sends that came with one of these keys, and maybe with others."""
    rows = await tx.execute(_FIND_KEYS, halves(keys))
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


_FIND_KEYS = select(KEYS).where(crossing(KEYS.c.environment_id, KEYS.c.key))
_NEW_NOTIFICATIONS = Bulk(
    NOTIFICATIONS,
    *("tracking_id", "user_id", "type_id", "sub_notification_id", "secondary_id", "request"),
    "accepted_at",
)
_NEW_DECISIONS = Bulk(DECISIONS, "tracking_id", "channel", "outcome", "rule", "sentence")
_NEW_KEYS = Bulk(
    KEYS, "environment_id", "key", "body_hash", "tracking_id", "messages", "created_at"
)


def _notification(each: Planned) -> tuple[Any, ...]:
    send = each.send
    return (
        send.tracking_id,
        each.user_id,
        each.type_id,
        send.sub_notification_id,
        send.secondary_id,
        send.request,
        send.accepted_at,
    )


def _decision(each: Planned, decision: Decision) -> tuple[Any, ...]:
    return (
        each.send.tracking_id,
        decision.channel.value,
        decision.outcome.value,
        decision.rule.value,
        decision.sentence,
    )


def _key(each: Planned) -> tuple[Any, ...]:
    send = each.send
    assert send.idempotency  # noqa: S101 - the caller leaves out sends without one
    return (
        send.environment.id,
        send.idempotency.key,
        send.idempotency.body_hash,
        send.tracking_id,
        list(each.messages),
        send.accepted_at,
    )
