"""shelves: one index over all boxes in place of one for each

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from inbox_app.storage.tables.columns import Derived

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

SHELF = (
    'CASE WHEN archived IS NOT NULL THEN 3 WHEN opened IS NOT NULL THEN 2'
    ' WHEN seen IS NOT NULL THEN 1 ELSE 0 END'
)
PLACE = ['user_id', 'at', 'tracking_id']
BOXES = {
    'active': 'archived IS NULL',
    'archived': 'archived IS NOT NULL',
    'unread': 'archived IS NULL AND opened IS NULL',
    'unseen': 'seen IS NULL',
}


def upgrade() -> None:
    op.add_column('inbox_items', sa.Column('shelf', sa.SmallInteger(), Derived(SHELF)))
    op.create_index('ix_items_shelf', 'inbox_items', ['user_id', 'shelf', 'at', 'tracking_id'])
    op.drop_index('ix_items_feed', 'inbox_items')
    for name in BOXES:
        op.drop_index(f'ix_items_{name}', 'inbox_items')


def downgrade() -> None:
    for name, condition in BOXES.items():
        where = sa.text(condition)
        op.create_index(
            f'ix_items_{name}', 'inbox_items', PLACE, sqlite_where=where, postgresql_where=where
        )
    op.create_index('ix_items_feed', 'inbox_items', PLACE)
    op.drop_index('ix_items_shelf', 'inbox_items')
    op.drop_column('inbox_items', 'shelf')
