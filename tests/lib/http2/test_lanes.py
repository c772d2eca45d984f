"""Connections: how many there are, what they carry, and how they end."""

from __future__ import annotations

import asyncio
import random
import socket
from collections import Counter

import pytest
from h2.settings import SettingCodes

from inbox_app.lib.http import ConnectFailed, Interrupted
from inbox_app.lib.http2 import Http2
from inbox_app.lib.http2 import client as clients
from inbox_app.lib.http2 import lane as lanes
from tests.lib.http2.calls import HOST, URL, begun, client_of, post
from tests.standins.certificate import Authority
from tests.standins.http import Do, Respond
from tests.standins.http2 import Http2StandIn
from tests.standins.names import Names

AT_ONCE = SettingCodes.MAX_CONCURRENT_STREAMS


async def test_many_calls_share_a_connection(client: Http2, server: Http2StandIn):
    await post(client)
    await asyncio.gather(*(post(client) for _ in range(50)))
    assert (len(server.requests), server.connections) == (51, 1)


async def test_each_lane_has_connections_of_its_own(client: Http2, server: Http2StandIn):
    for lane in ("a team", "another team", "a team"):
        assert (await post(client, lane=lane)).status == 200
    assert (len(server.requests), server.connections) == (3, 2)


async def test_a_connection_that_nobody_uses_is_not_kept(
    authority: Authority, server: Http2StandIn
):
    client = client_of(authority, server, idle_seconds=0)
    for _ in range(2):
        await post(client)
    await client.close()
    assert (len(server.requests), server.connections) == (2, 2)


async def test_what_a_server_says_between_two_calls_is_heard(
    authority: Authority, server: Http2StandIn
):
    client = client_of(authority, server)
    await post(client)
    server.ping()
    assert (await post(client)).status == 200
    await client.close()
    assert (server.connections, server.pings) == (1, 1)


async def test_a_line_that_falls_silent_is_not_used_again(client: Http2, server: Http2StandIn):
    await post(client)
    server.script(Do.STALL)
    with pytest.raises(Interrupted, match="timed out"):
        await post(client, timeout=0.5)
    assert (await post(client)).status == 200
    assert server.connections == 2


async def test_each_gets_its_own_answer_in_whatever_order_they_come(
    client: Http2, server: Http2StandIn
):
    server.settings = {AT_ONCE: 1000}
    server.usual = Do.STALL
    tasks = [asyncio.create_task(post(client, f"{URL}/{number}")) for number in range(200)]
    await server.until(lambda: len(server.stalled) == 200)
    random.Random(7).shuffle(server.stalled)
    for each in server.stalled:
        each.answer(Respond(body=each.request.path.encode()))
    answers = await asyncio.gather(*tasks)
    assert [answer.body.decode() for answer in answers] == [
        f"/3/device/abc/{number}" for number in range(200)
    ]
    assert server.connections == 1


async def test_those_who_are_not_answered_hold_nobody_up(client: Http2, server: Http2StandIn):
    server.script(*[Do.STALL] * 5)
    stalled = await begun(client, server, 5)
    assert (await post(client, timeout=1)).status == 200
    for each in server.stalled:
        each.answer()
    assert {answer.status for answer in await asyncio.gather(*stalled)} == {200}
    assert server.connections == 1


async def test_a_server_may_take_fewer_at_once_while_more_are_under_way(
    client: Http2, server: Http2StandIn
):
    server.usual = Do.STALL
    first = await begun(client, server, 20)
    await server.allow({AT_ONCE: 3})
    rest = [asyncio.create_task(post(client)) for _ in range(10)]
    most = 0
    for number in range(30):
        await server.until(lambda number=number: len(server.stalled) > number)
        most = max(most, len(server.requests) - number) if number >= 20 else most
        server.stalled[number].answer()
    assert {answer.status for answer in await asyncio.gather(*first, *rest)} == {200}
    assert (most, server.connections) == (3, 1)


async def test_a_server_may_take_none_for_a_while(client: Http2, server: Http2StandIn):
    await post(client)
    await server.allow({AT_ONCE: 0})
    with pytest.raises(ConnectFailed, match="timed out"):
        await post(client, timeout=0.2)
    waiting = asyncio.create_task(post(client))
    await server.allow({AT_ONCE: 1})
    assert (await waiting).status == 200
    assert (len(server.requests), server.connections) == (2, 1)


async def test_a_server_may_take_one_until_it_has_answered_that(
    client: Http2, server: Http2StandIn
):
    server.settings = {AT_ONCE: 1}
    server.usual = Do.STALL
    tasks = [asyncio.create_task(post(client)) for _ in range(5)]
    await server.arrived(1)
    await server.allow({AT_ONCE: 1000})
    server.stalled[0].answer()
    await server.arrived(5)
    for each in server.stalled[1:]:
        each.answer()
    assert {answer.status for answer in await asyncio.gather(*tasks)} == {200}
    assert server.connections == 1


async def test_more_lines_are_opened_one_by_one_up_to_a_bound(
    client: Http2, server: Http2StandIn, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lanes, "CROWDED_SECONDS", 0.05)
    server.settings = {AT_ONCE: 1}
    server.usual = Do.STALL
    tasks = [asyncio.create_task(post(client)) for _ in range(lanes.MOST_LINES)]
    await server.arrived(lanes.MOST_LINES)
    with pytest.raises(ConnectFailed, match="timed out"):
        await post(client, timeout=0.3)
    assert server.connections == lanes.MOST_LINES
    for each in server.stalled:
        each.answer()
    assert {answer.status for answer in await asyncio.gather(*tasks)} == {200}


async def test_a_line_that_answers_others_is_not_given_up_for_one_that_is_late(
    client: Http2, server: Http2StandIn
):
    await post(client)
    server.script(Do.STALL)
    late = asyncio.create_task(post(client, timeout=0.5))
    await server.arrived(2)
    assert (await post(client)).status == 200
    with pytest.raises(Interrupted, match="timed out"):
        await late
    assert ((await post(client)).status, server.connections) == (200, 1)


async def test_a_line_that_is_given_up_carries_what_is_on_it(client: Http2, server: Http2StandIn):
    server.script(Do.STALL, Do.STALL)
    [patient] = await begun(client, server)
    with pytest.raises(Interrupted, match="timed out"):
        await post(client, timeout=0.3)
    assert ((await post(client)).status, server.connections) == (200, 2)
    server.stalled[0].answer(Respond(201))
    assert (await patient).status == 201
    await server.until(lambda: server.lines == 1)


async def test_a_line_that_nobody_uses_is_closed_though_nobody_calls_again(
    authority: Authority, server: Http2StandIn
):
    client = client_of(authority, server, idle_seconds=0.05)
    tasks = asyncio.all_tasks()
    for name in ("one", "another"):
        await post(client, lane=name)
    async with asyncio.timeout(5):
        await server.until(lambda: server.lines == 0)
    assert asyncio.all_tasks() <= tasks
    await client.close()


async def test_there_are_so_many_lanes_and_no_more(
    client: Http2, server: Http2StandIn, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(clients, "MOST_LANES", 3)
    for name in ("a", "b", "c", "a", "d"):
        await post(client, lane=name)
    async with asyncio.timeout(5):
        await server.until(lambda: server.lines == 3)
    # It was used before "b", and after it again.
    await post(client, lane="a")
    assert server.connections == 4


async def test_a_lane_that_somebody_uses_is_not_closed_for_another(
    client: Http2, server: Http2StandIn, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(clients, "MOST_LANES", 1)
    server.script(Do.STALL)
    [task] = await begun(client, server)
    assert (await post(client, lane="another")).status == 200
    server.stalled[0].answer()
    assert (await task).status == 200


async def test_nothing_is_left_when_it_is_closed(client: Http2, server: Http2StandIn):
    tasks = asyncio.all_tasks()
    server.usual = Do.STALL
    server.settings = {AT_ONCE: 2}
    calls = [asyncio.create_task(post(client)) for _ in range(4)]
    await server.arrived(2)
    await client.close()
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert Counter(map(type, found)) == {Interrupted: 2, ConnectFailed: 2}
    async with asyncio.timeout(5):
        await server.until(lambda: server.lines == 0)
    assert (asyncio.all_tasks() <= tasks, server.connections) == (True, 1)


async def test_what_was_not_sent_when_it_is_closed_is_not_sent_any_more(
    client: Http2, server: Http2StandIn
):
    server.settings = {SettingCodes.INITIAL_WINDOW_SIZE: 0}
    await post(client, body=b"")
    waiting = asyncio.create_task(post(client))
    await asyncio.sleep(0)
    await server.allow({AT_ONCE: 1})
    await client.close()
    with pytest.raises(ConnectFailed, match="lost"):
        await waiting
    assert server.connections == 1


async def test_where_no_more_lines_come_about_one_has_to_do(
    authority: Authority, server: Http2StandIn, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lanes, "CROWDED_SECONDS", 0.01)
    names, trusted = Names({HOST: server.port}), authority.trusted()
    client = Http2(allow=["127.0.0.1"], resolver=names, tls=trusted)
    server.settings = {AT_ONCE: 1}
    server.script(Do.STALL)
    [first] = await begun(client, server)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        names.lead(HOST, closed.getsockname()[1])
    second = asyncio.create_task(post(client))
    while len(names.asked) < 3:
        await asyncio.sleep(0)
    server.stalled[0].answer()
    assert ((await first).status, (await second).status) == (200, 200)
    await client.close()
    assert server.connections == 1


async def test_it_can_be_used_after_it_was_closed(client: Http2, server: Http2StandIn):
    for _ in range(2):
        assert (await post(client)).status == 200
        await client.close()
    assert server.connections == 2
