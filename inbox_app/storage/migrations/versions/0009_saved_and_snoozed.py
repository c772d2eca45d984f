"""saved and snoozed items

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from inbox_app.storage.tables.columns import Derived, Moment

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

BEFORE = (
    'CASE WHEN archived IS NOT NULL THEN 3 WHEN opened IS NOT NULL THEN 2'
    ' WHEN seen IS NOT NULL THEN 1 ELSE 0 END'
)
SHELF = (
    'CASE WHEN archived IS NOT NULL THEN 3 WHEN snoozed IS NOT NULL THEN 4'
    ' WHEN opened IS NOT NULL THEN 2 WHEN seen IS NOT NULL THEN 1 ELSE 0 END'
)
STATES = ('saved', 'snoozed', 'snoozed_at')
COUNTERS = ('saved', 'snoozed')
PARTIAL = {
    'ix_items_saved': (['user_id', 'at', 'tracking_id'], 'saved IS NOT NULL'),
    'ix_items_snoozed': (['snoozed', 'user_id'], 'snoozed IS NOT NULL'),
}


def upgrade() -> None:
    for name in STATES:
        op.add_column('inbox_items', sa.Column(name, Moment(), nullable=True))
    for name in COUNTERS:
        op.add_column('inbox_states', sa.Column(name, sa.Integer(), server_default='0', nullable=False))
    _derive(SHELF)
    for name, (columns, condition) in PARTIAL.items():
        where = sa.text(condition)
        op.create_index(name, 'inbox_items', columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name in PARTIAL:
        op.drop_index(name, 'inbox_items')
    _derive(BEFORE)
    for name in COUNTERS:
        op.drop_column('inbox_states', name)
    for name in STATES:
        op.drop_column('inbox_items', name)


def _derive(shelf: str) -> None:
    op.drop_index('ix_items_shelf', 'inbox_items')
    op.drop_column('inbox_items', 'shelf')
    op.add_column('inbox_items', sa.Column('shelf', sa.SmallInteger(), Derived(shelf)))
    op.create_index('ix_items_shelf', 'inbox_items', ['user_id', 'shelf', 'at', 'tracking_id'])
