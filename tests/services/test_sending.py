"""Sending: too much at once is refused in words."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Unavailable
from inbox_app.domain.notification import Accepted, Send
from inbox_app.lib.gathering import Gatherer
from inbox_app.runtime import Runtime
from inbox_app.services import sending
from tests.factories import make_send


async def test_a_full_queue_says_to_come_back(runtime: Runtime, environment: Environment):
    go = asyncio.Event()

    async def slow(sends: Sequence[Send]) -> list[Accepted | Exception]:
        await go.wait()
        return [Accepted(each.tracking_id) for each in sends]

    busy = replace(runtime, sends=Gatherer(slow, waiting=1))
    first = asyncio.create_task(sending.send(busy, make_send(environment)))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="Too many sends"):
        await sending.send(busy, make_send(environment))
    go.set()
    await first
