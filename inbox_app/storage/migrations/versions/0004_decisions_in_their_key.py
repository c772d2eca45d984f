"""decisions in their key

Revision ID: 0004
Revises: 0003

SQLite kept each decision twice: in its table and, by key, in an index. One tree is enough.
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

import inbox_app.storage.tables.columns

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

NAMES = 'tracking_id, channel, outcome, rule, sentence, due_at'


def upgrade() -> None:
    _rebuild(sqlite_with_rowid=False)


def downgrade() -> None:
    _rebuild(sqlite_with_rowid=True)


def _rebuild(*, sqlite_with_rowid: bool) -> None:
    if op.get_bind().dialect.name != 'sqlite':
        return
    op.rename_table('decisions', 'decisions_before')
    op.create_table('decisions',
    sa.Column('tracking_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('channel', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('outcome', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('rule', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sentence', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('due_at', inbox_app.storage.tables.columns.Moment(), nullable=True),
    sa.ForeignKeyConstraint(['tracking_id'], ['notifications.tracking_id'], name=op.f('fk_decisions_tracking_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tracking_id', 'channel', name=op.f('pk_decisions')),
    sqlite_with_rowid=sqlite_with_rowid
    )
    op.execute(f'INSERT INTO decisions ({NAMES}) SELECT {NAMES} FROM decisions_before')
    op.drop_table('decisions_before')
