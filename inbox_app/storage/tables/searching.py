"""The full-text index of inboxes: a document per item, made when its owner searches.

The words of a document are made in Python, the same for both databases, and each begins with its
person's key: a word's list of places is one person's. On SQLite an FTS5 table beside the documents
follows them by triggers; on PostgreSQL the words are a ``tsvector`` with a GIN index.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, BigInteger, Column, Index, Text, event
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.schema import SchemaItem
from sqlmodel import Field, SQLModel

from inbox_app.storage.tables.columns import Moment, one_per_user, table

SQLITE_INDEX = (
    "CREATE VIRTUAL TABLE search_index USING fts5(words, content='search_documents',"
    " content_rowid='id', columnsize=0, tokenize=\"ascii tokenchars '_'\")",
    "CREATE TRIGGER search_documents_added AFTER INSERT ON search_documents BEGIN"
    " INSERT INTO search_index (rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER search_documents_gone AFTER DELETE ON search_documents BEGIN"
    " INSERT INTO search_index (search_index, rowid, words)"
    " VALUES ('delete', old.id, old.words); END",
)
POSTGRES_INDEX = ("CREATE INDEX ix_search_documents_words ON search_documents USING gin (words)",)


class SearchDocumentRow(SQLModel, table=True):
    """What is found of an item; rows are replaced, never changed."""

    __tablename__ = "search_documents"
    __table_args__ = (Index("ix_search_documents_user", "user_id", "id"),)

    # Grows with the item's date: a word's places stand in the order of the list.
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    tracking_id: str = Field(foreign_key="inbox_items.tracking_id", ondelete="CASCADE", unique=True)
    user_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    # An item with the same three says the same (`storage.inbox.merge`).
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    size: int
    replies: int
    words: str = Field(
        sa_column=Column(Text().with_variant(TSVECTOR(), "postgresql"), nullable=False)
    )


class SearchMarkRow(SQLModel, table=True):
    """Up to which change number a person's items are in the index."""

    __tablename__ = "search_marks"

    user_id: int = Field(sa_column=one_per_user())
    change: int = Field(sa_column=Column(BigInteger, nullable=False))


def _create(dialect: str, statements: tuple[str, ...]) -> None:
    for statement in statements:
        made: Any = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)
        event.listen(table(SearchDocumentRow), "after_create", made)


_create("sqlite", SQLITE_INDEX)
_create("postgresql", POSTGRES_INDEX)


def is_compared(item: SchemaItem, name: str | None, *_: object) -> bool:
    """Whether Alembic can compare a part of the schema: not the index of one database alone."""
    return not (name or "").startswith(("search_index", "ix_search_documents_words"))
