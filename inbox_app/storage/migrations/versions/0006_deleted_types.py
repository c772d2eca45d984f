"""deleted types

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('notification_types', sa.Column('former_name', sqlmodel.sql.sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    # Another type may have the name by now.
    op.execute("UPDATE notification_types SET name = former_name || ' (deleted ' || id || ')' WHERE former_name IS NOT NULL")
    op.drop_column('notification_types', 'former_name')
