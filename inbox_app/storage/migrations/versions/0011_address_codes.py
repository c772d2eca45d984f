"""codes by which people prove that an address is theirs

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

from inbox_app.storage.tables.columns import Moment

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'address_codes',
        sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('environment_id', sa.BigInteger(), nullable=False),
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('code_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('made_at', Moment(), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('ended_at', Moment(), nullable=True),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_address_codes_user_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_address_codes')),
    )
    op.create_index('ix_address_codes_user', 'address_codes', ['user_id', 'made_at'], unique=False)
    op.create_index('ix_address_codes_address', 'address_codes', ['environment_id', 'kind', 'address', 'made_at'], unique=False)


def downgrade() -> None:
    op.drop_table('address_codes')
