"""How far ahead a moment may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from inbox_app.domain.horizon import within_horizon

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "near"),
    [
        (NOW, True),
        (datetime.min.replace(tzinfo=UTC), True),
        (datetime(2036, 3, 2, 9, 30, tzinfo=UTC), True),
        (datetime(2036, 3, 3, 9, 30, tzinfo=UTC) + timedelta(seconds=1), False),
        (datetime.max.replace(tzinfo=UTC), False),
    ],
)
def test_ten_years_ahead_is_near_enough_and_more_is_not(moment: datetime, near: bool):
    assert within_horizon(moment, NOW) is near
