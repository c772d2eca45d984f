"""Repository of what a person was sent, read back to be gone through once more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, select

from inbox_app.domain.decision import Rule
from inbox_app.domain.notification import Kept
from inbox_app.domain.notification_type import Channel
from inbox_app.storage.engine import Transaction
from inbox_app.storage.item_rows import ITEMS
from inbox_app.storage.notifications import DECISIONS, KEPT, NOTIFICATIONS, kept_from

AT_A_TIME = 200
"""Notifications read by one query; others have a turn before the next."""


@dataclass(frozen=True)
class Happening:
    """A notification as it was accepted.

    Attributes:
        fingerprint: Of its content, None when its type had no use for it.
        rules: The rule that decided about each channel it was meant for.
        read_at: When the inbox item it stands in was opened or archived, None: neither.
        batch: What that item has in common with others, None when it stands for itself.
    """

    kept: Kept
    fingerprint: str | None
    rules: Mapping[Channel, Rule]
    read_at: datetime | None = None
    batch: str | None = None


async def since(
    tx: Transaction, user_id: int, type_ids: Collection[int], start: datetime, most: int
) -> list[Happening]:
    """What was accepted of these types after a moment, the newest ``most`` of it, oldest first."""
    columns = NOTIFICATIONS.c
    newest = await tx.execute(
        select(columns.tracking_id)
        .where(
            columns.user_id == user_id,
            columns.type_id.in_(list(type_ids)),
            columns.accepted_at > start,
        )
        .order_by(columns.accepted_at.desc(), columns.tracking_id.desc())
        .limit(most)
    )
    names = list(newest.scalars())[::-1]
    found: list[Happening] = []
    for at in range(0, len(names), AT_A_TIME):
        found += await _named(tx, names[at : at + AT_A_TIME])
    return found


async def _named(tx: Transaction, names: Sequence[str]) -> list[Happening]:
    columns = NOTIFICATIONS.c
    item = func.coalesce(columns.part_of, columns.tracking_id)
    rows = await tx.execute(
        KEPT.add_columns(columns.fingerprint, ITEMS.c.opened, ITEMS.c.archived, ITEMS.c.batch)
        .outerjoin_from(NOTIFICATIONS, ITEMS, ITEMS.c.tracking_id == item)
        .where(columns.tracking_id.in_(names))
    )
    rules = await _rules(tx, names)
    found = {
        r["tracking_id"]: _happening(r, rules.get(r["tracking_id"], {})) for r in rows.mappings()
    }
    return [found[name] for name in names]


def _happening(row: RowMapping, rules: Mapping[Channel, Rule]) -> Happening:
    acted = [at for at in (row["opened"], row["archived"]) if at is not None]
    return Happening(
        kept=kept_from(row),
        fingerprint=row["fingerprint"],
        rules=rules,
        read_at=min(acted, default=None),
        batch=row["batch"],
    )


async def _rules(
    tx: Transaction, tracking_ids: Sequence[str]
) -> Mapping[str, Mapping[Channel, Rule]]:
    found: dict[str, dict[Channel, Rule]] = {}
    decided = DECISIONS.c
    rows: Any = await tx.execute(
        select(decided.tracking_id, decided.channel, decided.rule).where(
            decided.tracking_id.in_(tracking_ids)
        )
    )
    for row in rows:
        found.setdefault(row.tracking_id, {})[Channel(row.channel)] = Rule(row.rule)
    return found
