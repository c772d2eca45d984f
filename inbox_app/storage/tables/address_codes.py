"""Codes by which people prove that an address is theirs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Index
from sqlmodel import Field, SQLModel

from inbox_app.storage.tables.columns import Moment


class AddressCodeRow(SQLModel, table=True):
    __tablename__ = "address_codes"
    __table_args__ = (
        Index("ix_address_codes_user", "user_id", "made_at"),
        Index("ix_address_codes_address", "environment_id", "kind", "address", "made_at"),
    )

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    environment_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    user_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    )
    kind: str
    address: str
    code_hash: str
    made_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    tries: int
    ended_at: datetime | None = Field(sa_column=Column(Moment))
