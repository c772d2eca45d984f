"""search, saved filters, undo and attachments of replies

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

from inbox_app.storage.tables.columns import Json, Moment

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

String = sqlmodel.sql.sqltypes.AutoString
INDEX = {
    'sqlite': (
        "CREATE VIRTUAL TABLE search_index USING fts5(words, content='search_documents',"
        " content_rowid='id', columnsize=0, tokenize=\"ascii tokenchars '_'\")",
        "CREATE TRIGGER search_documents_added AFTER INSERT ON search_documents BEGIN"
        " INSERT INTO search_index (rowid, words) VALUES (new.id, new.words); END",
        "CREATE TRIGGER search_documents_gone AFTER DELETE ON search_documents BEGIN"
        " INSERT INTO search_index (search_index, rowid, words)"
        " VALUES ('delete', old.id, old.words); END",
    ),
    'postgresql': ("CREATE INDEX ix_search_documents_words ON search_documents USING gin (words)",),
}


def upgrade() -> None:
    op.create_table(
        'search_documents',
        sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('tracking_id', String(), nullable=False),
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('at', Moment(), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('replies', sa.Integer(), nullable=False),
        sa.Column('words', sa.Text().with_variant(postgresql.TSVECTOR(), 'postgresql'), nullable=False),
        sa.ForeignKeyConstraint(['tracking_id'], ['inbox_items.tracking_id'], name=op.f('fk_search_documents_tracking_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_search_documents')),
        sa.UniqueConstraint('tracking_id', name=op.f('uq_search_documents_tracking_id')),
    )
    op.create_index('ix_search_documents_user', 'search_documents', ['user_id', 'id'])
    for statement in INDEX[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)
    op.create_table(
        'search_marks',
        sa.Column('user_id', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('change', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_search_marks_user_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('user_id', name=op.f('pk_search_marks')),
    )
    op.create_table(
        'undo_steps',
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('undo_id', String(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('at', Moment(), nullable=False),
        sa.Column('change', sa.BigInteger(), nullable=False),
        sa.Column('items', Json, nullable=True),
        sa.Column('muted', Json, nullable=True),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_undo_steps_user_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('user_id', 'undo_id', 'number', name=op.f('pk_undo_steps')),
    )
    op.create_index('ix_undo_steps_at', 'undo_steps', ['at'])
    op.create_table(
        'saved_filters',
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('id', String(), nullable=False),
        sa.Column('name', String(), nullable=False),
        sa.Column('place', sa.Integer(), nullable=False),
        sa.Column('chosen', Json, nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_saved_filters_user_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('user_id', 'id', name=op.f('pk_saved_filters')),
    )
    op.create_table(
        'attachments',
        sa.Column('id', String(), nullable=False),
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('tracking_id', String(), nullable=False),
        sa.Column('reply_id', String(), nullable=True),
        sa.Column('content_type', String(), nullable=False),
        sa.Column('width', sa.Integer(), nullable=False),
        sa.Column('height', sa.Integer(), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('created_at', Moment(), nullable=False),
        sa.Column('data', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['reply_id'], ['replies.id'], name=op.f('fk_attachments_reply_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['tracking_id'], ['inbox_items.tracking_id'], name=op.f('fk_attachments_tracking_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_attachments_user_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_attachments')),
    )
    op.create_index('ix_attachments_user', 'attachments', ['user_id'])
    op.create_index('ix_attachments_item', 'attachments', ['tracking_id'])
    op.create_index('ix_attachments_reply', 'attachments', ['reply_id'])
    op.create_index('ix_attachments_created', 'attachments', ['created_at'])


def downgrade() -> None:
    for name in ('attachments', 'saved_filters', 'undo_steps', 'search_marks'):
        op.drop_table(name)
    if op.get_bind().dialect.name == 'sqlite':
        op.get_bind().exec_driver_sql('DROP TABLE search_index')
    op.drop_table('search_documents')
