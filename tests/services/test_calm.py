"""What an empty inbox tells: what was done today, the next summary, and a test to look at."""

from __future__ import annotations

from datetime import timedelta

import pytest

from inbox_app.domain.act import Act
from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Refused, Unavailable
from inbox_app.domain.feed import Box
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile, User
from inbox_app.runtime import Runtime
from inbox_app.services import inbox, preferences, trying
from inbox_app.services.calm import calm
from tests.clock import SetClock
from tests.factories import make_type, make_user, send


@pytest.fixture
async def ada(runtime: Runtime, environment: Environment) -> User:
    return await make_user(runtime, environment, "ada")


async def test_what_was_archived_today_is_counted_unless_it_came_back(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    yesterday, one, other, back = [await send(runtime, environment) for _ in range(4)]
    await inbox.perform(runtime, ada.id, Act.ARCHIVE, [yesterday])
    clock.advance(hours=1)
    began = clock.now()
    await inbox.perform(runtime, ada.id, Act.ARCHIVE, [one, other, back])
    await inbox.perform(runtime, ada.id, Act.RESTORE, [back])
    found = await calm(runtime, ada.id, began)
    assert (found.cleared, found.channel, found.due) == (2, "", "")
    assert (await calm(runtime, ada.id, began - timedelta(hours=1))).cleared == 3


async def test_a_day_is_no_longer_than_a_day(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    await inbox.perform(runtime, ada.id, Act.ARCHIVE, [await send(runtime, environment)])
    began = clock.now()
    clock.advance(hours=27)
    assert (await calm(runtime, ada.id, began)).cleared == 0


async def test_the_next_summary_is_told(runtime: Runtime, environment: Environment, ada: User):
    both = (Channel.INAPP_WEB, Channel.EMAIL)
    offered = {Channel.EMAIL: ChannelOptions(offered=frozenset(DeliveryOption))}
    await make_type(runtime, environment, channels=both, options=offered)
    daily = {"types": {"order_shipped": {"channels": {"EMAIL": "daily"}}}}
    await preferences.patch(runtime, environment, "ada", daily, by="user")
    await send(
        *(runtime, environment),
        channels_with_content=both,
        content={Channel.EMAIL: {"subject": "Shipped", "html": "<p>Yes</p>"}},
        profile=Profile(email="ada@example.org"),
    )
    found = await calm(runtime, ada.id, runtime.clock.now())
    assert found.channel == "EMAIL"
    assert found.due > runtime.clock.now().isoformat()


@pytest.mark.parametrize(
    ("language", "title"), [("de", "Dies ist ein Test"), ("", "This is a test")]
)
async def test_a_test_arrives_like_any_other(
    runtime: Runtime, environment: Environment, ada: User, language: str, title: str
):
    tracking_id = await trying.send_test(runtime, ada.id, language)
    (row,) = (await inbox.page(runtime, ada.id, Box.ALL)).rows
    assert (row.id, row.title, row.type_name) == (tracking_id, title, "test")
    assert row.unread


async def test_there_is_one_test_a_minute_and_person(
    runtime: Runtime, environment: Environment, ada: User, clock: SetClock
):
    ben = await make_user(runtime, environment, "ben")
    await trying.send_test(runtime, ada.id)
    with pytest.raises(Unavailable):
        await trying.send_test(runtime, ada.id)
    await trying.send_test(runtime, ben.id)
    clock.advance(minutes=1)
    await trying.send_test(runtime, ada.id)
    assert (await inbox.state(runtime, ada.id)).counters.active == 2


async def test_who_switched_tests_off_is_told(
    runtime: Runtime, environment: Environment, ada: User
):
    await make_type(runtime, environment, name="test")
    off = {"types": {"test": {"channels": {"INAPP_WEB": "off"}}}}
    await preferences.patch(runtime, environment, "ada", off, by="user")
    with pytest.raises(Refused):
        await trying.send_test(runtime, ada.id)
    assert (await inbox.page(runtime, ada.id, Box.EVERYTHING)).rows == []
