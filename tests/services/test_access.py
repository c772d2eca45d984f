"""Who is asking: keys, credentials, links that work once, sessions that end."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import jwt
import pytest

from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound, Refused, Unauthenticated
from inbox_app.lib import signing
from inbox_app.live.hub import News
from inbox_app.runtime import Runtime
from inbox_app.services import access, environments, housekeeping, users
from tests.clock import SetClock
from tests.factories import make_environment, make_key, make_user

FOREVER = timedelta(days=365)


async def link(rt: Runtime, environment: Environment, user_id: str = "ada") -> str:
    """The token of a fresh sign-in link."""
    return (await access.sign_in_link(rt, environment, user_id)).partition("token=")[2]


async def signed_in(rt: Runtime, environment: Environment, user_id: str = "ada") -> str:
    """The session token of a user who just signed in."""
    return (await access.sign_in(rt, await link(rt, environment, user_id))).token


def forged(token: str, secret: str, **changes: object) -> str:
    claims: dict[str, object] = jwt.decode(token, options={"verify_signature": False})
    # Below `jwt.encode`, which refuses what an attacker does not.
    return jwt.PyJWS().encode(json.dumps(claims | changes).encode(), secret, algorithm="HS256")


# API keys


async def test_a_key_opens_its_environment(runtime: Runtime, environment: Environment):
    key = await make_key(runtime, environment)
    assert await access.by_api_key(runtime, key) == environment


@pytest.mark.parametrize("secret", ["", "pingram_sk_wrong", "é", "x" * 10_000])
async def test_a_wrong_key_opens_nothing(runtime: Runtime, environment: Environment, secret: str):
    await make_key(runtime, environment)
    with pytest.raises(Unauthenticated):
        await access.by_api_key(runtime, secret)


async def test_a_revoked_key_ends_within_five_seconds(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    secret = await make_key(runtime, environment)
    await access.by_api_key(runtime, secret)
    (key,) = await environments.keys(runtime, environment)
    await environments.revoke_key(runtime, key.id)
    clock.advance(seconds=5.1)
    with pytest.raises(Unauthenticated):
        await access.by_api_key(runtime, secret)
    with pytest.raises(NotFound):
        await environments.revoke_key(runtime, key.id)


async def test_a_stored_key_shows_no_secret(runtime: Runtime, environment: Environment):
    secret = await make_key(runtime, environment)
    (key,) = await environments.keys(runtime, environment)
    assert secret.endswith(key.hint)
    assert secret not in repr(key)


# End users' credentials


async def test_without_secure_mode_the_id_is_enough(runtime: Runtime, environment: Environment):
    user = await make_user(runtime, environment, "ada")
    assert (await access.member(runtime, environment, "ada", None)).user == user


async def test_in_secure_mode_only_the_hash_will_do(runtime: Runtime, environment: Environment):
    await environments.set_secure_mode(runtime, environment, True)
    secured = await access.by_client(runtime, environment.client_id)
    proof = signing.end_user_hash(environment.client_secret, "ada")
    assert (await access.member(runtime, secured, "ada", proof)).user.external_id == "ada"
    for wrong in (None, "", proof[:-2] + "x=", signing.end_user_hash("other", "ada")):
        with pytest.raises(Unauthenticated):
            await access.member(runtime, secured, "ada", wrong)
    with pytest.raises(Unauthenticated):
        await access.member(runtime, secured, "ben", proof)


async def test_a_wrong_hash_is_refused_even_where_none_is_needed(
    runtime: Runtime, environment: Environment
):
    with pytest.raises(Unauthenticated):
        await access.member(runtime, environment, "ada", "wrong")


async def test_a_person_nobody_told_of_has_an_empty_inbox(
    runtime: Runtime, environment: Environment
):
    member = await access.member_of(runtime, environment, "new")
    assert (member.user.external_id, member.user.profile.email) == ("new", None)
    assert await users.find(runtime, environment, "new") is None


async def test_an_unknown_client_id_opens_nothing(runtime: Runtime):
    with pytest.raises(Unauthenticated):
        await access.by_client(runtime, "client_unknown")


# Sign-in links


async def test_a_link_signs_in_and_makes_the_user(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    token = await signed_in(runtime, environment, "new")
    viewer = await access.viewer(runtime, token)
    user = await users.find(runtime, environment, "new")
    assert viewer is not None
    assert user is not None
    assert (viewer.user_id, viewer.environment_id) == (user.id, environment.id)
    assert (viewer.view.name, viewer.view.brand) == ("new", "Acme")
    assert user.last_seen_at == clock.now()


async def test_a_link_works_once(runtime: Runtime, environment: Environment):
    token = await link(runtime, environment)
    await access.sign_in(runtime, token)
    with pytest.raises(Refused, match="used before"):
        await access.sign_in(runtime, token)


async def test_of_many_that_follow_a_link_at_once_one_gets_in(
    runtime: Runtime, environment: Environment, settings: Settings, clock: SetClock
):
    token = await link(runtime, environment)
    async with open_runtime(settings, clock) as other:
        tries = await asyncio.gather(
            *(access.sign_in(rt, token) for rt in (runtime, other) * 4), return_exceptions=True
        )
    assert sorted(type(each).__name__ for each in tries) == ["Refused"] * 7 + ["SignedIn"]


async def test_a_link_expires(runtime: Runtime, environment: Environment, clock: SetClock):
    token = await link(runtime, environment)
    clock.advance(minutes=10, seconds=31)
    with pytest.raises(Unauthenticated, match="has expired"):
        await access.sign_in(runtime, token)


async def test_a_used_link_stays_used_until_it_expires(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    token = await link(runtime, environment)
    await access.sign_in(runtime, token)
    clock.advance(minutes=10, seconds=29)
    await housekeeping.tidy(runtime)
    with pytest.raises(Refused, match="used before"):
        await access.sign_in(runtime, token)


async def test_a_link_may_not_live_long(runtime: Runtime, environment: Environment):
    found = await access.sign_in_link(runtime, environment, "ada", FOREVER)
    with pytest.raises(Refused, match="lives too long"):
        await access.sign_in(runtime, found.partition("token=")[2])


async def test_a_demo_link_may_live_for_a_day(runtime: Runtime, clock: SetClock):
    demo = await make_environment(runtime, demo=True)
    found = await access.sign_in_link(runtime, demo, "ada", access.DEMO_LINK)
    clock.advance(hours=23)
    assert (await access.sign_in(runtime, found.partition("token=")[2])).token


async def test_a_link_signed_by_another_environment_is_refused(
    runtime: Runtime, environment: Environment
):
    other = await make_environment(runtime, "Other")
    token = forged(await link(runtime, environment), other.client_secret)
    with pytest.raises(Unauthenticated, match="not valid"):
        await access.sign_in(runtime, token)


@pytest.mark.parametrize("issuer", ["client_unknown", "", "a\0b", "\ud800", 17, None, ["client"]])
async def test_a_link_of_an_unknown_issuer_is_refused(
    runtime: Runtime, environment: Environment, issuer: object
):
    token = forged(await link(runtime, environment), environment.client_secret, iss=issuer)
    with pytest.raises(Unauthenticated, match="not valid"):
        await access.sign_in(runtime, token)


@pytest.mark.parametrize("user_id", ["", "a\0b", "\ud800", "x" * 257])
async def test_a_link_for_no_usable_id_is_refused(
    runtime: Runtime, environment: Environment, user_id: str
):
    token = forged(await link(runtime, environment), environment.client_secret, sub=user_id)
    with pytest.raises(Unauthenticated, match="not valid"):
        await access.sign_in(runtime, token)


@pytest.mark.parametrize("token_id", ["", "a\0b", "\ud800", "x" * 10_000])
async def test_a_link_with_an_odd_id_of_its_own_is_refused(
    runtime: Runtime, environment: Environment, token_id: str
):
    token = forged(await link(runtime, environment), environment.client_secret, jti=token_id)
    with pytest.raises(Unauthenticated, match="not valid"):
        await access.sign_in(runtime, token)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "\0", "." * 5, "x" * 100_000])
async def test_what_is_no_link_is_refused(runtime: Runtime, token: str):
    with pytest.raises(Unauthenticated, match="not valid"):
        await access.sign_in(runtime, token)


# Sessions


async def test_a_session_ends_when_its_time_is_up(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    token = await signed_in(runtime, environment)
    clock.advance(days=runtime.settings.session_days, seconds=-1)
    assert await access.viewer(runtime, token) is not None
    clock.advance(seconds=7)
    assert await access.viewer(runtime, token) is None


async def test_signing_out_ends_the_session_in_every_tab(
    runtime: Runtime, environment: Environment
):
    token, elsewhere = [await signed_in(runtime, environment) for _ in range(2)]
    viewer, other = [await access.viewer(runtime, each) for each in (token, elsewhere)]
    assert viewer is not None
    assert other is not None
    with (
        runtime.hub.subscribe(viewer.user_id, viewer.session_id) as tab,
        runtime.hub.subscribe(viewer.user_id, other.session_id) as elsewhere_tab,
    ):
        await access.sign_out(runtime, token)
        assert await tab.wait(5) == News(0, ended=True)
        assert await elsewhere_tab.wait(0) is None
    assert await access.viewer(runtime, token) is None
    assert await access.viewer(runtime, elsewhere) is not None


async def test_signing_out_twice_or_without_a_session_is_no_error(
    runtime: Runtime, environment: Environment
):
    token = await signed_in(runtime, environment)
    for each in (token, token, "", "unknown"):
        await access.sign_out(runtime, each)


async def test_a_deleted_user_is_signed_out_within_five_seconds(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    token = await signed_in(runtime, environment)
    assert await access.viewer(runtime, token) is not None
    await users.remove(runtime, environment, "ada")
    clock.advance(seconds=5.1)
    assert await access.viewer(runtime, token) is None


async def test_no_token_and_an_unknown_token_are_nobody(runtime: Runtime):
    for token in ("", "unknown", "\0", "é"):
        assert await access.viewer(runtime, token) is None
