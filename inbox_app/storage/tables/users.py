"""Users and their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from inbox_app.storage.tables.columns import Json, Moment, one_per_user


class UserRow(SQLModel, table=True):
    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("environment_id", "external_id"),)

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    environment_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("environments.id", ondelete="CASCADE"), nullable=False
        )
    )
    external_id: str
    email: str | None
    number: str | None
    timezone: str | None
    properties: dict[str, Any] | None = Field(sa_column=Column(Json))
    preferences: dict[str, Any] | None = Field(sa_column=Column(Json))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    last_seen_at: datetime | None = Field(sa_column=Column(Moment))
    settings: dict[str, Any] | None = Field(sa_column=Column(Json))


DEVICES = "channel IN ('PUSH', 'WEB_PUSH')"


class AddressRow(SQLModel, table=True):
    """Device tokens, web-push subscriptions and chats of people, and how each fares.

    They are found by ``key``, a hash: a token may be longer than an index takes. Until
    ``renewing_until`` one worker, and no other, may exchange the secret for a new one. What a
    signed-in browser told of itself is gone when its session is.
    """

    __tablename__ = "addresses"
    __table_args__ = (
        Index("ix_addresses_key", "key"),
        # A device is one person's.
        Index(
            "uq_addresses_device",
            *("environment_id", "channel", "key"),
            unique=True,
            sqlite_where=text(DEVICES),
            postgresql_where=text(DEVICES),
        ),
    )

    user_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    )
    channel: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    environment_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    value: str
    position: int
    details: dict[str, Any] | None = Field(sa_column=Column(Json))
    secret_sealed: str | None
    told_at: datetime | None = Field(sa_column=Column(Moment))
    last_success_at: datetime | None = Field(sa_column=Column(Moment))
    last_failure_at: datetime | None = Field(sa_column=Column(Moment))
    last_failure: str
    disabled_at: datetime | None = Field(sa_column=Column(Moment))
    disabled_reason: str
    renewing_until: datetime | None = Field(sa_column=Column(Moment))
    session_id: int | None = Field(
        sa_column=Column(BigInteger, ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    )


class SessionRow(SQLModel, table=True):
    __tablename__ = "sessions"

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    user_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    token_hash: str = Field(unique=True)
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    expires_at: datetime = Field(sa_column=Column(Moment, nullable=False, index=True))
    user_agent: str | None
    last_used_at: datetime | None = Field(sa_column=Column(Moment))


class RevokedLinksRow(SQLModel, table=True):
    """People whose preference links no longer work when they were made before a moment."""

    __tablename__ = "revoked_links"

    user_id: int = Field(sa_column=one_per_user())
    until: datetime = Field(sa_column=Column(Moment, nullable=False))
