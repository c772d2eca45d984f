"""What a person keeps beside the items: filters, and what the latest acts changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary
from sqlmodel import Field, SQLModel

from inbox_app.storage.tables.columns import Json, Moment


def _owner(*, primary_key: bool = False) -> Column[int]:
    owner = ForeignKey("users.id", ondelete="CASCADE")
    return Column(BigInteger, owner, primary_key=primary_key, nullable=False)


class UndoStepRow(SQLModel, table=True):
    """What one transaction of an act changed, as it was before."""

    __tablename__ = "undo_steps"
    __table_args__ = (Index("ix_undo_steps_at", "at"),)

    user_id: int = Field(sa_column=_owner(primary_key=True))
    undo_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    change: int = Field(sa_column=Column(BigInteger, nullable=False))
    items: dict[str, Any] | None = Field(sa_column=Column(Json))
    muted: dict[str, Any] | None = Field(sa_column=Column(Json))


class HandledActRow(SQLModel, table=True):
    """An act that a browser named, so that it is done once however often it comes."""

    __tablename__ = "handled_acts"
    __table_args__ = (Index("ix_handled_acts_at", "at"),)

    user_id: int = Field(sa_column=_owner(primary_key=True))
    name: str = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    count: int
    top: int = Field(sa_column=Column(BigInteger, nullable=False))
    ended: bool


class IntentRow(SQLModel, table=True):
    """When a person last decided on a state of an item, where the item itself does not tell."""

    __tablename__ = "intents"
    __table_args__ = (Index("ix_intents_at", "at"),)

    tracking_id: str = Field(
        foreign_key="inbox_items.tracking_id", primary_key=True, ondelete="CASCADE"
    )
    field: str = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(Moment, nullable=False))


class SavedFilterRow(SQLModel, table=True):
    __tablename__ = "saved_filters"

    user_id: int = Field(sa_column=_owner(primary_key=True))
    id: str = Field(primary_key=True)
    name: str
    place: int
    chosen: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))


class AttachmentRow(SQLModel, table=True):
    """A picture for a reply; without one until the reply is sent."""

    __tablename__ = "attachments"
    __table_args__ = (
        Index("ix_attachments_user", "user_id"),
        Index("ix_attachments_item", "tracking_id"),
        Index("ix_attachments_reply", "reply_id"),
        Index("ix_attachments_created", "created_at"),
    )

    id: str = Field(primary_key=True)
    user_id: int = Field(sa_column=_owner())
    tracking_id: str = Field(foreign_key="inbox_items.tracking_id", ondelete="CASCADE")
    reply_id: str | None = Field(foreign_key="replies.id", ondelete="CASCADE")
    content_type: str
    width: int
    height: int
    size: int
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
