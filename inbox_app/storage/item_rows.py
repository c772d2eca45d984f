"""Inbox items to rows and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import RowMapping, func, select

from inbox_app.domain.item_state import ItemState
from inbox_app.domain.notification import Action, InAppContent, InboxItem, Planned
from inbox_app.storage.statements import Bulk
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.inbox import InboxItemRow
from inbox_app.storage.tables.notifications import NotificationRow
from inbox_app.storage.tables.types import NotificationTypeRow

ITEMS, NOTIFICATIONS, TYPES = (
    table(InboxItemRow),
    table(NotificationRow),
    table(NotificationTypeRow),
)

STATE_COLUMNS = tuple(each.name for each in fields(ItemState))

SELECT_ITEMS = (
    select(
        *(column for column in ITEMS.c if column.computed is None),
        NOTIFICATIONS.c.sub_notification_id,
        NOTIFICATIONS.c.expires_at,
        func.coalesce(TYPES.c.former_name, TYPES.c.name).label("type_name"),
        TYPES.c.title.label("type_title"),
        func.coalesce(TYPES.c.rules["category"].as_string(), "").label("category"),
    )
    .join(NOTIFICATIONS, NOTIFICATIONS.c.tracking_id == ITEMS.c.tracking_id)
    .join(TYPES, TYPES.c.id == ITEMS.c.type_id)
)

NEW_ITEMS = Bulk(
    ITEMS,
    *("tracking_id", "user_id", "type_id", "at", "change", "title", "body", "html", "url"),
    *("image", "actions", "can_reply", "parameters", "replies", "batch", "batched"),
)


def new_item(planned: Planned, change: int) -> tuple[Any, ...]:
    """A row of `NEW_ITEMS`; ``planned.item`` must not be None."""
    send, content = planned.send, planned.item
    assert content is not None  # noqa: S101 - the caller stores only what has an item
    return (
        send.tracking_id,
        planned.user_id,
        planned.type_id,
        send.accepted_at,
        change,
        *content_values(content).values(),
        dict(send.parameters) or None,
        0,
        planned.batch,
        None if planned.batch is None else [dict(send.parameters)],
    )


def content_values(content: InAppContent) -> dict[str, Any]:
    """The columns of what an item shows, in the table's order."""
    return {
        "title": content.title,
        "body": content.body,
        "html": content.html,
        "url": content.url,
        "image": content.image,
        "actions": [{"label": a.label, "url": a.url} for a in content.actions] or None,
        "can_reply": content.replies,
    }


def state_from(row: Mapping[str, Any] | RowMapping) -> ItemState:
    return ItemState(**{name: row[name] for name in STATE_COLUMNS})


def item_from(row: Mapping[str, Any] | RowMapping) -> InboxItem:
    return InboxItem(
        tracking_id=row["tracking_id"],
        user_id=row["user_id"],
        at=row["at"],
        change=row["change"],
        type_name=row["type_name"],
        type_title=row["type_title"],
        content=InAppContent(
            title=row["title"],
            body=row["body"],
            html=row["html"],
            url=row["url"],
            image=row["image"],
            actions=tuple(Action(**each) for each in row["actions"] or ()),
            replies=row["can_reply"],
        ),
        state=state_from(row),
        parameters=row["parameters"] or {},
        sub_notification_id=row["sub_notification_id"],
        replies=row["replies"],
        batched=tuple(row["batched"] or ()),
        batch_size=row["batch_size"] or len(row["batched"] or ()) or 1,
        category=row["category"],
        expires_at=row["expires_at"],
    )
