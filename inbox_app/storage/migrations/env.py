"""Alembic's entry: runs the migrations on the connection it is handed."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from inbox_app.storage import tables
from inbox_app.storage.tables.searching import is_compared

assert tables  # noqa: S101 - imported so that the metadata knows every table

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    include_object=is_compared,
)
with context.begin_transaction():
    context.run_migrations()
