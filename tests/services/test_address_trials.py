"""Tests that people send to their own addresses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from inbox_app.domain.delivery import Suppression, SuppressionReason
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound, Refused
from inbox_app.domain.failure import Failure
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import User
from inbox_app.runtime import Runtime
from inbox_app.services import address_trials, preference_centre
from inbox_app.services.centre_views import AddressView
from inbox_app.storage import outbox
from tests.clock import SetClock
from tests.databases import BOTH
from tests.factories import make_user
from tests.pipeline.test_delivering import captured, integrate
from tests.standins.smtp import SmtpStandIn, Step

EVERYWHERE = {
    "email": "ada@acme.example",
    "number": "+4915155501990",
    "push_tokens": ({"type": "FCM", "token": "one", "device": {"model": "P8"}},),
    "web_push_tokens": ({"sub": {"endpoint": "https://push.example/1"}},),
    "slack_channel": "#ada",
}


@pytest.fixture
async def ada(runtime: Runtime, environment: Environment) -> User:
    return await make_user(runtime, environment, "ada", **EVERYWHERE)


async def addresses(rt: Runtime, user: User) -> dict[str, AddressView]:
    view = await preference_centre.centre(rt, user.id)
    return {each.kind: each for each in view.where}


@pytest.mark.parametrize("backend", BOTH)
async def test_a_test_goes_to_every_kind_of_address_and_is_the_last_that_came(
    runtime: Runtime, environment: Environment, ada: User
):
    known = await addresses(runtime, ada)
    assert set(known) == {"email", "number", "device", "browser", "slack"}
    for each in known.values():
        assert each.last == ""
        assert await address_trials.send(runtime, ada.id, each.key, language="de")
    kept = {each.channel: each for each in await captured(runtime, environment)}
    assert kept[Channel.EMAIL].to == "ada@acme.example"
    assert kept[Channel.EMAIL].fields["subject"] == "Ein Test von Acme"
    assert kept[Channel.SMS].to == "+4915155501990"
    assert set(kept) == set(Channel) - {Channel.INAPP_WEB, Channel.CALL}
    assert all(each.last for each in (await addresses(runtime, ada)).values())


async def test_what_failed_is_told_until_something_arrives(
    runtime: Runtime, environment: Environment, clock: SetClock, ada: User
):
    with SmtpStandIn() as server:
        await integrate(runtime, environment, server)
        server.script(Step.RCPT, "452 4.2.2 The mailbox is full")
        key = (await addresses(runtime, ada))["email"].key
        assert not await address_trials.send(runtime, ada.id, key)
        failing = (await addresses(runtime, ada))["email"]
        assert failing.failure == Failure.PASSING
        assert "The mailbox is full" in failing.failure_detail
        assert (failing.failure_at, failing.last) == ("2026-03-02T09:30:00Z", "")
        clock.advance(minutes=1)
        assert await address_trials.send(runtime, ada.id, key)
        mended = (await addresses(runtime, ada))["email"]
        assert (mended.failure, mended.last) == ("", "2026-03-02T09:31:00Z")


async def test_tests_are_few(runtime: Runtime, clock: SetClock, ada: User):
    key = (await addresses(runtime, ada))["email"].key
    await address_trials.send(runtime, ada.id, key)
    with pytest.raises(Refused, match="just been sent"):
        await address_trials.send(runtime, ada.id, key)
    for _ in range(address_trials.MOST - 1):
        clock.advance(seconds=31)
        await address_trials.send(runtime, ada.id, key)
    clock.advance(seconds=31)
    with pytest.raises(Refused, match="Too many"):
        await address_trials.send(runtime, ada.id, key)
    clock.at += timedelta(hours=1)
    assert await address_trials.send(runtime, ada.id, key)


async def test_nothing_goes_to_what_is_not_ones_own_or_not_used(
    runtime: Runtime, environment: Environment, clock: SetClock, ada: User
):
    ben = await make_user(runtime, environment, "ben", email="ben@acme.example")
    key = (await addresses(runtime, ben))["email"].key
    with pytest.raises(NotFound):
        await address_trials.send(runtime, ada.id, key)
    dead = (environment.id, Channel.EMAIL, "ben@acme.example")
    async with runtime.database.write() as tx:
        await outbox.suppress(tx, [Suppression(*dead, SuppressionReason.BOUNCE, {}, clock.now())])
    with pytest.raises(Refused):
        await address_trials.send(runtime, ben.id, key)
    assert await captured(runtime, environment) == []
