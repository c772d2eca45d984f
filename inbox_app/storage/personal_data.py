"""Repository of everything kept about one person, in portions, for the person to take along.

Values are what JSON takes, but for moments. What would let somebody act in the person's name, such
as the token of a device, is shortened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, RowMapping, Select, func, select

from inbox_app.domain.address import WEBHOOK, kind_of_chat
from inbox_app.domain.notification_type import Channel
from inbox_app.storage import receipts
from inbox_app.storage.delivery_rows import DELIVERIES
from inbox_app.storage.engine import Transaction
from inbox_app.storage.item_rows import ITEMS, NOTIFICATIONS, TYPES
from inbox_app.storage.preferences import CHANGES
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.deliveries import AttemptRow
from inbox_app.storage.tables.inbox import ReplyRow
from inbox_app.storage.tables.notifications import DecisionRow
from inbox_app.storage.tables.personal import AttachmentRow

Row = dict[str, Any]
Place = tuple[int, datetime, str]
"""Type, time and tracking id: where a portion of notifications ended."""

ATTEMPTS, REPLIES, DECISIONS = table(AttemptRow), table(ReplyRow), table(DecisionRow)
PICTURES = table(AttachmentRow)
DEVICES: Final = (Channel.PUSH.value, Channel.WEB_PUSH.value)
SHOWN: Final = 6
"""Characters that are left of a device's token, enough to tell one from another."""

_NOTIFICATION = (
    *("tracking_id", "sub_notification_id", "secondary_id", "accepted_at", "scheduled_for"),
    *("cancelled_at", "ignored", "expires_at", "part_of"),
)
_ITEM = (
    *("title", "body", "html", "url", "image", "actions", "at", "seen", "opened", "clicked"),
    *("archived", "actioned1", "actioned2", "saved", "snoozed", "parameters", "batched"),
)
_PICTURE = ("reply_id", "content_type", "width", "height", "size", "created_at")
_DELIVERY = ("channel", "address", "status", "due_at", "option", "detail", "created_at")
_ATTEMPT = ("number", "provider", "started_at", "ended_at", "outcome", "code", "detail")


async def notifications(
    tx: Transaction, user_id: int, after: Place | None, most: int
) -> tuple[list[Row], Place | None]:
    """A portion with all that belongs to each, and where it ended; None at the end of all."""
    rows = (await tx.execute(_page(user_id, after, most))).mappings().all()
    if not rows:
        return [], None
    ids = [row["tracking_id"] for row in rows]
    parts = {
        "item": await _by(tx, select(ITEMS).where(ITEMS.c.tracking_id.in_(ids)), _ITEM),
        "replies": await _by(
            tx,
            select(REPLIES).where(REPLIES.c.tracking_id.in_(ids)).order_by(REPLIES.c.at),
            ("id", "from_user", "author", "message", "at"),
        ),
        "pictures": await _by(
            tx,
            select(*(PICTURES.c[name] for name in ("tracking_id", *_PICTURE)))
            .where(PICTURES.c.tracking_id.in_(ids))
            .order_by(PICTURES.c.created_at),
            _PICTURE,
        ),
        "decisions": await _by(
            tx,
            select(DECISIONS).where(DECISIONS.c.tracking_id.in_(ids)),
            ("channel", "outcome", "rule", "sentence", "due_at"),
        ),
        "deliveries": await _deliveries(tx, DELIVERIES.c.tracking_id.in_(ids)),
    }
    last = rows[-1]
    end = (last["type_id"], last["accepted_at"], last["tracking_id"])
    return [_whole(row, parts) for row in rows], end


async def summaries(
    tx: Transaction, user_id: int, after: int, most: int
) -> tuple[list[Row], int | None]:
    """A portion of the summaries that others rode in, and where it ended."""
    return await _riding(tx, (user_id, after, most), DELIVERIES.c.type_id != DELIVERIES.c.id)


async def own_messages(
    tx: Transaction, user_id: int, after: int, most: int
) -> tuple[list[Row], int | None]:
    """A portion of what the server sent by itself, such as codes, and where it ended."""
    return await _riding(tx, (user_id, after, most), DELIVERIES.c.type_id == DELIVERIES.c.id)


async def _riding(
    tx: Transaction, portion: tuple[int, int, int], which: ColumnElement[bool]
) -> tuple[list[Row], int | None]:
    user_id, after, most = portion
    ids = select(DELIVERIES.c.id).where(
        DELIVERIES.c.user_id == user_id,
        DELIVERIES.c.window_start.is_not(None),
        DELIVERIES.c.id > after,
        which,
    )
    found = list((await tx.execute(ids.order_by(DELIVERIES.c.id).limit(most))).scalars())
    sent = await _deliveries(tx, DELIVERIES.c.id.in_(found))
    return [one for each in sent.values() for one in each], found[-1] if found else None


async def history(
    tx: Transaction, user_id: int, after: int, most: int
) -> tuple[list[Row], int | None]:
    """A portion of what was changed of the preferences, and where it ended."""
    rows = await tx.execute(
        select(CHANGES)
        .where(CHANGES.c.user_id == user_id, CHANGES.c.id > after)
        .order_by(CHANGES.c.id)
        .limit(most)
    )
    found = rows.mappings().all()
    told = [{name: row[name] for name in ("at", "by", "changes")} for row in found]
    return told, found[-1]["id"] if found else None


def _page(user_id: int, after: Place | None, most: int) -> Select[Any]:
    """Along the index of a person's notifications."""
    n = NOTIFICATIONS.c
    query = (
        select(
            n.type_id,
            *(n[name] for name in _NOTIFICATION),
            func.coalesce(TYPES.c.former_name, TYPES.c.name).label("type"),
            TYPES.c.title.label("type_title"),
        )
        .join(TYPES, TYPES.c.id == n.type_id)
        .where(n.user_id == user_id)
    )
    if after is not None:
        kind, at, key = after
        same_moment = (n.type_id == kind) & (n.accepted_at == at) & (n.tracking_id > key)
        later = (n.type_id == kind) & (n.accepted_at > at)
        query = query.where((n.type_id > kind) | later | same_moment)
    return query.order_by(n.type_id, n.accepted_at, n.tracking_id).limit(most)


async def _deliveries(tx: Transaction, which: ColumnElement[bool]) -> dict[str, list[Row]]:
    rows = await tx.execute(select(DELIVERIES).where(which).order_by(DELIVERIES.c.id))
    found = rows.mappings().all()
    ids = [row["id"] for row in found]
    query = select(ATTEMPTS).where(ATTEMPTS.c.delivery_id.in_(ids)).order_by(ATTEMPTS.c.number)
    tried = await _by(tx, query, _ATTEMPT, key="delivery_id")
    reported = await receipts.of_deliveries(tx, ids)
    told: dict[str, list[Row]] = {}
    for row in found:
        one: Row = {name: row[name] for name in _DELIVERY}
        one["attempts"] = tried.get(row["id"], [])
        one["reports"] = [
            {"kind": each.kind, "at": each.at, "code": each.code, "detail": each.detail}
            for each in (kept.receipt for kept in reported.get(row["id"], ()))
        ]
        if one["channel"] in DEVICES or kind_of_chat(one["address"]) == WEBHOOK:
            one["address"] = "…" + one["address"][-SHOWN:]
        told.setdefault(row["tracking_id"], []).append(one)
    return told


async def _by(
    tx: Transaction, query: Select[Any], names: Iterable[str], key: str = "tracking_id"
) -> dict[Any, list[Row]]:
    """Rows of a query with these columns, by another one."""
    wanted, found = tuple(names), dict[Any, list[Row]]()
    for row in (await tx.execute(query)).mappings():
        found.setdefault(row[key], []).append({name: row[name] for name in wanted})
    return found


def _whole(row: RowMapping, parts: Mapping[str, Mapping[str, list[Row]]]) -> Row:
    key = row["tracking_id"]
    told = {name: row[name] for name in ("type", "type_title", *_NOTIFICATION)}
    told |= {name: part.get(key, []) for name, part in parts.items()}
    return told | {"item": next(iter(told["item"]), None)}
