"""Users: identified, merged, listed, deleted."""

from __future__ import annotations

import asyncio

import pytest

from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound
from inbox_app.domain.user import Profile, User
from inbox_app.runtime import Runtime
from inbox_app.services import access, account, erasing, housekeeping, inbox, users
from tests.clock import SetClock
from tests.factories import make_environment, make_user, send
from tests.services.test_inbox import counted


async def test_identifying_makes_a_user_and_then_merges(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    made = await make_user(runtime, environment, "ada", email="a@acme.example", number="+1")
    later = clock.advance(hours=1)
    found = await make_user(runtime, environment, "ada", email="b@acme.example")
    assert found.id == made.id
    assert (found.profile.email, found.profile.number) == ("b@acme.example", "+1")
    assert (found.created_at, found.updated_at, found.last_seen_at) == (
        made.created_at,
        later,
        later,
    )
    assert await users.find(runtime, environment, "ada") == found


async def test_everything_known_of_a_user_comes_back(runtime: Runtime, environment: Environment):
    profile = Profile(
        email="ada@acme.example",
        number="+491700000",
        timezone="Europe/Berlin",
        push_tokens=({"type": "FCM", "token": "t", "device": {"device_id": "d"}},),
        web_push_tokens=({"sub": {"endpoint": "e", "keys": {"p256dh": "p", "auth": "a"}}},),
        slack_channel="#ops",
        slack_token="sealed",
        properties={"name": "Ada", "plan": 3.5, "paying": True},
    )
    await users.identify(runtime, environment, "ada", profile)
    found = await users.find(runtime, environment, "ada")
    assert found is not None
    assert found.profile == profile


async def test_what_two_callers_say_at_once_is_both_known(
    runtime: Runtime, environment: Environment
):
    for n in range(5):
        user_id = f"u{n}"
        await make_user(runtime, environment, user_id)
        await asyncio.gather(
            make_user(runtime, environment, user_id, email="a@acme.example"),
            make_user(runtime, environment, user_id, number="+1"),
            make_user(runtime, environment, user_id, properties={"a": True}),
            make_user(runtime, environment, user_id, properties={"b": True}),
        )
        found = await users.find(runtime, environment, user_id)
        assert found is not None
        assert (found.profile.email, found.profile.number) == ("a@acme.example", "+1")
        assert found.profile.properties == {"a": True, "b": True}


async def test_one_person_identified_many_times_at_once_is_one_user(
    runtime: Runtime, environment: Environment
):
    made = await asyncio.gather(*(make_user(runtime, environment, "new") for _ in range(10)))
    assert len({user.id for user in made}) == 1


async def test_pages_of_users_joined_are_all_users(runtime: Runtime, environment: Environment):
    names = sorted(["a", "B", "c/d", "é", "z", "10", "9", "a b", "\U0001f600"])
    for name in names:
        await make_user(runtime, environment, name)
    await make_user(runtime, await make_environment(runtime, "Other"), "stranger")
    found: list[str] = []
    after = ""
    while True:
        page = await users.page(runtime, environment, 2, after)
        found += [user.external_id for user in page.users]
        if not page.more:
            break
        after = found[-1]
    assert sorted(found) == names
    assert len(found) == len(names)


@pytest.mark.parametrize(("limit", "count"), [(-1, 1), (0, 1), (2, 2), (10**9, 3)])
async def test_a_page_has_at_least_one_user_and_never_too_many(
    runtime: Runtime, environment: Environment, limit: int, count: int
):
    for name in "abc":
        await make_user(runtime, environment, name)
    assert len((await users.page(runtime, environment, limit, "")).users) == count


async def test_an_unknown_user_cannot_be_deleted(runtime: Runtime, environment: Environment):
    other = await make_environment(runtime, "Other")
    await make_user(runtime, other, "ada")
    with pytest.raises(NotFound):
        await users.remove(runtime, environment, "ada")
    assert await users.find(runtime, other, "ada") is not None


async def test_a_deleted_user_who_comes_back_is_somebody_new(
    runtime: Runtime, environment: Environment
):
    before = await make_user(runtime, environment, "ada", email="a@acme.example")
    await users.remove(runtime, environment, "ada")
    after = await make_user(runtime, environment, "ada")
    assert after.id != before.id
    assert after.profile == Profile()


async def test_while_somebody_is_deleted_others_get_their_turn(
    runtime: Runtime, environment: Environment, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(erasing, "PORTION", 1)
    await asyncio.gather(*(send(runtime, environment, "ada") for _ in range(40)))
    deletion = asyncio.create_task(users.remove(runtime, environment, "ada"))
    turns = 0
    while not deletion.done():
        await send(runtime, environment, "ben")
        turns += 1
    await deletion
    assert turns > 5


async def broken_off(rt: Runtime, environment: Environment, user: User) -> None:
    """Deletes a user with sixty notifications, but not to the end."""
    await asyncio.gather(*(send(rt, environment, user.external_id) for _ in range(60)))
    deletion = asyncio.create_task(users.remove(rt, environment, user.external_id))
    async with asyncio.timeout(20):
        while (await inbox.state(rt, user.id)).counters.active == 60:
            pass
    deletion.cancel()
    await asyncio.wait([deletion])


async def test_a_deletion_that_broke_off_leaves_a_sound_inbox_and_can_be_asked_for_again(
    runtime: Runtime, environment: Environment, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(erasing, "PORTION", 2)
    ada = await make_user(runtime, environment, "ada")
    link = await access.sign_in_link(runtime, environment, "ada")
    token = (await access.sign_in(runtime, link.partition("token=")[2])).token
    await broken_off(runtime, environment, ada)
    counters = (await inbox.state(runtime, ada.id)).counters
    assert 0 < counters.active < 60
    assert counters == await counted(runtime, ada)
    assert await access.viewer(runtime, token) is None
    await users.remove(runtime, environment, "ada")
    assert await users.find(runtime, environment, "ada") is None
    assert (await counted(runtime, ada)).active == 0


async def test_a_deletion_that_broke_off_is_ended_by_housekeeping(
    runtime: Runtime, environment: Environment, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(erasing, "PORTION", 2)
    ada, ben = [await make_user(runtime, environment, name) for name in ("ada", "ben")]
    await account.set_language(runtime, ben.id, "de")
    await broken_off(runtime, environment, ada)
    assert await users.find(runtime, environment, "ada") is not None
    await housekeeping.tidy(runtime)
    assert await users.find(runtime, environment, "ada") is None
    assert (await counted(runtime, ada)).active == 0
    assert await users.find(runtime, environment, "ben") is not None
