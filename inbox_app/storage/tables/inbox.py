"""The inbox: items, the per-user state row, and replies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from inbox_app.storage.tables.columns import Json, Moment


def _partial(name: str, where: str) -> Index:
    """A feed index of one box: as long as the box, however long the feed."""
    condition = text(where)
    return Index(
        name, "user_id", "at", "tracking_id", sqlite_where=condition, postgresql_where=condition
    )


class InboxItemRow(SQLModel, table=True):
    __tablename__ = "inbox_items"
    __table_args__ = (
        Index("ix_items_feed", "user_id", "at", "tracking_id"),
        Index("ix_items_change", "user_id", "change"),
        _partial("ix_items_active", "archived IS NULL"),
        _partial("ix_items_unread", "archived IS NULL AND opened IS NULL"),
        _partial("ix_items_archived", "archived IS NOT NULL"),
        _partial("ix_items_unseen", "seen IS NULL"),
    )

    tracking_id: str = Field(
        foreign_key="notifications.tracking_id", primary_key=True, ondelete="CASCADE"
    )
    user_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    )
    type_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    change: int = Field(sa_column=Column(BigInteger, nullable=False))
    title: str
    body: str
    html: str
    url: str
    image: str
    actions: list[Any] | None = Field(sa_column=Column(Json))
    can_reply: bool
    parameters: dict[str, Any] | None = Field(sa_column=Column(Json))
    replies: int
    seen: datetime | None = Field(sa_column=Column(Moment))
    opened: datetime | None = Field(sa_column=Column(Moment))
    clicked: datetime | None = Field(sa_column=Column(Moment))
    archived: datetime | None = Field(sa_column=Column(Moment))
    actioned1: datetime | None = Field(sa_column=Column(Moment))
    actioned2: datetime | None = Field(sa_column=Column(Moment))


class InboxStateRow(SQLModel, table=True):
    """One row per user: counters that change in the same transaction as the items they count."""

    __tablename__ = "inbox_states"

    user_id: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey("users.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        )
    )
    change: int = Field(sa_column=Column(BigInteger, nullable=False))
    active: int
    unread: int
    unseen: int
    archived: int


class ReplyRow(SQLModel, table=True):
    __tablename__ = "replies"
    __table_args__ = (Index("ix_replies_item", "tracking_id", "at"),)

    id: str = Field(primary_key=True)
    tracking_id: str = Field(foreign_key="inbox_items.tracking_id", ondelete="CASCADE")
    from_user: bool
    author: str
    message: str
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
