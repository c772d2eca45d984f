"""Repositories of what surrounds deliveries: integrations, suppressions, captures, events."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import RowMapping, delete, insert, select, update

from inbox_app.domain.delivery import Captured, Integration, Suppression, SuppressionReason
from inbox_app.domain.event import Event, EventKind
from inbox_app.domain.notification_type import Channel
from inbox_app.lib import ids
from inbox_app.lib.sealing import CannotUnseal, Sealer
from inbox_app.storage.engine import Transaction
from inbox_app.storage.statements import Bulk, crossing, halves, insert_together, upsert
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.deliveries import (
    CapturedRow,
    EventRow,
    IntegrationRow,
    SuppressionRow,
)

INTEGRATIONS, SUPPRESSIONS, CAPTURED, EVENTS = (
    table(IntegrationRow),
    table(SuppressionRow),
    table(CapturedRow),
    table(EventRow),
)

SEALED = "sealed with another INBOX_SECRET_KEY"
"""Stands in for settings that cannot be opened; an error about them names it."""

log = logging.getLogger(__name__)

# Integrations


async def integrations(
    tx: Transaction, environment_id: int, sealer: Sealer, *, to_change: bool = False
) -> list[Integration]:
    """An environment's integrations in the order of fail-over, disabled ones too.

    Args:
        to_change: Locks them until the transaction ends.
    """
    query = (
        select(INTEGRATIONS)
        .where(INTEGRATIONS.c.environment_id == environment_id)
        .order_by(INTEGRATIONS.c.channel, INTEGRATIONS.c.position, INTEGRATIONS.c.id)
    )
    rows = await tx.execute(query.with_for_update() if to_change else query)
    return [_integration(row, sealer) for row in rows.mappings()]


async def every_integration(tx: Transaction, sealer: Sealer) -> list[Integration]:
    """The integrations of all environments, disabled ones too."""
    rows = await tx.execute(select(INTEGRATIONS).order_by(INTEGRATIONS.c.id))
    return [_integration(row, sealer) for row in rows.mappings()]


async def integration(tx: Transaction, integration_id: int, sealer: Sealer) -> Integration | None:
    """One integration, of whichever environment."""
    rows = await tx.execute(select(INTEGRATIONS).where(INTEGRATIONS.c.id == integration_id))
    row = rows.mappings().first()
    return _integration(row, sealer) if row else None


async def put_integration(
    tx: Transaction, integration: Integration, sealer: Sealer, now: datetime
) -> None:
    """Stores an integration, in place of the one with its id; the settings are sealed."""
    values = {name: value for name, value in vars(integration).items() if name != "settings"}
    sealed = sealer.seal(orjson.dumps(dict(integration.settings)).decode())
    statement = upsert(tx.dialect.name, INTEGRATIONS).values(
        **values | {"settings_sealed": sealed, "created_at": now}
    )
    changed = {name: statement.excluded[name] for name in (*values, "settings_sealed")}
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))


async def note_problems(tx: Transaction, problems: Mapping[int, str]) -> None:
    """Keeps what only an operator can mend, by id of the integration; "" is nothing any more."""
    # In one order everywhere, so that two processes never wait for each other in a circle.
    for key, problem in sorted(problems.items()):
        one = update(INTEGRATIONS).where(INTEGRATIONS.c.id == key)
        await tx.execute(one.values(problem=problem))


async def remove_integration(tx: Transaction, environment_id: int, integration_id: int) -> bool:
    """Deletes an integration; False when there was none."""
    done = await tx.execute(
        delete(INTEGRATIONS).where(
            INTEGRATIONS.c.id == integration_id, INTEGRATIONS.c.environment_id == environment_id
        )
    )
    return done.rowcount == 1


def _integration(row: RowMapping, sealer: Sealer) -> Integration:
    return Integration(
        id=row["id"],
        environment_id=row["environment_id"],
        channel=Channel(row["channel"]),
        provider=row["provider"],
        name=row["name"],
        settings=_opened(row, sealer),
        position=row["position"],
        enabled=row["enabled"],
        rate=row["rate"],
        concurrency=row["concurrency"],
        problem=row["problem"],
    )


def _opened(row: RowMapping, sealer: Sealer) -> Mapping[str, Any]:
    """The settings; when no key opens them, something that no provider takes."""
    try:
        return orjson.loads(sealer.unseal(row["settings_sealed"]))
    except CannotUnseal:
        log.warning("The settings of integration %d were sealed with another key.", row["id"])
        return {SEALED: True}


# Suppressions


async def suppressed(
    tx: Transaction, addresses: Collection[tuple[int, Channel, str]]
) -> dict[tuple[int, Channel, str], Suppression]:
    """Those of the addresses (environment id, channel, address) that are not to be used."""
    if not addresses:
        return {}
    pairs = [(environment, address) for environment, _, address in addresses]
    rows = await tx.execute(_SUPPRESSED, halves(pairs))
    known = [_suppression(row) for row in rows.mappings()]
    found = {(each.environment_id, each.channel, each.address): each for each in known}
    return {key: each for key, each in found.items() if key in addresses}


async def suppress(tx: Transaction, suppressions: Iterable[Suppression]) -> None:
    """Stops the use of addresses; what is known of an earlier reason is kept."""
    values = [vars(each) | {"details": dict(each.details)} for each in suppressions]
    if values:
        await tx.execute(upsert(tx.dialect.name, SUPPRESSIONS).on_conflict_do_nothing(), values)


async def unsuppress(
    tx: Transaction,
    environment_id: int,
    channel: Channel,
    addresses: Collection[str],
    reason: SuppressionReason | None = None,
) -> int:
    """Allows addresses again, only those suppressed for ``reason`` when it is given; how many."""
    statement = delete(SUPPRESSIONS).where(
        SUPPRESSIONS.c.environment_id == environment_id,
        SUPPRESSIONS.c.channel == channel.value,
        SUPPRESSIONS.c.address.in_(list(addresses)),
    )
    if reason is not None:
        statement = statement.where(SUPPRESSIONS.c.reason == reason.value)
    return (await tx.execute(statement)).rowcount


async def suppressions(
    tx: Transaction, environment_id: int, channel: Channel, most: int, after: str
) -> list[Suppression]:
    """The suppressed addresses of a channel that follow ``after``, by address."""
    rows = await tx.execute(
        select(SUPPRESSIONS)
        .where(
            SUPPRESSIONS.c.environment_id == environment_id,
            SUPPRESSIONS.c.channel == channel.value,
            SUPPRESSIONS.c.address > after,
        )
        .order_by(SUPPRESSIONS.c.address)
        .limit(most)
    )
    return [_suppression(row) for row in rows.mappings()]


_SUPPRESSED = select(SUPPRESSIONS).where(
    crossing(SUPPRESSIONS.c.environment_id, SUPPRESSIONS.c.address),
    SUPPRESSIONS.c.channel.in_([channel.value for channel in Channel]),
)


def _suppression(row: RowMapping) -> Suppression:
    return Suppression(
        environment_id=row["environment_id"],
        channel=Channel(row["channel"]),
        address=row["address"],
        reason=SuppressionReason(row["reason"]),
        details=row["details"],
        at=row["at"],
    )


# The sandbox


async def capture(tx: Transaction, captures: Iterable[Captured]) -> None:
    values = [
        {
            "id": each.id,
            "environment_id": each.environment_id,
            "delivery_id": each.delivery_id,
            "tracking_id": each.tracking_id,
            "channel": each.channel.value,
            "recipient": each.to,
            "fields": dict(each.fields),
            "at": each.at,
        }
        for each in captures
    ]
    if values:
        await tx.execute(insert(CAPTURED), values)


async def captured(
    tx: Transaction,
    environment_id: int,
    most: int,
    before: int | None = None,
    channel: Channel | None = None,
    tracking_id: str | None = None,
) -> list[Captured]:
    """What the sandbox holds, newest first.

    Args:
        before: The id of the last one seen, None for the newest.
    """
    query = select(CAPTURED).where(CAPTURED.c.environment_id == environment_id)
    if before is not None:
        query = query.where(CAPTURED.c.id < before)
    if channel is not None:
        query = query.where(CAPTURED.c.channel == channel.value)
    if tracking_id is not None:
        query = query.where(CAPTURED.c.tracking_id == tracking_id)
    rows = await tx.execute(query.order_by(CAPTURED.c.id.desc()).limit(most))
    return [_captured(row) for row in rows.mappings()]


def _captured(row: RowMapping) -> Captured:
    return Captured(
        id=row["id"],
        environment_id=row["environment_id"],
        delivery_id=row["delivery_id"],
        tracking_id=row["tracking_id"],
        channel=Channel(row["channel"]),
        to=row["recipient"],
        fields=row["fields"],
        at=row["at"],
    )


# Events

NEW_EVENTS = Bulk(
    EVENTS, "id", "environment_id", "tracking_id", "at", "kind", "channel", "sentence", "data"
)


async def tell(tx: Transaction, events: Iterable[Event]) -> None:
    """Adds to what happened."""
    await insert_together(tx, (NEW_EVENTS, [_event_row(each) for each in events]))


async def events(tx: Transaction, tracking_id: str) -> list[Event]:
    """What happened to a notification, in order."""
    rows = await tx.execute(
        select(EVENTS).where(EVENTS.c.tracking_id == tracking_id).order_by(EVENTS.c.id)
    )
    return [
        Event(
            environment_id=row["environment_id"],
            tracking_id=row["tracking_id"],
            at=row["at"],
            kind=EventKind(row["kind"]),
            channel=Channel(row["channel"]) if row["channel"] else None,
            sentence=row["sentence"],
            data=row["data"] or {},
        )
        for row in rows.mappings()
    ]


def _event_row(event: Event) -> tuple[Any, ...]:
    data: Mapping[str, Any] | None = dict(event.data) or None
    channel = event.channel.value if event.channel else None
    return (
        *(ids.ordered_id(), event.environment_id, event.tracking_id, event.at, event.kind.value),
        *(channel, event.sentence, data),
    )
