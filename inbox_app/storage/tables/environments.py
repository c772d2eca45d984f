"""Environments, their API keys, and tokens that may be used once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey
from sqlmodel import Field, SQLModel

from inbox_app.storage.tables.columns import Json, Moment


class EnvironmentRow(SQLModel, table=True):
    __tablename__ = "environments"

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    client_id: str = Field(unique=True)
    client_secret_sealed: str
    title: str
    secure_mode: bool
    disable_sending: list[Any] = Field(sa_column=Column(Json, nullable=False))
    demo: bool
    look: dict[str, Any] | None = Field(sa_column=Column(Json))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))


class ApiKeyRow(SQLModel, table=True):
    __tablename__ = "api_keys"

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    environment_id: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey("environments.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        )
    )
    name: str
    hash: str = Field(unique=True)
    hint: str
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    revoked_at: datetime | None = Field(sa_column=Column(Moment))


class UsedTokenRow(SQLModel, table=True):
    """A sign-in link that was used; kept until it would have expired anyway."""

    __tablename__ = "used_tokens"

    environment_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("environments.id", ondelete="CASCADE"), primary_key=True
        )
    )
    token_id: str = Field(primary_key=True)
    expires_at: datetime = Field(sa_column=Column(Moment, nullable=False, index=True))
