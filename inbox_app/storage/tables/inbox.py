"""The inbox: items, the per-user state row, and replies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, SmallInteger, text
from sqlmodel import Field, SQLModel

from inbox_app.domain.feed import Shelf
from inbox_app.storage.tables.columns import Derived, Json, Moment, one_per_user

# Kept by the database, so that it cannot drift from the states it follows from.
SHELF = (
    f"CASE WHEN archived IS NOT NULL THEN {Shelf.ARCHIVED:d}"
    f" WHEN snoozed IS NOT NULL THEN {Shelf.SNOOZED:d}"
    f" WHEN opened IS NOT NULL THEN {Shelf.READ:d}"
    f" WHEN seen IS NOT NULL THEN {Shelf.UNREAD:d} ELSE {Shelf.NEW:d} END"
)


class InboxItemRow(SQLModel, table=True):
    __tablename__ = "inbox_items"
    __table_args__ = (
        Index("ix_items_change", "user_id", "change"),
        Index("ix_items_shelf", "user_id", "shelf", "at", "tracking_id"),
        Index(
            "ix_items_batch",
            *("user_id", "batch", "at"),
            sqlite_where=text("batch IS NOT NULL"),
            postgresql_where=text("batch IS NOT NULL"),
        ),
        Index(
            "ix_items_saved",
            *("user_id", "at", "tracking_id"),
            sqlite_where=text("saved IS NOT NULL"),
            postgresql_where=text("saved IS NOT NULL"),
        ),
        Index(
            "ix_items_archived",
            *("user_id", "archived"),
            sqlite_where=text("archived IS NOT NULL"),
            postgresql_where=text("archived IS NOT NULL"),
        ),
        Index(
            "ix_items_snoozed",
            *("snoozed", "user_id"),
            sqlite_where=text("snoozed IS NOT NULL"),
            postgresql_where=text("snoozed IS NOT NULL"),
        ),
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
    batch: str | None
    batched: list[Any] | None = Field(sa_column=Column(Json))
    batch_size: int | None
    seen: datetime | None = Field(sa_column=Column(Moment))
    opened: datetime | None = Field(sa_column=Column(Moment))
    clicked: datetime | None = Field(sa_column=Column(Moment))
    archived: datetime | None = Field(sa_column=Column(Moment))
    actioned1: datetime | None = Field(sa_column=Column(Moment))
    actioned2: datetime | None = Field(sa_column=Column(Moment))
    saved: datetime | None = Field(sa_column=Column(Moment))
    snoozed: datetime | None = Field(sa_column=Column(Moment))
    snoozed_at: datetime | None = Field(sa_column=Column(Moment))
    shelf: int = Field(sa_column=Column(SmallInteger, Derived(SHELF)))


class InboxStateRow(SQLModel, table=True):
    """One row per user: counters that change in the same transaction as the items they count."""

    __tablename__ = "inbox_states"

    user_id: int = Field(sa_column=one_per_user())
    change: int = Field(sa_column=Column(BigInteger, nullable=False))
    active: int
    unread: int
    unseen: int
    archived: int
    saved: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    snoozed: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))


class ReplyRow(SQLModel, table=True):
    __tablename__ = "replies"
    __table_args__ = (Index("ix_replies_item", "tracking_id", "at"),)

    id: str = Field(primary_key=True)
    tracking_id: str = Field(foreign_key="inbox_items.tracking_id", ondelete="CASCADE")
    from_user: bool
    author: str
    message: str
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
