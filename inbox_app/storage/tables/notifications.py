"""Notifications as they were accepted, their decisions, and idempotency keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from inbox_app.storage.tables.columns import Json, Moment


class NotificationRow(SQLModel, table=True):
    __tablename__ = "notifications"
    __table_args__ = (
        Index("ix_notifications_user", "user_id", "type_id", "accepted_at"),
        Index(
            "ix_notifications_scheduled",
            *("user_id", "type_id", "scheduled_for"),
            sqlite_where=text("scheduled_for IS NOT NULL"),
            postgresql_where=text("scheduled_for IS NOT NULL"),
        ),
        Index(
            "ix_notifications_expiry",
            "expires_at",
            sqlite_where=text("expires_at IS NOT NULL"),
            postgresql_where=text("expires_at IS NOT NULL"),
        ),
    )

    tracking_id: str = Field(primary_key=True)
    user_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    )
    type_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("notification_types.id", ondelete="RESTRICT"), nullable=False
        )
    )
    sub_notification_id: str | None
    secondary_id: str | None
    request: str
    payload: dict[str, Any] | None = Field(sa_column=Column(Json))
    ignored: str | None
    fingerprint: str | None
    accepted_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    scheduled_for: datetime | None = Field(sa_column=Column(Moment))
    cancelled_at: datetime | None = Field(sa_column=Column(Moment))
    expires_at: datetime | None = Field(sa_column=Column(Moment))
    # No foreign key: an item that is no more takes nothing with it.
    part_of: str | None


class DecisionRow(SQLModel, table=True):
    __tablename__ = "decisions"
    __table_args__ = {"sqlite_with_rowid": False}

    tracking_id: str = Field(
        foreign_key="notifications.tracking_id", primary_key=True, ondelete="CASCADE"
    )
    channel: str = Field(primary_key=True)
    outcome: str
    rule: str
    sentence: str
    due_at: datetime | None = Field(sa_column=Column(Moment))


class IdempotencyKeyRow(SQLModel, table=True):
    __tablename__ = "idempotency_keys"

    environment_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("environments.id", ondelete="CASCADE"), primary_key=True
        )
    )
    key: str = Field(primary_key=True)
    body_hash: str
    tracking_id: str
    messages: list[Any] = Field(sa_column=Column(Json, nullable=False))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False, index=True))
