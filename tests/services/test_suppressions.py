"""Suppressed addresses: listed, and used again."""

from __future__ import annotations

import pytest

from inbox_app.domain.delivery import Suppression, SuppressionReason
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound
from inbox_app.domain.notification_type import Channel
from inbox_app.runtime import Runtime
from inbox_app.services import suppressions
from inbox_app.storage import outbox
from tests.factories import make_environment, make_user


async def suppress(rt: Runtime, environment: Environment, channel: Channel, *to: str) -> None:
    made = [
        Suppression(environment.id, channel, each, SuppressionReason.BOUNCE, {}, rt.clock.now())
        for each in to
    ]
    async with rt.database.write() as tx:
        await outbox.suppress(tx, made)


async def listed(rt: Runtime, environment: Environment, channel: Channel) -> list[str]:
    return [each.address for each in await suppressions.page(rt, environment, channel, 9, "")]


async def test_a_users_address_is_used_again(runtime: Runtime, environment: Environment):
    await make_user(runtime, environment, "ada", email="ada@acme.example", number="+1")
    await suppress(runtime, environment, Channel.EMAIL, "ada@acme.example", "ben@acme.example")
    await suppress(runtime, environment, Channel.SMS, "+1")
    user = await suppressions.lift(runtime, environment, "ada", Channel.EMAIL)
    assert user.external_id == "ada"
    assert await listed(runtime, environment, Channel.EMAIL) == ["ben@acme.example"]
    assert await listed(runtime, environment, Channel.SMS) == ["+1"]
    await suppressions.lift(runtime, environment, "ada", Channel.EMAIL)


async def test_they_are_listed_page_by_page(runtime: Runtime, environment: Environment):
    names = [f"{number}@acme.example" for number in range(5)]
    await suppress(runtime, environment, Channel.EMAIL, *names)
    first = await suppressions.page(runtime, environment, Channel.EMAIL, 3, "")
    rest = await suppressions.page(runtime, environment, Channel.EMAIL, 3, first[-1].address)
    assert [each.address for each in first + rest] == names


async def test_those_of_another_environment_stay(runtime: Runtime, environment: Environment):
    other = await make_environment(runtime, "Other")
    await suppress(runtime, other, Channel.EMAIL, "ada@acme.example")
    assert await listed(runtime, environment, Channel.EMAIL) == []
    await make_user(runtime, environment, "ada", email="ada@acme.example")
    await suppressions.lift(runtime, environment, "ada", Channel.EMAIL)
    assert await listed(runtime, other, Channel.EMAIL) == ["ada@acme.example"]


async def test_a_user_nobody_knows_has_nothing_to_lift(runtime: Runtime, environment: Environment):
    with pytest.raises(NotFound, match="no user 'nobody'"):
        await suppressions.lift(runtime, environment, "nobody", Channel.EMAIL)
