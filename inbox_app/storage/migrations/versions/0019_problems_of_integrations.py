"""what only an operator can mend about an integration

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        'integrations', sa.Column('problem', sa.String(), nullable=False, server_default='')
    )


def downgrade() -> None:
    op.drop_column('integrations', 'problem')
