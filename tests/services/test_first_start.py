"""The first start without a demo: an empty environment and its key."""

from __future__ import annotations

from dataclasses import replace

from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings
from inbox_app.services import access, environments, first_start


async def test_a_first_start_without_the_demo_makes_an_environment_and_its_key(
    settings: Settings,
):
    async with open_runtime(replace(settings, demo=False)) as rt:
        made = await first_start.ensure(rt)
        assert made is not None
        assert await access.by_api_key(rt, made.api_key) == made.environment
        assert await first_start.ensure(rt) is None
        assert await environments.every(rt) == [made.environment]
