"""what became part of an item, and when what was scheduled is due

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('notifications', sa.Column('part_of', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column('inbox_items', sa.Column('batch_size', sa.Integer(), nullable=True))
    known = sa.text('scheduled_for IS NOT NULL')
    op.create_index('ix_notifications_scheduled', 'notifications', ['user_id', 'type_id', 'scheduled_for'], unique=False, sqlite_where=known, postgresql_where=known)


def downgrade() -> None:
    op.drop_column('notifications', 'part_of')
    op.drop_index('ix_notifications_scheduled', table_name='notifications')
    op.drop_column('inbox_items', 'batch_size')
