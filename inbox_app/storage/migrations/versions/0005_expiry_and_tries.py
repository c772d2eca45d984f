"""expiry and rounds of tries

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import inbox_app.storage.tables.columns

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('notifications', sa.Column('expires_at', inbox_app.storage.tables.columns.Moment(), nullable=True))
    known = sa.text('expires_at IS NOT NULL')
    op.create_index('ix_notifications_expiry', 'notifications', ['expires_at'], unique=False, sqlite_where=known, postgresql_where=known)
    op.add_column('deliveries', sa.Column('tried_since', inbox_app.storage.tables.columns.Moment(), nullable=True))
    op.add_column('deliveries', sa.Column('tried_before', sa.Integer(), server_default='0', nullable=False))


def downgrade() -> None:
    op.drop_column('deliveries', 'tried_before')
    op.drop_column('deliveries', 'tried_since')
    op.drop_index('ix_notifications_expiry', table_name='notifications')
    op.drop_column('notifications', 'expires_at')
