"""Notification types."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, UniqueConstraint
from sqlmodel import Field, SQLModel

from inbox_app.storage.tables.columns import Json, Moment


class NotificationTypeRow(SQLModel, table=True):
    __tablename__ = "notification_types"
    __table_args__ = (UniqueConstraint("environment_id", "name"),)

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    environment_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("environments.id", ondelete="CASCADE"), nullable=False
        )
    )
    name: str
    title: str
    channels: list[Any] = Field(sa_column=Column(Json, nullable=False))
    enabled: bool
    rules: dict[str, Any] | None = Field(sa_column=Column(Json))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    former_name: str | None
    """Of a deleted type, which its notifications still refer to; ``name`` is then free again."""


class TemplateRow(SQLModel, table=True):
    __tablename__ = "templates"

    type_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("notification_types.id", ondelete="CASCADE"), primary_key=True
        )
    )
    channel: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    default_for: list[Any] = Field(sa_column=Column(Json, nullable=False))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime = Field(sa_column=Column(Moment, nullable=False))
