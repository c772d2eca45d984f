"""Time on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.lib.clock import SystemClock, iso, parse_moment

NINE = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def test_the_machine_tells_utc():
    assert SystemClock().now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T09:30:00Z",
        "2026-01-31T09:30:00.000Z",
        "2026-01-31T09:30:00",
        "2026-01-31T10:30:00+01:00",
        "2026-01-31 09:30",
        "1769851800",
        "1769851800000",
        "1769851800.0",
    ],
)
def test_one_moment_in_many_spellings(text: str):
    assert parse_moment(text) == NINE


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_reads_back_to_the_millisecond(moment: datetime):
    assert abs(parse_moment(iso(moment)) - moment) < timedelta(milliseconds=1)


@given(
    st.text()
    | st.floats().map(str)
    | st.integers().map(str)
    | st.datetimes(timezones=st.timezones()).map(datetime.isoformat)
)
def test_any_text_is_a_moment_in_utc_or_refused(text: str):
    try:
        moment = parse_moment(text)
    except ValueError:
        return
    assert moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "nan", "inf", "-inf", "1e400", "9" * 400, "2026-13-01", "2026-02-30T00:00"),
        # In the calendar, but not once they are in UTC.
        *("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"),
    ],
)
def test_what_is_not_a_moment_is_refused(text: str):
    with pytest.raises(ValueError):  # noqa: PT011 - any message, the API writes its own
        parse_moment(text)


def test_iso_tells_utc_whatever_the_zone():
    assert iso(NINE.astimezone(timezone(timedelta(hours=5)))) == "2026-01-31T09:30:00.000Z"
