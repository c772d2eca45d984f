"""Repository of accepted notifications, their decisions and idempotency keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, delete, select, union_all, update

from inbox_app.domain.decision import Decision, Outcome, Rule
from inbox_app.domain.limits import Past
from inbox_app.domain.notification import Accepted, IdempotencyKey, Ignored, Kept, Planned
from inbox_app.domain.notification_type import Channel
from inbox_app.storage.delivery_rows import NEW_DELIVERIES, new_row
from inbox_app.storage.engine import Transaction
from inbox_app.storage.item_rows import NEW_ITEMS, new_item
from inbox_app.storage.statements import Bulk, crossing, halves, insert_together, portions
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
Place = tuple[int, int]
"""User and type, internal keys."""


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
        (NEW_DELIVERIES, [new_row(one) for each in planned for one in each.deliveries]),
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
            channel=Channel(row["channel"]),
            outcome=Outcome(row["outcome"]),
            rule=Rule(row["rule"]),
            sentence=row["sentence"],
            due_at=row["due_at"],
        )
        for row in rows.mappings()
    ]


async def get_many(tx: Transaction, ids: Collection[str]) -> dict[str, Kept]:
    found: dict[str, Kept] = {}
    for some in portions(list(ids)):
        rows = await tx.execute(KEPT.where(NOTIFICATIONS.c.tracking_id.in_(some)))
        found |= {row["tracking_id"]: kept_from(row) for row in rows.mappings()}
    return found


async def past(
    tx: Transaction, places: Collection[Place], since: datetime
) -> dict[Place, list[Past]]:
    """What these users (internal keys) are told of these types after a moment, by place.

    What is scheduled is told at that time. What limits kept from them or its sender took back
    does not count.
    """
    columns = NOTIFICATIONS.c
    theirs = select(
        *(columns.user_id, columns.type_id, columns.fingerprint),
        *(columns.accepted_at, columns.scheduled_for),
    ).where(
        columns.user_id.in_({user for user, _ in places}),
        columns.type_id.in_({kind for _, kind in places}),
        columns.ignored.is_(None),
        columns.cancelled_at.is_(None),
    )
    # Each half goes along an index of its own.
    later = theirs.where(columns.scheduled_for > since, columns.accepted_at <= since)
    rows = await tx.execute(union_all(theirs.where(columns.accepted_at > since), later))
    found: dict[Place, list[Past]] = {}
    for row in rows:
        at = max(row.scheduled_for or row.accepted_at, row.accepted_at)
        found.setdefault((row.user_id, row.type_id), []).append(Past(at, row.fingerprint))
    return found


async def became_part(tx: Transaction, planned: Collection[Planned]) -> None:
    """Writes of notifications that were kept before whose inbox item they became part of."""
    values = [{"key": p.send.tracking_id, "item": p.part_of} for p in planned if p.part_of]
    if values:
        statement = update(NOTIFICATIONS).where(NOTIFICATIONS.c.tracking_id == bindparam("key"))
        await tx.execute(statement.values(part_of=bindparam("item")), values)


async def reschedule(tx: Transaction, kept: Kept) -> None:
    """Writes a new time and payload of a notification that has not gone out."""
    await tx.execute(
        update(NOTIFICATIONS)
        .where(NOTIFICATIONS.c.tracking_id == kept.tracking_id)
        .values(
            payload=dict(kept.payload),
            scheduled_for=kept.scheduled_for,
            cancelled_at=kept.cancelled_at,
            expires_at=kept.expires_at,
        )
    )


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
    *("payload", "ignored", "fingerprint", "accepted_at", "scheduled_for"),
    *("expires_at", "part_of"),
)
_NEW_DECISIONS = Bulk(DECISIONS, "tracking_id", "channel", "outcome", "rule", "sentence", "due_at")
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
        each.payload,
        each.ignored,
        send.fingerprint,
        send.accepted_at,
        send.schedule,
        each.expires_at,
        each.part_of,
    )


def _decision(each: Planned, decision: Decision) -> tuple[Any, ...]:
    return (
        each.send.tracking_id,
        decision.channel.value,
        decision.outcome.value,
        decision.rule.value,
        decision.sentence,
        decision.due_at,
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


async def some_of(tx: Transaction, user_id: int, most: int) -> list[str]:
    """Ids of notifications of a person, in no order."""
    mine = select(NOTIFICATIONS.c.tracking_id).where(NOTIFICATIONS.c.user_id == user_id)
    return list((await tx.execute(mine.limit(most))).scalars())


_KEPT_COLUMNS = tuple(field.name for field in fields(Kept))
KEPT = select(*(NOTIFICATIONS.c[name] for name in _KEPT_COLUMNS))


def kept_from(row: RowMapping) -> Kept:
    values: dict[str, Any] = {name: row[name] for name in _KEPT_COLUMNS}
    values["payload"] = row["payload"] or {}
    values["ignored"] = Ignored(row["ignored"]) if row["ignored"] else None
    return Kept(**values)
