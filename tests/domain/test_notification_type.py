"""Notification types: names people read."""

from __future__ import annotations

import pytest

from inbox_app.domain.notification_type import Channel, title_from_name


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("order_shipped", "Order shipped"),
        ("invoice.due-soon", "Invoice due soon"),
        ("Alert", "Alert"),
        ("___", "___"),
        ("通知", "通知"),
    ],
)
def test_a_type_made_on_the_fly_gets_a_readable_title(name: str, title: str):
    assert title_from_name(name) == title


def test_every_channel_has_a_name_people_read():
    assert all(channel.label for channel in Channel)
