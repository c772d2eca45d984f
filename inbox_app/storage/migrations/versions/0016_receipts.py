"""what providers report

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')
TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        'receipts',
        sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('integration_id', sa.BigInteger(), nullable=False),
        sa.Column('key', TEXT(), nullable=False),
        sa.Column('kind', TEXT(), nullable=False),
        sa.Column('at', sa.BigInteger(), nullable=False),
        sa.Column('received_at', sa.BigInteger(), nullable=False),
        sa.Column('delivery_id', sa.BigInteger(), nullable=True),
        sa.Column('message_id', TEXT(), nullable=False),
        sa.Column('address', TEXT(), nullable=False),
        sa.Column('data', JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ['integration_id'], ['integrations.id'], name=op.f('fk_receipts_integration_id'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(
            ['delivery_id'], ['deliveries.id'], name=op.f('fk_receipts_delivery_id'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_receipts')),
        sa.UniqueConstraint('integration_id', 'key', name=op.f('uq_receipts_integration_id_key')),
    )
    op.create_index('ix_receipts_delivery', 'receipts', ['delivery_id'])
    op.create_index('ix_receipts_received', 'receipts', ['received_at'])
    _partial('ix_receipts_unmatched', 'receipts', ['integration_id', 'message_id'], 'delivery_id IS NULL')
    _partial('ix_receipts_wishes', 'receipts', ['integration_id', 'address'], "kind IN ('unsubscribed', 'resubscribed')")
    _partial('ix_deliveries_message', 'deliveries', ['integration_id', 'message_id'], "message_id <> ''")
    _partial('ix_deliveries_text', 'deliveries', ['environment_id', 'address', 'id'], "channel = 'SMS'")


def _partial(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index('ix_deliveries_text', 'deliveries')
    op.drop_index('ix_deliveries_message', 'deliveries')
    op.drop_table('receipts')
