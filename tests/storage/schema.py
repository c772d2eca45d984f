"""What a database really looks like: every column, constraint and index as the database tells."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import SQLModel

from inbox_app.storage import tables
from inbox_app.storage.engine import Database

assert tables  # imported so that the metadata knows every table

# The index of a primary key or unique constraint belongs to its table's text.
SQLITE = "SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL"
POSTGRES = """
SELECT 'column ' || table_name || '.' || column_name,
    concat_ws(' ', data_type, is_nullable, column_default, generation_expression)
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint ' || conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index ' || tablename || '.' || indexname, indexdef
FROM pg_indexes WHERE schemaname = 'public'
"""


async def schema(database: Database) -> dict[str, str]:
    """Each part of the schema with its definition, Alembic's own table left out."""
    async with database.read() as tx:
        rows = await tx.execute(text(SQLITE if database.is_sqlite else POSTGRES))
    return {name: _sorted(sql) for name, sql in rows if "alembic_version" not in name}


def _sorted(sql: str) -> str:
    """The definition on one line; the constraints of a table in an order of their own."""
    head, bracket, body = " ".join(sql.split()).partition("(")
    if not head.startswith("CREATE TABLE"):
        return head + bracket + body
    parts = (part.strip() for part in body.rpartition(")")[0].split(","))
    # SQLite quotes the name of a table that was renamed.
    return f"{head.replace(chr(34), '')}({', '.join(sorted(parts))})"


async def create_tables(database: Database) -> None:
    """Makes the schema from the tables, without any migration."""
    async with database.write() as tx:
        await tx.run_sync(SQLModel.metadata.create_all)
