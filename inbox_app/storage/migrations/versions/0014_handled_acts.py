"""acts that browsers asked for, and what was archived when

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'handled_acts',
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('at', sa.BigInteger(), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.Column('top', sa.BigInteger(), nullable=False),
        sa.Column('ended', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_handled_acts_user_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('user_id', 'name', name=op.f('pk_handled_acts')),
    )
    op.create_index('ix_handled_acts_at', 'handled_acts', ['at'])
    where = sa.text('archived IS NOT NULL')
    op.create_index(
        'ix_items_archived', 'inbox_items', ['user_id', 'archived'], sqlite_where=where, postgresql_where=where
    )


def downgrade() -> None:
    op.drop_index('ix_items_archived', 'inbox_items')
    op.drop_table('handled_acts')
