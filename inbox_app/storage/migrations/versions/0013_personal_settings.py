"""people's own settings, the browsers they signed in with, how an environment looks

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')
    op.add_column('users', sa.Column('settings', json, nullable=True))
    op.add_column('sessions', sa.Column('user_agent', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column('sessions', sa.Column('last_used_at', sa.BigInteger(), nullable=True))
    op.add_column('environments', sa.Column('look', json, nullable=True))


def downgrade() -> None:
    op.drop_column('environments', 'look')
    op.drop_column('sessions', 'last_used_at')
    op.drop_column('sessions', 'user_agent')
    op.drop_column('users', 'settings')
