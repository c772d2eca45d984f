"""which report each proof of a provider came with

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'used_proofs',
        sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('report', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('until', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_used_proofs')),
    )
    op.create_index('ix_used_proofs_until', 'used_proofs', ['until'])


def downgrade() -> None:
    op.drop_table('used_proofs')
