"""What people connected by themselves: moved without losing a token, and who shares it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inbox_app.domain.connected_chat import ConnectedChat
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile, User
from inbox_app.runtime import Runtime
from inbox_app.storage import addresses, chats, users
from tests.databases import BOTH
from tests.factories import make_environment, make_user

CHAT = ConnectedChat("A1", "T1", "Acme")

pytestmark = pytest.mark.parametrize("backend", BOTH)


async def connected(
    rt: Runtime, environment: Environment, name: str, chat: ConnectedChat = CHAT
) -> User:
    user = await make_user(rt, environment, name)
    profile = replace(user.profile, slack_token="old", slack_connected=chat.as_details())
    async with rt.database.write() as tx:
        await users.save(tx, [replace(user, profile=profile)])
    return user


async def profile_of(rt: Runtime, user: User) -> Profile:
    async with rt.database.read() as tx:
        found = await users.get(tx, user.id)
    assert found is not None
    return found.profile


async def test_a_token_that_is_renewed_meanwhile_goes_along(
    runtime: Runtime, environment: Environment
):
    user, now = await connected(runtime, environment, "ada"), runtime.clock.now()
    moved = replace(CHAT, place="#general")
    async with runtime.database.write() as tx:
        assert await addresses.renew(tx, user.id, Channel.SLACK, ("old", "new"))
        assert await chats.move(tx, user.id, "C1", moved.as_details(), now)
    profile = await profile_of(runtime, user)
    [address] = profile.reached(Channel.SLACK)
    assert (address.value, address.secret) == ("C1", "new")
    assert ConnectedChat.of(address) == moved


async def test_one_that_is_renewed_afterwards_finds_its_address(
    runtime: Runtime, environment: Environment
):
    user, now = await connected(runtime, environment, "ada"), runtime.clock.now()
    async with runtime.database.write() as tx:
        assert await chats.move(tx, user.id, "C1", CHAT.as_details(), now)
        assert await addresses.renew(tx, user.id, Channel.SLACK, ("old", "new"))
    assert (await profile_of(runtime, user)).slack_token == "new"


async def test_what_an_application_told_of_is_not_moved(runtime: Runtime, environment: Environment):
    user = await make_user(runtime, environment, "ada", slack_channel="#ada")
    async with runtime.database.write() as tx:
        assert not await chats.move(tx, user.id, "C1", CHAT.as_details(), runtime.clock.now())
    assert (await profile_of(runtime, user)).slack_channel == "#ada"


async def test_who_shares_a_workspace(runtime: Runtime, environment: Environment):
    ada = await connected(runtime, environment, "ada")
    await connected(runtime, environment, "ben", replace(CHAT, team_id="T2"))
    await connected(runtime, environment, "eve", replace(CHAT, app_id="A2"))
    await make_user(runtime, environment, "joe", slack_channel="#joe")
    async with runtime.database.read() as tx:
        assert not await chats.is_shared(tx, ada.id, "A1", "T1")
    other = await make_environment(runtime, "Other")
    await connected(runtime, other, "ada")
    async with runtime.database.read() as tx:
        assert await chats.is_shared(tx, ada.id, "A1", "T1")
