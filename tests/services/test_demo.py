"""The demo: a week at a small company, seeded once."""

from __future__ import annotations

import pytest

from inbox_app.domain.feed import Box
from inbox_app.runtime import Runtime
from inbox_app.services import (
    access,
    demo,
    environments,
    first_start,
    inbox,
    next_digests,
    preference_centre,
    users,
)
from inbox_app.services.demo_data import ADA, USERS, WEEK, DemoUser
from inbox_app.storage import deliveries
from tests.pipeline.test_delivering import drain


@pytest.fixture
async def seeded(runtime: Runtime) -> demo.DemoAccess:
    assert await demo.ensure(runtime)
    found = await demo.open_access(runtime)
    assert found is not None
    return found


async def test_the_demo_is_seeded_once(runtime: Runtime, seeded: demo.DemoAccess):
    assert not await demo.ensure(runtime)
    assert await environments.every(runtime) == [seeded.environment]


async def test_the_key_and_every_link_work(runtime: Runtime, seeded: demo.DemoAccess):
    assert await access.by_api_key(runtime, seeded.api_key) == seeded.environment
    for user in USERS:
        token = seeded.links[user.id].partition("token=")[2]
        viewer = await access.viewer(runtime, (await access.sign_in(runtime, token)).token)
        assert viewer is not None
        assert viewer.view.name == user.name


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.id)
async def test_each_inbox_holds_the_week_as_it_is_written(
    runtime: Runtime, seeded: demo.DemoAccess, user: DemoUser
):
    member = await access.member_of(runtime, seeded.environment, user.id)
    page = await inbox.page(runtime, member.user.id, Box.EVERYTHING, limit=100)
    week = WEEK[user.id]
    assert [row.title for row in page.rows] == [item.title for item in week]
    assert page.counts.unseen == sum(item.done == demo.NOT_SEEN for item in week)
    assert page.counts.archived == sum("a" in item.done for item in week if item.done != "new")
    assert [row.replies for row in page.rows] == [len(item.replies) for item in week]


def test_there_are_some_thirty_notifications():
    assert 25 <= sum(map(len, WEEK.values())) <= 40
    assert len({item.title for item in ADA}) > 20


async def test_without_a_demo_there_is_no_access(runtime: Runtime):
    assert await demo.open_access(runtime) is None


async def test_a_first_start_seeds_the_demo(runtime: Runtime):
    assert await first_start.ensure(runtime) is None
    (made,) = await environments.every(runtime)
    assert made.demo
    assert await first_start.ensure(runtime) is None
    assert len(await environments.every(runtime)) == 1


async def test_adas_preferences_show_what_the_centre_can_do(runtime: Runtime):
    await demo.ensure(runtime)
    (environment,) = await environments.every(runtime)
    ada = await users.find(runtime, environment, "ada")
    assert ada
    await drain(runtime)
    async with runtime.database.read() as tx:
        assert await deliveries.dead(tx, environment.id, None, 10) == []
    view = await preference_centre.centre(runtime, ada.id)
    named = [each.name for each in view.categories]
    assert named[:4] == ["Billing", "Deploys", "Projects", "Security"]
    assert [each.kind for each in view.where] == ["email", "number", "device", "slack"]
    assert view.summary.quiet
    assert view.when.breaks_through == ["Sign in alert"]
    assert await next_digests.upcoming(runtime, ada.id)
