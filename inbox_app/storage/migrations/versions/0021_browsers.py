"""the session a browser's subscription goes with

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('addresses') as batch:
        batch.add_column(sa.Column('session_id', sa.BigInteger(), nullable=True))
        batch.create_foreign_key(
            'fk_addresses_session_id', 'sessions', ['session_id'], ['id'], ondelete='CASCADE'
        )
    op.create_index('ix_addresses_session_id', 'addresses', ['session_id'])


def downgrade() -> None:
    op.drop_index('ix_addresses_session_id', 'addresses')
    with op.batch_alter_table('addresses') as batch:
        batch.drop_constraint('fk_addresses_session_id', type_='foreignkey')
        batch.drop_column('session_id')
