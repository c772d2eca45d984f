"""Deliveries, their attempts, and what surrounds them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, text
from sqlmodel import Field, SQLModel

from inbox_app.storage.tables.columns import Json, Moment


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class DeliveryRow(SQLModel, table=True):
    """The outbox: what stands here is sent, whatever becomes of a process or a queue."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_tracking", "tracking_id"),
        Index("ix_deliveries_due", "environment_id", "due_at", **_where("status = 'pending'")),
        Index("ix_deliveries_lease", "lease_until", **_where("status = 'sending'")),
        Index("ix_deliveries_digest", "digest_id", **_where("digest_id IS NOT NULL")),
        Index(
            "uq_deliveries_window",
            *("user_id", "type_id", "channel", "window_start"),
            unique=True,
            **_where("window_start IS NOT NULL"),
        ),
        Index(
            "ix_deliveries_message",
            *("integration_id", "message_id"),
            **_where("message_id <> ''"),
        ),
        Index(
            "ix_deliveries_text",
            *("environment_id", "address", "id"),
            **_where("channel = 'SMS'"),
        ),
        Index(
            "ix_deliveries_dead",
            *("environment_id", "updated_at"),
            **_where("status IN ('failed', 'unknown')"),
        ),
    )

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    environment_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    user_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    type_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    tracking_id: str | None = Field(foreign_key="notifications.tracking_id", ondelete="CASCADE")
    channel: str
    address: str
    status: str
    due_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    option: str
    rule: str
    attempts: int
    digest_id: int | None = Field(sa_column=Column(BigInteger))
    window_start: datetime | None = Field(sa_column=Column(Moment))
    template: str | None
    integration_id: int | None = Field(sa_column=Column(BigInteger))
    message_id: str
    detail: str
    lease_until: datetime | None = Field(sa_column=Column(Moment))
    worker: str | None
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    tried_since: datetime | None = Field(sa_column=Column(Moment))
    tried_before: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    interruptions: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))


class AttemptRow(SQLModel, table=True):
    __tablename__ = "attempts"

    delivery_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True
        )
    )
    number: int = Field(primary_key=True)
    integration_id: int | None = Field(sa_column=Column(BigInteger))
    provider: str
    started_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    ended_at: datetime | None = Field(sa_column=Column(Moment))
    outcome: str
    code: str
    detail: str
    retry_at: datetime | None = Field(sa_column=Column(Moment))


class CapturedRow(SQLModel, table=True):
    """The sandbox: what was rendered and not sent, because no provider is set up."""

    __tablename__ = "captured_messages"
    __table_args__ = (
        Index("ix_captured_environment", "environment_id", "id"),
        Index("ix_captured_delivery", "delivery_id"),
    )

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    environment_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("environments.id", ondelete="CASCADE"), nullable=False
        )
    )
    delivery_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False
        )
    )
    tracking_id: str | None
    channel: str
    recipient: str
    fields: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    at: datetime = Field(sa_column=Column(Moment, nullable=False))


class IntegrationRow(SQLModel, table=True):
    __tablename__ = "integrations"

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    environment_id: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey("environments.id", ondelete="CASCADE"),
            index=True,
            nullable=False,
        )
    )
    channel: str
    provider: str
    name: str
    settings_sealed: str
    position: int
    enabled: bool
    rate: float | None
    concurrency: int
    problem: str = Field(sa_column=Column(String, nullable=False, server_default=""))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))


class SuppressionRow(SQLModel, table=True):
    __tablename__ = "suppressions"

    environment_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("environments.id", ondelete="CASCADE"), primary_key=True
        )
    )
    channel: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    reason: str
    details: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    at: datetime = Field(sa_column=Column(Moment, nullable=False))


class EventRow(SQLModel, table=True):
    """What happened to a notification after it was accepted; only ever added to."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_tracking", "tracking_id", "id"),)

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    environment_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    tracking_id: str = Field(foreign_key="notifications.tracking_id", ondelete="CASCADE")
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    kind: str
    channel: str | None
    sentence: str
    data: dict[str, Any] | None = Field(sa_column=Column(Json))
