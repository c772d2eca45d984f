"""Everything here holds on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from tests.databases import BOTH


@pytest.fixture(params=BOTH)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param
