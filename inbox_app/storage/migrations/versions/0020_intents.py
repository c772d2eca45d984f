"""when people last decided on states of items

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'intents',
        sa.Column('tracking_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('field', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('at', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ['tracking_id'], ['inbox_items.tracking_id'], name=op.f('fk_intents_tracking_id'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('tracking_id', 'field', name=op.f('pk_intents')),
    )
    op.create_index('ix_intents_at', 'intents', ['at'])


def downgrade() -> None:
    op.drop_table('intents')
