"""How connections come about: addresses, a proxy, TLS, and nothing left open where they do not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from inbox_app.lib.http import Blocked, ConnectFailed
from inbox_app.lib.http2 import Http2, lane
from inbox_app.lib.http2.frames import Cutter
from tests.lib.http2.calls import HOST, post
from tests.standins.certificate import Authority
from tests.standins.http import Do, Respond
from tests.standins.http2 import Http2StandIn
from tests.standins.names import Names
from tests.standins.proxy import ProxyStandIn

Converse = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


class Places(AbstractResolver):
    """Leads every name to several ports of this machine, in this order."""

    def __init__(self, *ports: int) -> None:
        self._ports = ports

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        names = Names({})
        for each in self._ports:
            names.lead(str(each), each)
        return [place for each in self._ports for place in await names.resolve(str(each))]

    async def close(self) -> None:
        """Nothing is open."""


@contextmanager
def deaf() -> Generator[int]:
    """A port that answers nobody who wants to connect: its queue is full."""
    with socket.socket() as listening, socket.socket() as first, socket.socket() as second:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for each in (first, second):
            each.setblocking(False)
            each.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


@asynccontextmanager
async def serving(converse: Converse, **more: Any) -> AsyncGenerator[int]:
    """The port of a server that speaks as it likes."""
    server = await asyncio.start_server(converse, "127.0.0.1", 0, **more)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def test_an_address_that_is_silent_does_not_cost_the_call(
    authority: Authority, server: Http2StandIn
):
    with deaf() as silent:
        client = Http2(
            allow=["127.0.0.1"],
            resolver=Places(silent, silent, server.port),
            tls=authority.trusted(),
        )
        assert (await post(client, timeout=3)).status == 200
        await client.close()


async def test_an_address_that_is_silent_is_waited_for_as_long_as_the_call_may_take(
    authority: Authority,
):
    with deaf() as silent:
        client = Http2(allow=["127.0.0.1"], resolver=Places(silent), tls=authority.trusted())
        before = asyncio.all_tasks()
        with pytest.raises(ConnectFailed, match="timed out"):
            await post(client, timeout=0.2)
        await client.close()
        assert asyncio.all_tasks() == before


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


async def test_a_proxy_is_spoken_to_over_tls(
    authority: Authority, server: Http2StandIn, monkeypatch: pytest.MonkeyPatch
):
    # The proxy is judged by what the machine trusts.
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    async with ProxyStandIn(server.port, authority.server("localhost")) as proxy:
        client = Http2(proxy=proxy.url, tls=authority.trusted())
        for _ in range(2):
            assert (await post(client)).status == 200
        await client.close()
    assert (len(proxy.requests), len(server.requests)) == (1, 2)


@pytest.mark.parametrize("action", [Do.CUT_AFTER_READING, Respond(101), Do.STALL])
async def test_a_proxy_that_leads_nowhere_got_nothing(
    authority: Authority, server: Http2StandIn, action: Do | Respond
):
    async with ProxyStandIn(server.port) as proxy:
        client = Http2(proxy=proxy.url, tls=authority.trusted())
        proxy.script(action)
        with pytest.raises(ConnectFailed, match=HOST):
            await post(client, timeout=0.5)
        await proxy.until(lambda: proxy.lines == 0)
        assert (await post(client)).status == 200
        await client.close()


async def test_a_handshake_behind_a_proxy_that_does_not_end_leaves_nothing_open(
    authority: Authority,
):
    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with serving(take) as port, ProxyStandIn(port) as proxy:
        client = Http2(proxy=proxy.url, tls=authority.trusted())
        with pytest.raises(ConnectFailed, match="timed out"):
            await post(client, timeout=0.3)
        async with asyncio.timeout(5):
            await proxy.until(lambda: proxy.lines == 0)
        await client.close()


async def test_a_server_that_speaks_something_else_gets_nothing(authority: Authority):
    heard: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())
        writer.close()

    tls = authority.server(HOST, protocols=["http/1.1"])
    async with serving(take, ssl=tls) as port:
        client = Http2(allow=["127.0.0.1"], resolver=Places(port), tls=authority.trusted())
        with pytest.raises(ConnectFailed, match=r"does not speak HTTP/2|no trusted TLS"):
            await post(client)
        await client.close()
    assert heard in ([], [b""])


async def test_a_server_that_says_nothing_first_gets_no_request(authority: Authority):
    heard = bytearray()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while content := await reader.read(65_536):
                heard.extend(content)
        writer.close()

    async with serving(take, ssl=authority.server(HOST, protocols=["h2"])) as port:
        client = Http2(allow=["127.0.0.1"], resolver=Places(port), tls=authority.trusted())
        with pytest.raises(ConnectFailed, match="timed out"):
            await post(client, timeout=0.5)
        await client.close()
    # Behind the first words there are settings, and no frame of a stream.
    frames = Cutter().cut(bytes(heard).removeprefix(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
    assert {frame[5:9] for frame in frames} <= {bytes(4)}


async def test_a_line_that_does_not_come_about_is_not_waited_for_by_one_after_the_other(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lane, "OPENING_SECONDS", 0.2)
    with deaf() as silent:
        client = Http2(allow=["127.0.0.1"], resolver=Places(silent), tls=authority.trusted())
        with pytest.raises(ConnectFailed, match="timed out"):
            await post(client, timeout=100)
        await client.close()


async def test_a_handshake_that_does_not_end_leaves_nothing_open(authority: Authority):
    gone = asyncio.Event()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The other side's hello, and then that it has gone.
        await reader.read()
        gone.set()
        writer.close()

    async with serving(take) as port:
        client = Http2(allow=["127.0.0.1"], resolver=Places(port), tls=authority.trusted())
        before = asyncio.all_tasks()
        with pytest.raises(ConnectFailed, match="timed out"):
            await post(client, timeout=0.2)
        async with asyncio.timeout(5):
            await gone.wait()
        await client.close()
        assert asyncio.all_tasks() <= before


async def test_one_who_gives_up_while_it_connects_leaves_nothing_open(authority: Authority):
    came, gone = asyncio.Event(), asyncio.Event()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set()
        await reader.read()
        gone.set()
        writer.close()

    async with serving(take) as port:
        client = Http2(allow=["127.0.0.1"], resolver=Places(port), tls=authority.trusted())
        first, second = [asyncio.create_task(post(client)) for _ in range(2)]
        await came.wait()
        first.cancel()
        await asyncio.wait([first])
        assert not gone.is_set()
        second.cancel()
        async with asyncio.timeout(5):
            await gone.wait()
        await client.close()


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


async def test_a_private_address_beside_a_public_one_is_not_tried(authority: Authority):
    class Both(Places):
        async def resolve(self, *args: Any, **more: Any) -> list[ResolveResult]:
            near, far = await super().resolve(*args, **more)
            return [near, {**far, "host": "127.0.0.2"}]

    connected = asyncio.Event()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        writer.close()

    async with serving(take) as port:
        resolver = Both(port, 1)
        client = Http2(allow=["127.0.0.2"], resolver=resolver, tls=authority.trusted())
        with pytest.raises(ConnectFailed, match="refused"):
            await post(client)
        await client.close()
    assert not connected.is_set()
