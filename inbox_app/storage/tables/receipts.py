"""What providers reported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from inbox_app.storage.tables.columns import Json, Moment

UNMATCHED = "delivery_id IS NULL"
WISHES = "kind IN ('unsubscribed', 'resubscribed')"


class ReceiptRow(SQLModel, table=True):
    """Each report once. One that came before it was known what it is about waits for that."""

    __tablename__ = "receipts"
    __table_args__ = (
        UniqueConstraint("integration_id", "key"),
        Index("ix_receipts_delivery", "delivery_id"),
        Index(
            "ix_receipts_unmatched",
            *("integration_id", "message_id"),
            sqlite_where=text(UNMATCHED),
            postgresql_where=text(UNMATCHED),
        ),
        Index(
            "ix_receipts_wishes",
            *("integration_id", "address"),
            sqlite_where=text(WISHES),
            postgresql_where=text(WISHES),
        ),
        Index("ix_receipts_received", "received_at"),
    )

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    integration_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("integrations.id", ondelete="CASCADE"), nullable=False
        )
    )
    key: str
    kind: str
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    received_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    delivery_id: int | None = Field(
        sa_column=Column(BigInteger, ForeignKey("deliveries.id", ondelete="CASCADE"))
    )
    message_id: str
    address: str
    data: dict[str, Any] | None = Field(sa_column=Column(Json))


class UsedProofRow(SQLModel, table=True):
    """A proof of a report, and the report it came with: two hashes.

    It belongs to no environment, for the same account may report to several.
    """

    __tablename__ = "used_proofs"
    __table_args__ = (Index("ix_used_proofs_until", "until"),)

    name: str = Field(primary_key=True)
    report: str
    until: datetime = Field(sa_column=Column(Moment, nullable=False))
