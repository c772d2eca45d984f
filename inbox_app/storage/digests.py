"""Repository of digests: deliveries that others ride in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, insert, select, text, update

from inbox_app.domain.delivery import Delivery, DeliveryStatus
from inbox_app.domain.notification_type import Channel
from inbox_app.storage.delivery_rows import (
    COLUMNS,
    DELIVERIES,
    SELECTED,
    delivery_from,
    found,
    having,
    new_row,
)
from inbox_app.storage.engine import Transaction
from inbox_app.storage.statements import upsert

Place = tuple[int, int, Channel]
"""User, type (0 for a summary over all) and channel: what a digest belongs to."""


async def open_ones(tx: Transaction, user_ids: Collection[int]) -> list[Delivery]:
    """The digests of these users that others may still join, locked until the end."""
    rows = await tx.execute(
        select(*SELECTED)
        .where(
            DELIVERIES.c.user_id.in_(list(user_ids)),
            DELIVERIES.c.window_start.is_not(None),
            having(DeliveryStatus.PENDING),
            DELIVERIES.c.attempts == 0,
        )
        .order_by(DELIVERIES.c.id)
        .with_for_update()
    )
    return [delivery_from(row) for row in rows.mappings()]


async def open_one(tx: Transaction, digest: Delivery) -> Delivery | None:
    """Stores a new digest, or finds the one of the same window; None when that has gone already."""
    statement = upsert(tx.dialect.name, DELIVERIES).values(
        dict(zip(COLUMNS, new_row(digest), strict=True))
    )
    rows = await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id", "type_id", "channel", "window_start"],
            index_where=text("window_start IS NOT NULL"),
            set_={"updated_at": statement.excluded.updated_at},
            where=having(DeliveryStatus.PENDING) & (DELIVERIES.c.attempts == 0),
        ).returning(*SELECTED)
    )
    row = rows.mappings().first()
    return delivery_from(row) if row else None


async def start(tx: Transaction, digest: Delivery, worker: str, until: datetime) -> None:
    """Stores a digest that a worker holds a lease on from the first."""
    values = dict(zip(COLUMNS, new_row(digest), strict=True))
    await tx.execute(insert(DELIVERIES).values(**values, worker=worker, lease_until=until))


async def alone(tx: Transaction, user_id: int, since: datetime) -> list[Delivery]:
    """Messages of the server's own to a person since a moment, each of a type of its own."""
    return await found(
        tx,
        select(*SELECTED).where(
            DELIVERIES.c.user_id == user_id,
            DELIVERIES.c.type_id == DELIVERIES.c.id,
            DELIVERIES.c.window_start > since,
        ),
    )


async def members(tx: Transaction, digest_ids: Collection[int]) -> list[Delivery]:
    """What rides in these digests and was not held back, oldest first."""
    return await found(
        tx,
        select(*SELECTED)
        .where(
            DELIVERIES.c.digest_id.in_(list(digest_ids)),
            DELIVERIES.c.digest_id.is_not(None),
            DELIVERIES.c.status == DeliveryStatus.HELD.value,
        )
        .order_by(DELIVERIES.c.created_at, DELIVERIES.c.id),
    )


async def first_members(
    tx: Transaction, digest_ids: Collection[int], most: int
) -> dict[int, tuple[list[Delivery], int]]:
    """By digest, the first of what still rides in it, and how many there are in all."""
    order = (DELIVERIES.c.created_at, DELIVERIES.c.id)
    digest = DELIVERIES.c.digest_id
    ranked = (
        select(
            *SELECTED,
            func.row_number().over(partition_by=digest, order_by=order).label("place"),
            func.count().over(partition_by=digest).label("riding"),
        )
        .where(
            DELIVERIES.c.digest_id.in_(list(digest_ids)),
            DELIVERIES.c.digest_id.is_not(None),
            DELIVERIES.c.status == DeliveryStatus.HELD.value,
        )
        .subquery()
    )
    query = select(ranked).where(ranked.c.place <= most).order_by(ranked.c.place)
    first: dict[int, tuple[list[Delivery], int]] = {}
    for row in (await tx.execute(query)).mappings():
        first.setdefault(row["digest_id"], ([], row["riding"]))[0].append(delivery_from(row))
    return first


async def coming(tx: Transaction, user_id: int, digest_id: int | None = None) -> list[Delivery]:
    """The digests of a person that have not gone yet, the next first; only one, if it is named."""
    query = select(*SELECTED).where(
        DELIVERIES.c.user_id == user_id,
        DELIVERIES.c.window_start.is_not(None),
        having(DeliveryStatus.PENDING),
    )
    if digest_id is not None:
        query = query.where(DELIVERIES.c.id == digest_id)
    return await found(tx, query.order_by(DELIVERIES.c.due_at, DELIVERIES.c.id))


async def hasten(tx: Transaction, digest_id: int, now: datetime, rule: str) -> None:
    """Makes a digest due that nobody has taken; its window is free for another one."""
    await tx.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.id == digest_id, having(DeliveryStatus.PENDING))
        .values(due_at=now, window_start=now, rule=rule, updated_at=now)
    )


async def riding(tx: Transaction, tracking_ids: Collection[str]) -> set[tuple[str | None, Channel]]:
    """Of which notifications something rides in a digest by now, and by which channel."""
    held = await found(
        tx,
        select(*SELECTED).where(
            DELIVERIES.c.tracking_id.in_(list(tracking_ids)), having(DeliveryStatus.HELD)
        ),
    )
    return {(each.tracking_id, each.channel) for each in held}


async def carried(tx: Transaction, digest_id: int, most: int) -> list[Delivery]:
    """What rides in a digest or went out with it, oldest first."""
    left_out = (DeliveryStatus.SKIPPED.value, DeliveryStatus.CANCELLED.value)
    return await found(
        tx,
        select(*SELECTED)
        .where(
            DELIVERIES.c.digest_id == digest_id,
            DELIVERIES.c.digest_id.is_not(None),
            DELIVERIES.c.status.not_in(left_out),
        )
        .order_by(DELIVERIES.c.id)
        .limit(most),
    )


async def follow(
    tx: Transaction, digest_id: int, before: DeliveryStatus, after: DeliveryStatus
) -> None:
    """Lets all that went out with a digest stand where it stands; those that stood with it."""
    await tx.execute(
        update(DELIVERIES)
        .where(
            DELIVERIES.c.digest_id == digest_id,
            DELIVERIES.c.digest_id.is_not(None),
            DELIVERIES.c.status == before.value,
        )
        .values(status=after.value)
    )


async def move(tx: Transaction, user_id: int, due: datetime) -> int:
    """Gives the summaries over all types that were not tried yet another time; how many."""
    done = await tx.execute(
        update(DELIVERIES)
        .where(
            DELIVERIES.c.user_id == user_id,
            DELIVERIES.c.type_id == 0,
            DELIVERIES.c.window_start.is_not(None),
            having(DeliveryStatus.PENDING),
            DELIVERIES.c.tried_since.is_(None),
        )
        .values(due_at=due)
    )
    return done.rowcount


async def remove(tx: Transaction, user_id: int) -> None:
    """Deletes a user's digests, which belong to no notification."""
    await tx.execute(
        delete(DELIVERIES).where(
            DELIVERIES.c.user_id == user_id, DELIVERIES.c.window_start.is_not(None)
        )
    )
