"""HTTP through a proxy: where it is gone through, and what it says when it does not let one."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from inbox_app.lib.http import Blocked, ConnectFailed, Http
from tests.standins.certificate import Authority
from tests.standins.http import HttpStandIn, Respond
from tests.standins.names import Names
from tests.standins.proxy import ProxyStandIn

Service = tuple[HttpStandIn, ProxyStandIn, Authority]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """A service that is reached through a proxy alone."""
    authority = Authority(tmp_path)
    async with (
        HttpStandIn(tls=authority.server("hooks.example.com")) as inner,
        ProxyStandIn(inner.port) as proxy,
    ):
        yield inner, proxy, authority


async def test_a_proxy_is_gone_through_and_looks_names_up(service: Service):
    inner, proxy, authority = service
    away = proxy.url.replace("://", "://user:secret@")
    http = Http(proxy=away, tls=authority.trusted(), resolver=Names({}))
    answer = await http.request("POST", "https://hooks.example.com/a", body=b"b")
    await http.close()
    assert (answer.status, inner.requests[0].path, inner.requests[0].body) == (200, "/a", b"b")
    [asked] = proxy.requests
    assert asked.startswith("CONNECT hooks.example.com:443 HTTP/1.1\r\n")
    assert f"Proxy-Authorization: Basic {base64.b64encode(b'user:secret').decode()}\r\n" in asked
    assert "proxy" not in " ".join(inner.requests[0].headers)


async def test_hosts_that_are_allowed_are_reached_without_the_proxy():
    http = Http(proxy="http://127.0.0.1:9", allow=["127.0.0.0/8"])
    async with HttpStandIn() as server:
        assert (await http.request("GET", server.url())).status == 200
        await http.close()


async def test_a_proxy_does_not_open_private_addresses(service: Service):
    _, proxy, _ = service
    http = Http(proxy=proxy.url)
    for url in ("http://127.0.0.1/", "https://169.254.169.254/", proxy.url):
        with pytest.raises(Blocked):
            await http.request("GET", url)
    await http.close()
    assert proxy.connections == 0


async def test_what_a_proxy_refuses_was_not_sent(service: Service):
    inner, proxy, authority = service
    proxy.script(Respond(407))
    http = Http(proxy=proxy.url, tls=authority.trusted())
    with pytest.raises(ConnectFailed) as error:
        await http.request("GET", "https://hooks.example.com/")
    await http.close()
    assert str(error.value) == "hooks.example.com: the proxy refused the connection with 407"
    assert not inner.requests


async def test_a_proxy_that_is_not_there():
    http = Http(proxy="http://127.0.0.1:9")
    with pytest.raises(ConnectFailed) as error:
        await http.request("GET", "https://hooks.example.com/")
    await http.close()
    assert str(error.value) == "hooks.example.com: the proxy was not reached"
