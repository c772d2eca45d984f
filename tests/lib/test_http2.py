"""HTTP/2: what arrives, behind the same guard and with the same errors as HTTP/1."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from inbox_app.lib.http import Blocked, ConnectFailed, HttpError, Interrupted
from inbox_app.lib.http2 import Http2
from tests.standins.certificate import Authority
from tests.standins.http import Do, Respond
from tests.standins.http2 import Http2StandIn
from tests.standins.names import Names
from tests.standins.proxy import ProxyStandIn

HOST = "api.push.example"
URL = f"https://{HOST}/3/device/abc"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def server(authority: Authority) -> AsyncIterator[Http2StandIn]:
    async with Http2StandIn(authority.server(HOST, protocols=["h2"])) as server:
        yield server


def client_of(authority: Authority, server: Http2StandIn, **more: Any) -> Http2:
    """A client that finds the server by its name."""
    names, trusted = Names({HOST: server.port}), authority.trusted()
    return Http2(allow=["127.0.0.1"], resolver=names, tls=trusted, **more)


@pytest.fixture
async def client(authority: Authority, server: Http2StandIn) -> AsyncIterator[Http2]:
    made = client_of(authority, server)
    yield made
    await made.close()


async def post(client: Http2, url: str = URL, timeout: float = 10, **more: Any):
    headers = {"authorization": "bearer x", "apns-topic": "app"}
    return await client.post(url, headers=headers, body=b'{"a": 1}', timeout=timeout, **more)


async def test_a_request_arrives_as_it_was_meant(client: Http2, server: Http2StandIn):
    server.script(Respond(200, {"Apns-Id": "7"}, b"ok"))
    answer = await post(client)
    assert (answer.status, answer.body, answer.truncated) == (200, b"ok", False)
    assert answer.headers.get("APNS-ID") == "7"
    [asked] = server.requests
    assert (asked.method, asked.path, asked.json()) == ("POST", "/3/device/abc", {"a": 1})
    assert (asked.headers[":authority"], asked.headers["apns-topic"]) == (HOST, "app")


async def test_many_calls_share_a_connection(client: Http2, server: Http2StandIn):
    await post(client)
    await asyncio.gather(*(post(client) for _ in range(50)))
    assert (len(server.requests), server.connections) == (51, 1)


async def test_a_proxy_is_gone_through(authority: Authority, server: Http2StandIn):
    async with ProxyStandIn(server.port) as proxy:
        away = proxy.url.replace("://", "://user:secret@")
        client = Http2(proxy=away, tls=authority.trusted())
        assert (await post(client)).status == 200
        [asked] = proxy.requests
        assert asked.startswith(f"CONNECT {HOST}:443 HTTP/1.1\r\n")
        assert "proxy-authorization: basic" in asked.lower()
        await client.close()
        proxy.script(Respond(403))
        with pytest.raises(ConnectFailed, match="the proxy refused the connection with 403"):
            await post(client)
        await client.close()
    assert len(server.requests) == 1


async def test_each_lane_has_connections_of_its_own(client: Http2, server: Http2StandIn):
    for lane in ("a team", "another team", "a team"):
        assert (await post(client, lane=lane)).status == 200
    assert (len(server.requests), server.connections) == (3, 2)


@pytest.mark.parametrize("goodbye", [True, False])
async def test_a_server_that_hangs_up_between_two_calls_costs_neither(
    authority: Authority, server: Http2StandIn, goodbye: bool
):
    client = client_of(authority, server, fresh_seconds=0)
    await post(client)
    await server.hang_up(goodbye=goodbye)
    assert (await post(client)).status == 200
    await client.close()
    assert (len(server.requests), server.connections) == (2, 2)


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
    client = client_of(authority, server, fresh_seconds=0)
    await post(client)
    server.ping()
    assert (await post(client)).status == 200
    await client.close()
    assert (server.connections, server.pings) == (1, 1)


async def test_a_server_that_hung_up_and_is_gone_got_nothing(
    authority: Authority, server: Http2StandIn
):
    names, trusted = Names({HOST: server.port}), authority.trusted()
    client = Http2(allow=["127.0.0.1"], resolver=names, tls=trusted, fresh_seconds=0)
    await post(client)
    await server.hang_up()
    with socket.create_server(("127.0.0.1", 0)) as closed:
        names.lead(HOST, closed.getsockname()[1])
    with pytest.raises(ConnectFailed, match="refused"):
        await post(client)
    await client.close()


async def test_a_server_that_hangs_up_on_everybody_is_not_called_again_and_again(
    authority: Authority,
):
    taken: list[asyncio.StreamWriter] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(writer)
        writer.transport.abort()

    tls = authority.server(HOST, protocols=["h2"])
    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=tls)
    names = Names({HOST: server.sockets[0].getsockname()[1]})
    trusted = authority.trusted()
    client = Http2(allow=["127.0.0.1"], resolver=names, tls=trusted, fresh_seconds=0)
    with pytest.raises(HttpError, match=r"lost|broke off"):
        await post(client, timeout=2)
    await client.close()
    server.close()
    await server.wait_closed()
    assert len(taken) == 1


async def test_a_handshake_that_does_not_end_leaves_nothing_open(authority: Authority):
    gone = asyncio.Event()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The other side's hello, and then that it has gone.
        await reader.read()
        gone.set()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    names = Names({HOST: server.sockets[0].getsockname()[1]})
    client = Http2(allow=["127.0.0.1"], resolver=names, tls=authority.trusted())
    with pytest.raises(ConnectFailed, match="timed out"):
        await post(client, timeout=0.2)
    async with asyncio.timeout(5):
        await gone.wait()
    await client.close()
    server.close()
    await server.wait_closed()


async def test_a_long_answer_is_cut(client: Http2, server: Http2StandIn):
    server.script(Respond(body=b"x" * 10_000))
    answer = await post(client, limit=100)
    assert (len(answer.body), answer.truncated) == (100, True)


@pytest.mark.parametrize("action", [Do.CUT_AFTER_READING, Do.CUT_BEFORE_READING])
async def test_a_line_that_breaks_leaves_it_open_what_arrived(
    client: Http2, server: Http2StandIn, action: Do
):
    server.script(action)
    with pytest.raises(Interrupted, match=HOST):
        await post(client)
    assert (await post(client)).status == 200


async def test_one_who_does_not_answer_is_waited_for_in_vain(client: Http2, server: Http2StandIn):
    server.script(Do.STALL)
    with pytest.raises(Interrupted, match="timed out"):
        await post(client, timeout=0.5)


async def test_nothing_is_sent_to_whom_nobody_vouches_for(server: Http2StandIn):
    client = Http2(allow=["127.0.0.1"], resolver=Names({HOST: server.port}))
    with pytest.raises(ConnectFailed):
        await post(client)
    await client.close()
    assert server.requests == []


async def test_nothing_is_sent_to_private_addresses(authority: Authority, server: Http2StandIn):
    client = Http2(resolver=Names({HOST: server.port}), tls=authority.trusted())
    with pytest.raises(Blocked, match="private"):
        await post(client)
    await client.close()
    assert server.connections == 0


async def test_a_line_that_falls_silent_is_not_used_again(client: Http2, server: Http2StandIn):
    await post(client)
    server.script(Do.STALL)
    with pytest.raises(Interrupted, match="timed out"):
        await post(client, timeout=0.5)
    assert (await post(client)).status == 200
    assert server.connections == 2


@pytest.mark.parametrize("url", ["https://[bad/", "https:///x", f"https://{HOST}/é", "ftp://x/"])
async def test_what_is_no_url_is_not_called(client: Http2, url: str):
    with pytest.raises(Blocked):
        await post(client, url)


async def test_nothing_is_sent_in_the_open(client: Http2):
    with pytest.raises(Blocked, match="https"):
        await post(client, f"http://{HOST}/")


async def test_a_name_that_leads_nowhere_is_told(client: Http2):
    with pytest.raises(ConnectFailed, match=r"nowhere\.example"):
        await post(client, "https://nowhere.example/")
