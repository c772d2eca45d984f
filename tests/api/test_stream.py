"""Server-sent events over a real socket: nothing is missed, nothing comes twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from inbox_app.domain.act import Act
from inbox_app.domain.changes import MOST_CHANGES
from inbox_app.domain.environment import Environment
from inbox_app.runtime import Runtime
from inbox_app.services import environments, inbox, users
from tests.api.calls import as_user, assert_refused, latin
from tests.factories import make_user, send
from tests.servers import serving

STREAM = "/api/user/inapp/stream"
Event = dict[str, Any]
"""The fields of an event, its data decoded."""


@pytest.fixture
async def server(runtime: Runtime) -> AsyncIterator[str]:
    async with serving(runtime) as url:
        yield url


@asynccontextmanager
async def streaming(
    server: str, environment: Environment, user_id: str = "ada", **headers: str
) -> AsyncGenerator[AsyncIterator[Event]]:
    """The events of a person's stream, from when the server has subscribed."""
    async with (
        httpx.AsyncClient(base_url=server, headers=as_user(environment, user_id)) as client,
        client.stream("GET", STREAM, headers=headers, timeout=20) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        lines = answer.aiter_lines()
        assert await anext(lines) == "retry: 1000"
        yield _events(lines)


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    event: Event = {}
    async for line in lines:
        name, _, value = line.partition(": ")
        if name and value:
            event[name] = json.loads(value) if name == "data" else value
        elif not line and event:
            yield event
            event = {}


async def test_what_is_sent_is_told_at_once(
    server: str, runtime: Runtime, environment: Environment
):
    await make_user(runtime, environment, "ada")
    async with streaming(server, environment) as events:
        item = await send(runtime, environment)
        event = await anext(events)
    assert (event["id"], event["event"]) == ("1", "changes")
    assert event["data"]["counts"] == {"all": 1, "unread": 1, "unseen": 1, "archived": 0}
    assert [each["id"] for each in event["data"]["notifications"]] == [item]


async def test_what_a_person_does_in_another_tab_is_told(
    server: str, runtime: Runtime, environment: Environment
):
    user = await make_user(runtime, environment, "ada")
    item = await send(runtime, environment)
    async with streaming(server, environment) as events:
        await inbox.perform(runtime, user.id, Act.ARCHIVE, [item])
        event = await anext(events)
    assert event["data"]["counts"]["archived"] == 1
    assert event["data"]["notifications"][0]["archived"]


async def test_the_first_item_of_a_person_nobody_told_of_is_told(
    server: str, runtime: Runtime, environment: Environment
):
    async with streaming(server, environment, "new") as events:
        item = await send(runtime, environment, "new")
        async with asyncio.timeout(10):
            event = await anext(events)
    assert [each["id"] for each in event["data"]["notifications"]] == [item]


async def test_only_the_persons_own_items_are_told(
    server: str, runtime: Runtime, environment: Environment
):
    for user_id in ("ada", "ben"):
        await make_user(runtime, environment, user_id)
    async with streaming(server, environment) as events:
        await send(runtime, environment, "ben")
        item = await send(runtime, environment, "ada")
        event = await anext(events)
    assert [each["id"] for each in event["data"]["notifications"]] == [item]


async def test_a_reader_that_comes_back_continues_without_a_gap_or_repeat(
    server: str, runtime: Runtime, environment: Environment
):
    await make_user(runtime, environment, "ada")
    sent: list[str] = []
    told: list[str] = []
    last = "0"

    async def sending() -> None:
        sent.extend([await send(runtime, environment) for _ in range(60)])

    busy = asyncio.create_task(sending())
    while int(last) < 60:
        async with streaming(server, environment, **{"Last-Event-ID": last}) as events:
            # Each connection breaks off after two events, wherever the sender is by then.
            for _ in range(2):
                event = await anext(events)
                assert int(event["id"]) > int(last)
                last = event["id"]
                told += [each["id"] for each in reversed(event["data"]["notifications"])]
                if int(last) == 60:
                    break
    await busy
    assert len(told) == len(set(told)) == 60
    assert set(told) == set(sent)


async def test_the_number_may_also_be_in_the_address(
    server: str, runtime: Runtime, environment: Environment
):
    await make_user(runtime, environment, "ada")
    _, second = [await send(runtime, environment) for _ in range(2)]
    async with (
        httpx.AsyncClient(base_url=server, headers=as_user(environment)) as client,
        client.stream("GET", f"{STREAM}?since=1") as answer,
    ):
        event = await anext(each async for each in _events(answer.aiter_lines()) if "data" in each)
    assert [each["id"] for each in event["data"]["notifications"]] == [second]


@pytest.mark.parametrize("last", ["0", "999999"])
async def test_who_was_away_too_long_or_elsewhere_is_told_to_reload(
    server: str, runtime: Runtime, environment: Environment, last: str
):
    await make_user(runtime, environment, "ada")
    await asyncio.gather(*(send(runtime, environment) for _ in range(MOST_CHANGES + 1)))
    async with streaming(server, environment, **{"Last-Event-ID": last}) as events:
        event = await anext(events)
    assert event["data"]["reload"]
    assert event["id"] == str(MOST_CHANGES + 1)


async def test_streams_end_when_the_server_stops(runtime: Runtime, environment: Environment):
    await make_user(runtime, environment, "ada")
    async with serving(runtime) as server, streaming(server, environment) as events:
        assert runtime.hub.readers == 1
        await runtime.hub.close()
        assert [event async for event in events] == []


async def test_a_reader_that_leaves_is_forgotten(
    server: str, runtime: Runtime, environment: Environment
):
    await make_user(runtime, environment, "ada")
    async with streaming(server, environment):
        assert runtime.hub.readers == 1
    async with asyncio.timeout(10):
        while runtime.hub.readers:
            await asyncio.sleep(0)


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "\u00b2", "9" * 19, "1 2"])
async def test_an_event_id_of_somebody_else_is_refused(
    client: httpx.AsyncClient, environment: Environment, last: str
):
    headers = latin({**as_user(environment), "Last-Event-ID": last})
    answer = await client.get(STREAM, headers=headers)
    assert_refused(answer, 400, "INVALID_INPUT")


async def test_a_stream_needs_credentials(client: httpx.AsyncClient):
    assert_refused(await client.get(STREAM), 401)


async def test_a_stream_ends_with_the_person(
    server: str, runtime: Runtime, environment: Environment
):
    await send(runtime, environment)
    async with streaming(server, environment) as events:
        await users.remove(runtime, environment, "ada")
        # It may still tell that nothing is there any longer; then it is over.
        assert [event["data"]["notifications"] async for event in events] in ([], [[]])


async def test_a_stream_ends_when_its_credentials_no_longer_hold(
    server: str, runtime: Runtime, environment: Environment
):
    async with streaming(server, environment) as events:
        await environments.set_secure_mode(runtime, environment, secure=True)
        await send(runtime, environment)
        assert [event async for event in events] == []
