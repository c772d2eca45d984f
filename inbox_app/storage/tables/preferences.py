"""The history of what users chose; what holds now stands on the user."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index
from sqlmodel import Field, SQLModel

from inbox_app.storage.tables.columns import Json, Moment


class PreferenceChangeRow(SQLModel, table=True):
    __tablename__ = "preference_changes"
    __table_args__ = (Index("ix_preference_changes_user", "user_id", "id"),)

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    user_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    )
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    by: str
    changes: list[Any] = Field(sa_column=Column(Json, nullable=False))
