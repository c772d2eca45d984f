"""Statements that SQLite and PostgreSQL spell in their own dialects."""

from __future__ import annotations

from typing import TypeAlias

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from inbox_app.storage.engine import Transaction

Upsert: TypeAlias = sqlite.Insert | postgresql.Insert


def upsert(tx: Transaction, table: Table) -> Upsert:
    """An INSERT that understands ON CONFLICT, in the dialect of the open transaction."""
    if tx.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
