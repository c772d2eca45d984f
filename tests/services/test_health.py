"""Health: the database answers and has the newest schema."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from inbox_app.domain.errors import Unavailable
from inbox_app.runtime import Runtime
from inbox_app.services import health


async def test_a_migrated_database_is_fine(runtime: Runtime):
    await health.check(runtime)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE alembic_version SET version_num = '0000'", "at schema 0000"),
        ("DROP TABLE alembic_version", "at schema nothing"),
    ],
)
async def test_another_schema_is_told_with_what_to_do(runtime: Runtime, statement: str, told: str):
    async with runtime.database.write() as tx:
        await tx.execute(text(statement))
    with pytest.raises(Unavailable, match=told) as refused:
        await health.check(runtime)
    assert "inbox migrate" in refused.value.fix
