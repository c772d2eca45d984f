"""The first start without a demo: an empty environment and its key."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings
from inbox_app.domain.notification_type import Channel
from inbox_app.services import access, demo, environments, first_start, integrations, users


async def test_a_first_start_without_the_demo_makes_an_environment_and_its_key(
    settings: Settings,
):
    async with open_runtime(replace(settings, demo=False)) as rt:
        made = await first_start.ensure(rt)
        assert made is not None
        assert await access.by_api_key(rt, made.api_key) == made.environment
        assert await first_start.ensure(rt) is None
        assert await environments.every(rt) == [made.environment]


async def test_the_first_environment_is_secure(settings: Settings):
    async with open_runtime(replace(settings, demo=False)) as rt:
        made = await first_start.ensure(rt)
        assert made is not None
        assert made.environment.secure_mode


async def test_servers_that_start_together_make_one_environment(settings: Settings):
    alone = replace(settings, demo=False)
    async with open_runtime(alone) as one, open_runtime(alone) as other:
        made = await asyncio.gather(first_start.ensure(one), first_start.ensure(other))
        assert len(await environments.every(one)) == 1
    assert made.count(None) == 1


async def test_a_demo_that_a_crash_left_empty_is_filled_at_the_next_start(settings: Settings):
    async with open_runtime(settings) as rt:
        empty = environments.new("Acme", demo=True)
        await environments.create_first(rt, empty, "demo", demo.demo_key(empty))
        await first_start.ensure(rt)
        assert [user.external_id for user in (await users.page(rt, empty, 9, "")).users] == [
            "ada",
            "ben",
        ]


@pytest.mark.parametrize("demo", [True, False])
async def test_people_can_opt_in_to_web_push_from_the_first_start(settings: Settings, demo: bool):
    public = "https://inbox.acme.example"
    async with open_runtime(replace(settings, demo=demo, public_url=public)) as rt:
        await first_start.ensure(rt)
        [place] = await environments.every(rt)
        [push] = await integrations.every(rt, place)
        assert (push.integration.channel, push.integration.enabled) == (Channel.WEB_PUSH, True)
        assert (push.settings["contact"], push.secrets) == (public, ("private_keys",))
        keys = await integrations.public(rt, place, Channel.WEB_PUSH)
        assert len(keys["vapidPublicKey"]) == 87
        # Another start makes no others, and whoever runs the server can say who they are.
        await first_start.ensure(rt)
        assert await integrations.public(rt, place, Channel.WEB_PUSH) == keys
        change: integrations.IntegrationChange = {
            "settings": {"contact": "mailto:ops@acme.example"}
        }
        await integrations.change(rt, place, push.integration.id, change)
        assert await integrations.public(rt, place, Channel.WEB_PUSH) == keys
