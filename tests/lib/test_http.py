"""The guarded way out: where it does not go, and what it says when a server misbehaves."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from inbox_app.lib.http import (
    Blocked,
    ConnectFailed,
    Http,
    HttpError,
    Interrupted,
    Redirected,
)
from tests.standins.http import HUGE, MALFORMED, Action, Do, HttpStandIn, Respond

SECRET = "s3cret"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Names(AbstractResolver):
    """Knows a few names, each with the addresses it gives, one list per question."""

    def __init__(self, **known: list[list[str]]) -> None:
        self.known = known
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        answers = self.known.get(host.partition(".")[0])
        if answers is None:
            raise OSError(None, "no such name")
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Holds nothing."""


@pytest.fixture
async def server() -> AsyncIterator[HttpStandIn]:
    async with HttpStandIn() as standin:
        yield standin


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    made = Http(allow=["127.0.0.1"])
    yield made
    await made.close()


async def failure(http: Http, url: str, timeout: float = 5) -> HttpError:
    with pytest.raises(HttpError) as caught:
        await http.request("POST", url, body=b"x", timeout=timeout)
    return caught.value


async def test_an_answer_comes_back(http: Http, server: HttpStandIn):
    server.script(Respond(202, {"X-Id": "7"}, b"thanks"))
    answer = await http.request("PUT", server.url("/a?b=c"), headers={"X-Y": "z"}, body=b"hello")
    assert (answer.status, answer.headers["x-id"], answer.body) == (202, "7", b"thanks")
    assert not answer.truncated
    [request] = server.requests
    assert (request.method, request.path, request.body) == ("PUT", "/a?b=c", b"hello")
    assert request.headers["x-y"] == "z"


async def test_json_and_forms_are_encoded(http: Http, server: HttpStandIn):
    await http.request("POST", server.url(), json={"a": "é"})
    await http.request("POST", server.url(), form={"a": "b&c"})
    first, second = server.requests
    assert (first.json(), first.headers["content-type"]) == ({"a": "é"}, "application/json")
    assert second.form() == {"a": "b&c"}


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0",
        "10.0.0.1",
        "169.254.169.254",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fe80::1%25eth0]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fd00:ec2::254]",
        "0177.0.0.1",
        "127.0.0.1.",
    ],
)
async def test_a_private_address_in_a_url_is_refused(host: str, server: HttpStandIn):
    closed = Http()
    try:
        error = await failure(closed, f"http://{host}:{server.port}/")
    finally:
        await closed.close()
    assert isinstance(error, Blocked | ConnectFailed)
    assert server.connections == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.5", "::ffff:127.0.0.1", "fe80::1%2"])
async def test_a_public_name_that_leads_to_a_private_address_is_refused(
    address: str, server: HttpStandIn
):
    guarded = Http(resolver=Names(public=[[address]]))
    error = await failure(guarded, f"http://public.example:{server.port}/?token={SECRET}")
    await guarded.close()
    assert type(error) is Blocked
    assert str(error) == "public.example leads to a private address"
    assert server.connections == 0


async def test_all_who_ask_for_a_refused_name_at_once_are_refused(server: HttpStandIn):
    guarded = Http(resolver=Names(public=[["127.0.0.1"]]))
    url = f"http://public.example:{server.port}/"
    errors = await asyncio.gather(
        *(guarded.request("GET", url) for _ in range(5)), return_exceptions=True
    )
    await guarded.close()
    assert [type(error) for error in errors] == [Blocked] * 5


async def test_the_address_that_was_judged_is_the_one_that_is_connected_to(server: HttpStandIn):
    # Allowed when first asked, elsewhere when asked again: nobody asks again.
    names = Names(public=[["127.0.0.1"], ["127.0.0.2"]])
    guarded = Http(allow=["127.0.0.1"], resolver=names)
    answer = await guarded.request("GET", f"http://public.example:{server.port}/")
    await guarded.close()
    assert (answer.status, names.asked, server.connections) == (200, 1, 1)


async def test_of_several_addresses_the_private_ones_are_dropped(server: HttpStandIn):
    guarded = Http(
        allow=["127.0.0.1"], resolver=Names(mixed=[["127.0.0.2", "10.0.0.1", "127.0.0.1"]])
    )
    answer = await guarded.request("GET", f"http://mixed.example:{server.port}/")
    await guarded.close()
    assert answer.status == 200


async def test_a_name_can_be_allowed(server: HttpStandIn):
    guarded = Http(allow=["relay.internal"], resolver=Names(relay=[["127.0.0.1"]]))
    answer = await guarded.request("GET", f"http://relay.internal:{server.port}/")
    await guarded.close()
    assert answer.status == 200


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "//example.com",
        "example.com",
        "",
        "http://",
        "http://[::1",
        f"http://ana:{SECRET}@example.com/",
        f"http://{SECRET}@example.com/",
    ],
)
async def test_other_urls_are_refused(url: str, http: Http):
    error = await failure(http, url)
    assert type(error) is Blocked
    assert SECRET not in str(error)


async def test_a_header_cannot_begin_another(http: Http, server: HttpStandIn):
    with pytest.raises(Blocked):
        await http.request("GET", server.url(), headers={"X-A": "b\r\nX-C: d"})
    assert server.connections == 0


async def test_a_redirect_is_an_answer_and_not_followed(http: Http, server: HttpStandIn):
    server.script(Respond(302, {"Location": server.url("/elsewhere")}))
    assert (await http.request("GET", server.url())).status == 302
    assert len(server.requests) == 1


async def test_proxies_of_the_environment_are_not_used(
    http: Http, server: HttpStandIn, monkeypatch: pytest.MonkeyPatch
):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert (await http.request("GET", server.url())).status == 200


async def test_cookies_are_not_kept(http: Http, server: HttpStandIn):
    server.script(Respond(headers={"Set-Cookie": "a=b"}))
    await http.request("GET", server.url())
    await http.request("GET", server.url())
    assert "cookie" not in server.requests[1].headers


async def test_a_huge_answer_is_cut_at_the_limit(http: Http, server: HttpStandIn):
    server.script(HUGE)
    answer = await http.request("GET", server.url(), limit=1000)
    assert (len(answer.body), answer.truncated) == (1000, True)


async def test_an_answer_as_long_as_the_limit_is_whole(http: Http, server: HttpStandIn):
    server.script(Respond(body=b"x" * 1000))
    answer = await http.request("GET", server.url(), limit=1000)
    assert (len(answer.body), answer.truncated) == (1000, False)


@pytest.mark.parametrize("then", [Do.STALL, Do.CUT_AFTER_READING])
async def test_an_answer_that_breaks_off_still_tells_its_status(
    then: Do, http: Http, server: HttpStandIn
):
    server.script(Respond(201, body=b"half and half", then=then))
    answer = await http.request("POST", server.url(), body=b"x", timeout=0.3)
    assert (answer.status, answer.truncated) == (201, True)


@pytest.mark.parametrize(
    "action", [Do.STALL, Do.CUT_BEFORE_READING, Do.CUT_AFTER_READING, MALFORMED]
)
async def test_once_the_request_is_written_nobody_knows(
    action: Action, http: Http, server: HttpStandIn
):
    server.script(action)
    error = await failure(http, server.url(f"/?token={SECRET}"), 0.3)
    assert type(error) is Interrupted
    assert SECRET not in str(error)
    assert error.__suppress_context__


async def test_nobody_listens(http: Http):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert type(await failure(http, f"http://127.0.0.1:{port}/?t={SECRET}")) is ConnectFailed


async def test_a_name_that_is_unknown(server: HttpStandIn):
    guarded = Http(resolver=Names())
    error = await failure(guarded, "http://nowhere.example/")
    await guarded.close()
    assert type(error) is ConnectFailed
    assert str(error) == "nowhere.example: the name was not found"


async def test_a_server_without_tls_where_tls_was_asked_for(http: Http, server: HttpStandIn):
    error = await failure(http, f"https://127.0.0.1:{server.port}/")
    assert type(error) is ConnectFailed


async def test_connections_are_shared_and_closed(http: Http, server: HttpStandIn):
    await asyncio.gather(*(http.request("GET", server.url()) for _ in range(10)))
    before = server.connections
    await http.request("GET", server.url())
    assert server.connections == before <= 10


async def borrow(http: Http, url: str, seconds: float = 5) -> HttpError:
    """How a request fails that somebody else makes with the session, in a way of their own."""
    with pytest.raises(HttpError) as caught:
        async with http.lend("127.0.0.1", seconds) as session, session.post(url) as response:
            await response.read()
    return caught.value


async def test_what_is_lent_reaches_the_server_and_says_what_it_answers(
    http: Http, server: HttpStandIn
):
    server.script(Respond(201, body=b"thanks"))
    async with http.lend("127.0.0.1", 5) as session, session.post(server.url()) as response:
        assert (response.status, await response.read()) == (201, b"thanks")
    assert server.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_library_is_led_nowhere(status: int, http: Http, server: HttpStandIn):
    server.script(Respond(status, {"Location": server.url("/elsewhere")}))
    error = await borrow(http, server.url(f"/{SECRET}"))
    assert type(error) is Redirected
    assert SECRET not in str(error)
    assert [each.path for each in server.requests] == [f"/{SECRET}"]


@pytest.mark.parametrize(
    "action", [Do.CUT_BEFORE_READING, Do.CUT_AFTER_READING, MALFORMED, Do.STALL]
)
async def test_what_a_library_has_written_may_have_arrived(
    action: Action, http: Http, server: HttpStandIn
):
    server.script(action)
    error = await borrow(http, server.url(f"/{SECRET}"), 0.5 if action is Do.STALL else 5)
    assert type(error) is Interrupted
    assert SECRET not in str(error)


async def test_a_library_that_finds_nobody_has_sent_nothing(http: Http):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert type(await borrow(http, f"http://127.0.0.1:{port}/")) is ConnectFailed


async def test_a_library_is_kept_from_private_addresses():
    http = Http(resolver=Names(inside=[["10.0.0.1"]]))
    assert type(await borrow(http, "http://inside.example/")) is Blocked
    await http.close()


async def test_requests_that_are_lent_side_by_side_are_told_apart(http: Http, server: HttpStandIn):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    server.script(Do.CUT_AFTER_READING)
    found = await asyncio.gather(
        borrow(http, server.url()), borrow(http, f"http://127.0.0.1:{port}/")
    )
    assert [type(each) for each in found] == [Interrupted, ConnectFailed]


async def test_what_a_library_raises_itself_passes(http: Http):
    with pytest.raises(KeyError):
        async with http.lend("127.0.0.1", 5):
            raise KeyError("its own")
