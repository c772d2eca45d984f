"""Devices and chats of people: whose they are, how they fare, when they are not used any more."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from inbox_app.domain.address import Address
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import MOST_DEVICES, Profile, User
from inbox_app.runtime import Runtime
from inbox_app.services import suppressions, users
from inbox_app.storage import addresses
from inbox_app.storage.addresses import Fared
from tests.clock import SetClock
from tests.databases import BOTH
from tests.factories import make_user, send


@pytest.fixture(params=BOTH)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


def device(token: str, **more: Any) -> dict[str, Any]:
    return {"type": "FCM", "token": token, "device": {"device_id": token}, **more}


def browser(endpoint: str) -> dict[str, Any]:
    return {"sub": {"endpoint": endpoint, "keys": {"p256dh": "p", "auth": "a"}}}


async def found(rt: Runtime, environment: Environment, user_id: str) -> User:
    user = await users.find(rt, environment, user_id)
    assert user is not None
    return user


async def tokens(rt: Runtime, environment: Environment, user_id: str) -> list[str]:
    return list((await found(rt, environment, user_id)).profile.addresses(Channel.PUSH))


async def the_address(rt: Runtime, environment: Environment, user_id: str = "ada") -> Address:
    [address] = (await found(rt, environment, user_id)).profile.given_out
    return address


async def fares(rt: Runtime, user: User, value: str, **how: Any) -> set[int]:
    channel = how.pop("channel", Channel.PUSH)
    at = how.pop("at", rt.clock.now())
    async with rt.database.write() as tx:
        return await addresses.note(tx, [Fared(user.id, channel, value, at, **how)])


async def test_an_application_says_all_devices_there_are(
    runtime: Runtime, environment: Environment
):
    await make_user(runtime, environment, "ada", push_tokens=(device("a"), device("b")))
    await make_user(runtime, environment, "ada", push_tokens=(device("b"), device("c")))
    assert await tokens(runtime, environment, "ada") == ["b", "c"]
    await make_user(runtime, environment, "ada", email="ada@acme.example")
    assert await tokens(runtime, environment, "ada") == ["b", "c"]
    await make_user(runtime, environment, "ada", push_tokens=())
    assert await tokens(runtime, environment, "ada") == []


async def test_a_device_says_only_that_it_is_one_of_them(
    runtime: Runtime, environment: Environment
):
    for token in "abca":
        told = Profile(push_tokens=(device(token),), web_push_tokens=(browser(token),))
        await users.identify(runtime, environment, "ada", told, in_person=True)
    assert await tokens(runtime, environment, "ada") == ["b", "c", "a"]
    user = await found(runtime, environment, "ada")
    assert user.profile.addresses(Channel.WEB_PUSH) == ("b", "c", "a")


async def test_of_too_many_devices_the_oldest_go(runtime: Runtime, environment: Environment):
    many = tuple(device(str(number)) for number in range(MOST_DEVICES))
    await make_user(runtime, environment, "ada", push_tokens=many)
    told = Profile(push_tokens=(device("new"),))
    await users.identify(runtime, environment, "ada", told, in_person=True)
    left = await tokens(runtime, environment, "ada")
    assert (len(left), left[0], left[-1]) == (MOST_DEVICES, "1", "new")


async def test_a_device_is_whose_it_was_told_to_be_last(runtime: Runtime, environment: Environment):
    shared = {"push_tokens": (device("t"),), "web_push_tokens": (browser("e"),)}
    await make_user(runtime, environment, "ada", **shared, slack_channel="#ops")
    await make_user(runtime, environment, "bob", **shared, slack_channel="#ops")
    ada, bob = [await found(runtime, environment, name) for name in ("ada", "bob")]
    assert [each.channel for each in ada.profile.given_out] == [Channel.SLACK]
    assert len(bob.profile.given_out) == 3
    # A send that tells of it says whose it is, too.
    await send(runtime, environment, "ada", profile=Profile(push_tokens=(device("t"),)))
    assert await tokens(runtime, environment, "ada") == ["t"]
    assert await tokens(runtime, environment, "bob") == []


async def test_what_is_told_of_a_device_anew_replaces_what_was_known(
    runtime: Runtime, environment: Environment
):
    await make_user(runtime, environment, "ada", push_tokens=(device("t"),))
    ada = await found(runtime, environment, "ada")
    await fares(runtime, ada, "t")
    newer = device("t", environment="sandbox")
    await make_user(runtime, environment, "ada", push_tokens=(newer,))
    address = await the_address(runtime, environment)
    assert address.details == newer
    assert address.standing.last_success_at == runtime.clock.now()


async def test_a_long_token_is_kept_whole(runtime: Runtime, environment: Environment):
    # Longer than a PostgreSQL index takes.
    token = "\U0001f989" * 4_000
    await make_user(runtime, environment, "ada", push_tokens=(device(token),))
    assert await tokens(runtime, environment, "ada") == [token]


async def test_how_messages_fared_is_kept_whatever_order_it_is_told_in(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    ada = await make_user(runtime, environment, "ada", push_tokens=(device("t"),))
    early, late = clock.now(), clock.advance(minutes=1)
    await fares(runtime, ada, "t", at=late, failure="the later")
    await fares(runtime, ada, "t", at=early, failure="the earlier")
    await fares(runtime, ada, "t", at=early)
    standing = (await the_address(runtime, environment)).standing
    assert (standing.last_failure_at, standing.last_failure) == (late, "the later")
    assert standing.last_success_at == early
    assert await fares(runtime, ada, "unknown", failure="gone", dead="gone") == set()


async def test_a_dead_device_is_not_used_until_it_speaks_again(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    ada = await make_user(runtime, environment, "ada", push_tokens=(device("t"),))
    clock.advance(minutes=1)
    dead = {"failure": "Unregistered", "dead": "Unregistered"}
    assert await fares(runtime, ada, "t", **dead) == {ada.id}
    assert await fares(runtime, ada, "t", **dead) == set()
    address = await the_address(runtime, environment)
    assert (address.disabled, address.standing.disabled_reason) == (True, "Unregistered")
    # What the application has stored says nothing of the device itself.
    await send(runtime, environment, "ada", profile=Profile(push_tokens=(device("t"),)))
    assert (await the_address(runtime, environment)).disabled
    await make_user(runtime, environment, "ada", push_tokens=(device("t"),))
    assert not (await the_address(runtime, environment)).disabled


async def test_a_device_that_spoke_after_it_was_found_dead_is_used(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    before = clock.now()
    clock.advance(minutes=1)
    ada = await make_user(runtime, environment, "ada", push_tokens=(device("t"),))
    dead = {"failure": "Unregistered", "dead": "Unregistered", "dead_since": before}
    assert await fares(runtime, ada, "t", **dead) == set()
    assert not (await the_address(runtime, environment)).disabled


async def test_lifting_a_suppression_lets_devices_be_used_again(
    runtime: Runtime, environment: Environment
):
    ada = await make_user(runtime, environment, "ada", push_tokens=(device("t"),))
    await fares(runtime, ada, "t", failure="gone", dead="gone")
    await suppressions.lift(runtime, environment, "ada", Channel.PUSH)
    assert not (await the_address(runtime, environment)).disabled


async def test_of_two_who_are_told_of_a_device_at_once_one_has_it(
    runtime: Runtime, environment: Environment
):
    for round_ in range(5):
        shared = (device(f"t{round_}"), device(f"u{round_}"))
        names = [f"ada{round_}", f"bob{round_}"]
        await asyncio.gather(
            *(
                send(runtime, environment, name, profile=Profile(push_tokens=shared))
                for name in names
            ),
            *(make_user(runtime, environment, name, push_tokens=shared) for name in names),
        )
        have = [set(await tokens(runtime, environment, name)) for name in names]
        assert not have[0] & have[1]
        assert have[0] | have[1] == {f"t{round_}", f"u{round_}"}


async def test_of_two_applications_that_say_all_there_is_the_last_counts(
    runtime: Runtime, environment: Environment
):
    for round_ in range(5):
        who = f"user{round_}"
        await make_user(runtime, environment, who, push_tokens=(device(f"first{round_}"),))
        await asyncio.gather(
            *(
                make_user(runtime, environment, who, push_tokens=(device(f"{name}{round_}"),))
                for name in "abc"
            )
        )
        assert len(await tokens(runtime, environment, who)) == 1


async def test_a_new_token_for_slack_brings_its_chat_back(
    runtime: Runtime, environment: Environment
):
    ada = await make_user(runtime, environment, "ada", slack_channel="#ops", slack_token="first")
    dead = {"channel": Channel.SLACK, "failure": "revoked", "dead": "token_revoked"}
    await fares(runtime, ada, "#ops", **dead)
    assert (await the_address(runtime, environment)).disabled
    await make_user(runtime, environment, "ada", slack_token="second")
    address = await the_address(runtime, environment)
    assert (address.value, address.secret, address.disabled) == ("#ops", "second", False)
