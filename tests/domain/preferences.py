"""Preferences and types of every shape, for properties."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import strategies as st

from inbox_app.domain.delivery_option import (
    ChannelOptions,
    DeliveryOption,
    DigestTime,
    MonthDay,
)
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.preference import Preferences
from inbox_app.domain.quiet_hours import QuietHours, Span

channels = st.sampled_from(Channel)
options = st.sampled_from(DeliveryOption)
# Few, so that they meet; some that a pointer or a path would stumble over.
names = st.sampled_from(["order_shipped", "a.b", "a/b", "~0", "Ünï", " "])
subs = st.sampled_from(["returns", "x.y", "channels"])
clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
choices = st.dictionaries(channels, options, min_size=1, max_size=3)
preferences = st.builds(
    Preferences,
    cells=st.dictionaries(
        names,
        st.dictionaries(st.just("") | subs, choices, min_size=1, max_size=3),
        max_size=3,
    ),
    channels=st.dictionaries(channels, st.booleans(), max_size=3),
    times=st.none() | st.builds(DigestTime, clocks, st.integers(0, 6), st.sampled_from(MonthDay)),
    quiet=st.none()
    | st.builds(
        QuietHours,
        st.dictionaries(st.integers(0, 6), st.builds(Span, clocks, clocks), min_size=1),
    ),
    paused_until=st.none() | st.datetimes(datetime(2026, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    escalation=st.none() | st.integers(0, 60 * 24 * 366).map(lambda m: timedelta(minutes=m)),
)
kinds = st.builds(
    NotificationType,
    id=st.just(1),
    environment_id=st.just(1),
    name=names,
    title=st.just("Title"),
    channels=st.just(()),
    required=st.booleans(),
    options=st.dictionaries(
        channels, st.builds(ChannelOptions, options, st.frozensets(options)), max_size=4
    ),
)
