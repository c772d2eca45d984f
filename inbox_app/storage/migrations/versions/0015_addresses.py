"""addresses one by one, each with how it fares

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')
PORTION = 1_000
TEXT = sqlmodel.sql.sqltypes.AutoString
OLD = {'push_tokens': JSON, 'web_push_tokens': JSON, 'slack_channel': TEXT(), 'slack_token_sealed': TEXT()}
USERS = sa.table(
    'users',
    *(sa.column(name, sa.BigInteger()) for name in ('id', 'environment_id', 'updated_at')),
    *(sa.column(name, kind) for name, kind in OLD.items()),
)
ADDRESSES = sa.table(
    'addresses',
    *(sa.column(name, sa.BigInteger()) for name in ('user_id', 'environment_id', 'position', 'told_at')),
    *(
        sa.column(name, TEXT())
        for name in ('channel', 'key', 'value', 'secret_sealed', 'last_failure', 'disabled_reason')
    ),
    sa.column('details', JSON),
)
ONE_OWNER = """
DELETE FROM addresses WHERE channel <> 'SLACK' AND EXISTS (
    SELECT 1 FROM addresses AS other
    WHERE other.environment_id = addresses.environment_id AND other.channel = addresses.channel
        AND other.key = addresses.key AND other.user_id <> addresses.user_id
        AND (other.told_at > addresses.told_at
            OR other.told_at = addresses.told_at AND other.user_id > addresses.user_id)
)
"""


def upgrade() -> None:
    op.create_table(
        'addresses',
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('channel', TEXT(), nullable=False),
        sa.Column('key', TEXT(), nullable=False),
        sa.Column('environment_id', sa.BigInteger(), nullable=False),
        sa.Column('value', TEXT(), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('details', JSON, nullable=True),
        sa.Column('secret_sealed', TEXT(), nullable=True),
        sa.Column('told_at', sa.BigInteger(), nullable=True),
        sa.Column('last_success_at', sa.BigInteger(), nullable=True),
        sa.Column('last_failure_at', sa.BigInteger(), nullable=True),
        sa.Column('last_failure', TEXT(), nullable=False),
        sa.Column('disabled_at', sa.BigInteger(), nullable=True),
        sa.Column('disabled_reason', TEXT(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_addresses_user_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('user_id', 'channel', 'key', name=op.f('pk_addresses')),
    )
    op.create_index('ix_addresses_key', 'addresses', ['key'])
    _move()
    where = sa.text("channel IN ('PUSH', 'WEB_PUSH')")
    op.create_index(
        'uq_addresses_device',
        'addresses',
        ['environment_id', 'channel', 'key'],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
    for name in OLD:
        op.drop_column('users', name)


def _move() -> None:
    """Takes the addresses of all users over; of a device that several had, the latest keeps it."""
    connection = op.get_bind()
    for found in _portions(USERS, USERS.c.id):
        values = [each for row in found for each in _addresses(row)]
        if values:
            connection.execute(sa.insert(ADDRESSES), values)
    connection.execute(sa.text(ONE_OWNER))


def _portions(rows: sa.TableClause, key: sa.ColumnElement[int]) -> Iterator[Sequence[sa.RowMapping]]:
    last = -1
    while True:
        query = sa.select(rows).where(key > last).order_by(key).limit(PORTION)
        found = op.get_bind().execute(query).mappings().all()
        if not found:
            return
        yield found
        last = found[-1][key.key]


def _addresses(row: sa.RowMapping) -> Iterator[dict[str, Any]]:
    tokens = {str(each.get('token', '')): each for each in row['push_tokens'] or ()}
    browsers = {str(each.get('sub', {}).get('endpoint', '')): each for each in row['web_push_tokens'] or ()}
    for channel, known in (('PUSH', tokens), ('WEB_PUSH', browsers)):
        for position, (value, details) in enumerate(known.items()):
            yield _values(row, channel, value, position, details, None)
    if row['slack_channel'] or row['slack_token_sealed']:
        yield _values(row, 'SLACK', row['slack_channel'] or '', 0, None, row['slack_token_sealed'])


def _values(
    row: sa.RowMapping, channel: str, value: str, position: int, details: Any, secret: str | None
) -> dict[str, Any]:
    return {
        'user_id': row['id'],
        'environment_id': row['environment_id'],
        'channel': channel,
        'key': hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()[:32],
        'value': value,
        'position': position,
        'details': details,
        'secret_sealed': secret,
        'told_at': row['updated_at'],
        'last_failure': '',
        'disabled_reason': '',
    }


def downgrade() -> None:
    """How addresses fared is lost."""
    for name, kind in OLD.items():
        op.add_column('users', sa.Column(name, kind, nullable=True))
    connection = op.get_bind()
    for found in _portions(USERS, USERS.c.id):
        people = [row['id'] for row in found]
        query = sa.select(ADDRESSES).where(ADDRESSES.c.user_id.in_(people))
        known: dict[int, dict[str, Any]] = {}
        for row in connection.execute(query.order_by(ADDRESSES.c.position)).mappings():
            _take_back(known.setdefault(row['user_id'], dict.fromkeys(OLD)), row)
        for key, values in known.items():
            connection.execute(sa.update(USERS).where(USERS.c.id == key).values(values))
    op.drop_index('uq_addresses_device', 'addresses')
    op.drop_index('ix_addresses_key', 'addresses')
    op.drop_table('addresses')


def _take_back(values: dict[str, Any], row: sa.RowMapping) -> None:
    if row['channel'] == 'SLACK':
        values |= {'slack_channel': row['value'] or None, 'slack_token_sealed': row['secret_sealed']}
        return
    name = 'push_tokens' if row['channel'] == 'PUSH' else 'web_push_tokens'
    values[name] = [*(values[name] or ()), row['details']]
