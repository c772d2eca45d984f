"""Repository of deliveries, their leases and their attempts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    RowMapping,
    bindparam,
    func,
    select,
    text,
    update,
)

from inbox_app.domain.delivery import (
    REPLAYABLE,
    Attempt,
    AttemptOutcome,
    Delivery,
    DeliveryStatus,
)
from inbox_app.storage.delivery_rows import (
    DELIVERIES,
    SELECTED,
    delivery_from,
    found,
    having,
)
from inbox_app.storage.engine import Transaction
from inbox_app.storage.statements import portions, upsert
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.deliveries import AttemptRow
from inbox_app.storage.tables.notifications import NotificationRow

ATTEMPTS = table(AttemptRow)
NOTIFICATIONS = table(NotificationRow)
ATTEMPT_COLUMNS = tuple(field.name for field in fields(Attempt))
LONGEST_REST = 30
"""Seconds. Longer would punish those that a delivery was together with when its worker stopped."""

# Claiming


# Walks from environment to environment in the index instead of reading all that is pending.
_READY = text("""
WITH RECURSIVE each_one(id) AS (
    SELECT (SELECT min(environment_id) FROM deliveries WHERE status = 'pending')
    UNION ALL
    SELECT (SELECT min(environment_id) FROM deliveries
            WHERE status = 'pending' AND environment_id > each_one.id)
    FROM each_one WHERE each_one.id IS NOT NULL
)
SELECT id, (SELECT min(due_at) FROM deliveries
            WHERE status = 'pending' AND environment_id = each_one.id) AS due_at
FROM each_one WHERE id IS NOT NULL
""").columns(id=DELIVERIES.c.environment_id.type, due_at=DELIVERIES.c.due_at.type)


async def first_due(tx: Transaction) -> dict[int, datetime]:
    """When the first pending delivery of each environment is due."""
    return {row.id: row.due_at for row in await tx.execute(_READY)}


async def claim(
    tx: Transaction, environment_id: int, worker: str, now: datetime, until: datetime, most: int
) -> list[Delivery]:
    """Takes a lease on the deliveries of an environment that are due, the oldest first.

    One conditional UPDATE: two workers never get the same one.

    Args:
        until: When the lease ends unless it is renewed.
    """
    due = (
        select(DELIVERIES.c.id)
        .where(
            having(DeliveryStatus.PENDING),
            DELIVERIES.c.environment_id == environment_id,
            DELIVERIES.c.due_at <= now,
        )
        .order_by(DELIVERIES.c.due_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = await tx.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.id.in_(due))
        .values(
            status=DeliveryStatus.SENDING.value, worker=worker, lease_until=until, updated_at=now
        )
        .returning(*SELECTED)
    )
    return sorted((delivery_from(row) for row in rows.mappings()), key=lambda each: each.due_at)


async def renew(tx: Transaction, ids: Collection[int], worker: str, until: datetime) -> int:
    """Extends leases of a worker; how many it did.

    Only those it knows of: one that it lost track of has to run out. Those that it is just ending
    are left alone: they need no more time, and two transactions that wait for rows of each other
    would be a deadlock.
    """
    held = (
        select(DELIVERIES.c.id)
        .where(
            having(DeliveryStatus.SENDING),
            DELIVERIES.c.id.in_(list(ids)),
            DELIVERIES.c.worker == worker,
        )
        .with_for_update(skip_locked=True)
    )
    done = await tx.execute(
        update(DELIVERIES).where(DELIVERIES.c.id.in_(held)).values(lease_until=until)
    )
    return done.rowcount


async def any_lost(tx: Transaction, now: datetime) -> bool:
    """Whether a lease has run out."""
    lost = select(DELIVERIES.c.id).where(
        having(DeliveryStatus.SENDING), DELIVERIES.c.lease_until < now
    )
    return (await tx.execute(lost.limit(1))).first() is not None


async def release(
    tx: Transaction, now: datetime, ids: Collection[int] = (), worker: str | None = None
) -> int:
    """Puts leased deliveries back, each with an attempt that was interrupted; how many.

    What is interrupted again and again waits longer each time, so that it cannot keep workers from
    all else.

    Args:
        ids: Which, when a worker returns its own.
        worker: The worker that returns its own; None: all whose lease has run out.
    """
    columns = ("id", "attempts", "integration_id", "interruptions")
    lost = select(*(DELIVERIES.c[name] for name in columns)).where(having(DeliveryStatus.SENDING))
    if worker is None:
        lost = lost.where(DELIVERIES.c.lease_until < now)
    else:
        lost = lost.where(DELIVERIES.c.id.in_(list(ids)), DELIVERIES.c.worker == worker)
    gone = (await tx.execute(lost.with_for_update(skip_locked=True))).all()
    if not gone:
        return 0
    interrupted = [
        Attempt(
            delivery_id=row.id,
            number=row.attempts + 1,
            provider="",
            started_at=now,
            outcome=AttemptOutcome.INTERRUPTED,
            integration_id=row.integration_id,
            ended_at=now,
            detail="The worker stopped in the middle.",
            retry_at=now + _rest(row.interruptions),
        )
        for row in gone
    ]
    await add_attempts(tx, interrupted)
    await tx.execute(
        _RELEASE,
        [{"key": row.id, "now": now, "due": now + _rest(row.interruptions)} for row in gone],
    )
    return len(gone)


def _rest(interruptions: int) -> timedelta:
    """How long a delivery rests that was interrupted so often before: not at all at first."""
    return timedelta(seconds=min(2**interruptions - 1, LONGEST_REST))


async def unclaim(tx: Transaction, ids: Collection[int]) -> None:
    """Puts deliveries back that nothing was done about."""
    await tx.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.id.in_(list(ids)))
        .values(status=DeliveryStatus.PENDING.value, lease_until=None, worker=None)
    )


async def riders(tx: Transaction, digest_ids: Collection[int]) -> dict[int, int]:
    """How many ride in each of these digests."""
    rows = await tx.execute(
        select(DELIVERIES.c.digest_id, func.count().label("many"))
        .where(
            DELIVERIES.c.digest_id.in_(list(digest_ids)),
            DELIVERIES.c.digest_id.is_not(None),
            DELIVERIES.c.status == DeliveryStatus.HELD.value,
        )
        .group_by(DELIVERIES.c.digest_id)
    )
    return {row.digest_id: row.many for row in rows}


# Changing


@dataclass(frozen=True)
class Standing:
    """Where a delivery stands, and who holds a lease on it."""

    status: DeliveryStatus
    worker: str | None


async def keep_notifications(tx: Transaction, ids: Collection[int]) -> None:
    """Holds what these deliveries and their riders tell of, before they are locked themselves.

    What is told of a delivery refers to its notification. Whoever deletes a person takes
    notifications first and then deliveries, so nobody may take them the other way round.
    """
    if tx.dialect.name == "sqlite":
        return
    for some in portions(sorted(ids)):
        named = DELIVERIES.c.id.in_(some) | DELIVERIES.c.digest_id.in_(some)
        await tx.execute(
            select(NOTIFICATIONS.c.tracking_id)
            .where(NOTIFICATIONS.c.tracking_id.in_(select(DELIVERIES.c.tracking_id).where(named)))
            .order_by(NOTIFICATIONS.c.tracking_id)
            .with_for_update(read=True, key_share=True)
        )


async def standing(tx: Transaction, ids: Collection[int]) -> dict[int, Standing]:
    """Where deliveries stand that are still there; locked, in one order everywhere."""
    await keep_notifications(tx, ids)
    found: dict[int, Standing] = {}
    for some in portions(sorted(ids)):
        rows = await tx.execute(
            select(DELIVERIES.c.id, DELIVERIES.c.status, DELIVERIES.c.worker)
            .where(DELIVERIES.c.id.in_(some))
            .order_by(DELIVERIES.c.id)
            .with_for_update()
        )
        found |= {row.id: Standing(DeliveryStatus(row.status), row.worker) for row in rows}
    return found


async def save(tx: Transaction, deliveries: Iterable[Delivery]) -> None:
    """Writes what became of deliveries that a worker holds, and ends their leases."""
    values = [_changes(each) for each in deliveries]
    if values:
        await tx.execute(_SAVE, values)


async def add_attempts(tx: Transaction, attempts: Iterable[Attempt]) -> None:
    """Stores attempts that have ended."""
    values = [vars(attempt) | {"outcome": attempt.outcome.value} for attempt in attempts]
    if not values:
        return
    statement = upsert(tx.dialect.name, ATTEMPTS)
    changed = {n: statement.excluded[n] for n in ATTEMPT_COLUMNS[2:]}
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["delivery_id", "number"], set_=changed),
        values,
    )


async def replay(
    tx: Transaction, environment_id: int, ids: Collection[int], now: datetime
) -> list[Delivery]:
    """Makes dead deliveries due once more, digests with what rode in them; those it made."""
    again: list[Delivery] = []
    await keep_notifications(tx, ids)
    # Those that rode in one first: named themselves as well, they are dead no more.
    for named, status in (
        (DELIVERIES.c.digest_id, DeliveryStatus.HELD),
        (DELIVERIES.c.id, DeliveryStatus.PENDING),
    ):
        rows = await tx.execute(
            update(DELIVERIES)
            .where(
                named.in_(list(ids)),
                DELIVERIES.c.environment_id == environment_id,
                DELIVERIES.c.status.in_([each.value for each in REPLAYABLE]),
            )
            .values(
                status=status.value,
                due_at=now,
                rule="replayed",
                tried_since=None,
                tried_before=DELIVERIES.c.attempts,
                interruptions=0,
                updated_at=now,
            )
            .returning(*SELECTED)
        )
        again += [delivery_from(row) for row in rows.mappings()]
    return again


# Reading


async def of_notification(tx: Transaction, tracking_id: str) -> list[Delivery]:
    """The deliveries of a notification, in the order they were made."""
    return await found(
        tx,
        select(*SELECTED).where(DELIVERIES.c.tracking_id == tracking_id).order_by(DELIVERIES.c.id),
    )


async def get_many(tx: Transaction, ids: Collection[int]) -> list[Delivery]:
    return await found(tx, select(*SELECTED).where(DELIVERIES.c.id.in_(list(ids))))


async def dead(
    tx: Transaction, environment_id: int, before: tuple[datetime, int] | None, most: int
) -> list[Delivery]:
    """Failed deliveries and those of unknown outcome, the latest first.

    Args:
        before: When the last one of the page before was changed, and its key.
    """
    query = select(*SELECTED).where(
        DELIVERIES.c.environment_id == environment_id, text("status IN ('failed', 'unknown')")
    )
    if before is not None:
        at, key = before
        query = query.where(
            DELIVERIES.c.updated_at <= at,
            (DELIVERIES.c.updated_at < at) | (DELIVERIES.c.id < key),
        )
    order = DELIVERIES.c.updated_at.desc(), DELIVERIES.c.id.desc()
    return await found(tx, query.order_by(*order).limit(most))


async def attempts(tx: Transaction, ids: Collection[int]) -> list[Attempt]:
    """The attempts of these deliveries, in order."""
    rows = await tx.execute(
        select(ATTEMPTS)
        .where(ATTEMPTS.c.delivery_id.in_(list(ids)))
        .order_by(ATTEMPTS.c.delivery_id, ATTEMPTS.c.number)
    )
    return [attempt_from(row) for row in rows.mappings()]


async def counts(tx: Transaction, environment_id: int) -> Mapping[DeliveryStatus, int]:
    """How many deliveries of an environment are in each status; reads them all."""
    rows = await tx.execute(
        text(
            "SELECT status, count(*) AS many FROM deliveries WHERE environment_id = :id"
            " GROUP BY status"
        ),
        {"id": environment_id},
    )
    return {DeliveryStatus(row.status): row.many for row in rows}


_CHANGED = (
    *("status", "due_at", "attempts", "digest_id", "integration_id", "message_id", "detail"),
    *("rule", "option", "updated_at", "tried_since"),
)
_RELEASE = (
    update(DELIVERIES)
    .where(DELIVERIES.c.id == bindparam("key"))
    .values(
        status=DeliveryStatus.PENDING.value,
        attempts=DELIVERIES.c.attempts + 1,
        # It was nobody's fault but the worker's: it does not count against the retry policy.
        tried_before=DELIVERIES.c.tried_before + 1,
        interruptions=DELIVERIES.c.interruptions + 1,
        due_at=bindparam("due"),
        lease_until=None,
        worker=None,
        updated_at=bindparam("now"),
    )
)
_SAVE = (
    update(DELIVERIES)
    .where(DELIVERIES.c.id == bindparam("key"))
    .values(
        **{name: bindparam(name) for name in _CHANGED},
        worker=None,
        lease_until=None,
    )
)


def _changes(delivery: Delivery) -> dict[str, Any]:
    return {"key": delivery.id, **{name: getattr(delivery, name) for name in _CHANGED}}


def attempt_from(row: RowMapping) -> Attempt:
    values: dict[str, Any] = {name: row[name] for name in ATTEMPT_COLUMNS}
    values["outcome"] = AttemptOutcome(row["outcome"])
    return Attempt(**values)
