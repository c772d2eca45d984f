"""who renews the secret of an address, and until when

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('addresses', sa.Column('renewing_until', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column('addresses', 'renewing_until')
