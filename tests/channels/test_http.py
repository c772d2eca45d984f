"""What adapters of services over HTTP have in common, apart from what `test_http_faults` tries."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from inbox_app.channels.http import until
from inbox_app.channels.spec import Tools


@pytest.mark.parametrize(("share", "least", "most"), [(1, 50, 100), (0.5, 25, 50)])
async def test_a_call_of_several_gets_what_is_left_of_the_time(
    share: float, least: float, most: float, tools: Tools
):
    ends = asyncio.get_running_loop().time() + 100
    given = until(replace(tools, timeout=500), ends, share)
    assert least < given.timeout <= most
    assert (given.http, given.resources) == (tools.http, tools.resources)


async def test_a_call_that_comes_too_late_gets_next_to_no_time(tools: Tools):
    ends = asyncio.get_running_loop().time() - 5
    assert 0 < until(tools, ends).timeout < 0.01
