"""what became part of an item, and when what was scheduled is due

Revision ID: 0007
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('inbox_items', sa.Column('batch_size', sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column('inbox_items', 'batch_size')
