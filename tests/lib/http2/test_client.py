"""HTTP/2: what arrives, behind the same guard and with the same errors as HTTP/1."""

from __future__ import annotations

import asyncio
import random

import pytest
from h2.errors import ErrorCodes
from h2.settings import SettingCodes

from inbox_app.lib.http import Blocked, ConnectFailed, Interrupted
from inbox_app.lib.http2 import Http2
from tests.lib.http2.calls import HOST, begun, post
from tests.standins.http import Do, Respond
from tests.standins.http2 import Http2StandIn


async def test_a_request_arrives_as_it_was_meant(client: Http2, server: Http2StandIn):
    server.script(Respond(200, {"Apns-Id": "7"}, b"ok"))
    answer = await post(client)
    assert (answer.status, answer.body, answer.truncated) == (200, b"ok", False)
    assert answer.headers.get("APNS-ID") == "7"
    [asked] = server.requests
    assert (asked.method, asked.path, asked.json()) == ("POST", "/3/device/abc", {"a": 1})
    assert (asked.headers[":authority"], asked.headers["apns-topic"]) == (HOST, "app")


async def test_a_long_answer_is_cut(client: Http2, server: Http2StandIn):
    server.script(Respond(body=b"x" * 10_000))
    answer = await post(client, limit=100)
    assert (len(answer.body), answer.truncated) == (100, True)
    await post(client)
    # All of it had come, so there was nothing to cancel.
    assert server.resets == []


async def test_of_an_endless_answer_no_more_is_taken_than_was_asked_for(
    client: Http2, server: Http2StandIn
):
    server.script(Do.STALL)
    task = asyncio.create_task(post(client, limit=100))
    await server.arrived(1)
    server.stalled[0].begin(Respond(body=b"x" * 10_000))
    answer = await task
    assert (answer.status, len(answer.body), answer.truncated) == (200, 100, True)
    await server.until(lambda: bool(server.resets))
    assert server.resets == [(1, ErrorCodes.CANCEL)]
    assert ((await post(client)).status, server.connections) == (200, 1)


async def test_many_answers_are_more_than_a_line_may_carry_at_once(
    client: Http2, server: Http2StandIn
):
    server.usual = Respond(body=b"x" * 16_000)
    answers = [await post(client) for _ in range(10)]
    assert {len(answer.body) for answer in answers} == {16_000}
    assert server.connections == 1


@pytest.mark.parametrize("size", [0, 1, 100_000])
async def test_a_body_goes_out_as_the_server_takes_it(
    client: Http2, server: Http2StandIn, size: int
):
    server.settings = {SettingCodes.INITIAL_WINDOW_SIZE: 1_000}
    body = random.Random(size).randbytes(size)
    assert (await post(client, body=body)).status == 200
    [asked] = server.requests
    assert asked.body == body
    assert asked.headers["content-length"] == str(size)


async def test_what_waits_for_the_server_to_take_it_was_not_sent(
    client: Http2, server: Http2StandIn
):
    server.settings = {SettingCodes.INITIAL_WINDOW_SIZE: 1}
    await post(client, body=b"")
    await server.allow({SettingCodes.INITIAL_WINDOW_SIZE: 0})
    waiting = asyncio.create_task(post(client))
    with pytest.raises(ConnectFailed, match="timed out"):
        await post(client, timeout=0.2)
    await server.allow({SettingCodes.INITIAL_WINDOW_SIZE: 1_000})
    assert (await waiting).status == 200
    assert (len(server.requests), server.connections) == (2, 1)


async def test_an_answer_may_come_before_all_was_sent(client: Http2, server: Http2StandIn):
    server.settings = {SettingCodes.INITIAL_WINDOW_SIZE: 10}
    server.early = Respond(413, body=b"too much")
    answer = await post(client, body=b"x" * 100_000)
    assert (answer.status, answer.body, answer.truncated) == (413, b"too much", False)
    await server.until(lambda: bool(server.resets))
    server.early = None
    assert ((await post(client)).status, server.connections) == (200, 1)


async def test_an_answer_that_comes_in_part_is_truncated(client: Http2, server: Http2StandIn):
    await post(client)
    server.script(Do.STALL)
    task = asyncio.create_task(post(client, timeout=0.5))
    await server.arrived(2)
    server.stalled[0].begin(Respond(410, body=b"1234"))
    answer = await task
    assert (answer.status, answer.body, answer.truncated) == (410, b"12", True)


@pytest.mark.parametrize("at_once", [True, False])
async def test_what_was_answered_stands_though_the_rest_makes_no_sense(
    client: Http2, server: Http2StandIn, at_once: bool
):
    server.usual = Do.STALL
    task, other = await begun(client, server, 2)
    stalled = server.stalled[0]
    stalled.begin(Respond(body=b"1234"))
    if not at_once:
        # The head has arrived by the time that what comes next is answered.
        server.script(Respond())
        await post(client)
    stalled.spoil()
    answer = await task
    assert (answer.status, answer.body, answer.truncated) == (200, b"12", True)
    with pytest.raises(Interrupted, match="made no sense"):
        await other
    server.usual = Respond()
    assert (await post(client)).status == 200
    assert server.connections == 2


@pytest.mark.parametrize("action", [Do.CUT_AFTER_READING, Do.CUT_BEFORE_READING])
async def test_a_line_that_breaks_leaves_it_open_what_arrived(
    client: Http2, server: Http2StandIn, action: Do
):
    server.script(action)
    with pytest.raises(Interrupted, match=HOST):
        await post(client)
    assert (await post(client)).status == 200


async def test_one_who_does_not_answer_is_waited_for_in_vain(client: Http2, server: Http2StandIn):
    await post(client)
    server.script(Do.STALL)
    with pytest.raises(Interrupted, match="timed out"):
        await post(client, timeout=0.5)


async def test_one_who_gives_up_leaves_the_line_to_the_others(client: Http2, server: Http2StandIn):
    server.script(Do.STALL, Do.STALL)
    impatient, patient = await begun(client, server, 2)
    impatient.cancel()
    await server.until(lambda: bool(server.resets))
    assert server.resets == [(1, ErrorCodes.CANCEL)]
    server.stalled[1].answer(Respond(201))
    assert (await patient).status == 201
    assert ((await post(client)).status, server.connections) == (200, 1)


@pytest.mark.parametrize(
    "headers",
    [{"a": "b\r\nc: d"}, {"a\n": "b"}, {":path": "/"}, {"": "b"}, {"a": "é"}, {"TE": "x"}],
)
async def test_what_is_no_header_is_not_sent(
    client: Http2, server: Http2StandIn, headers: dict[str, str]
):
    with pytest.raises(Blocked, match=HOST):
        await post(client, headers=headers)
    assert server.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://[bad/",
        "https:///x",
        f"https://{HOST}/é",
        "ftp://x/",
        f"https://{HOST}:x/",
        f"https://{HOST}/a b",
        f"https://me:secret@{HOST}/",
    ],
)
async def test_what_is_no_url_is_not_called(client: Http2, url: str):
    with pytest.raises(Blocked):
        await post(client, url)


async def test_nothing_is_sent_in_the_open(client: Http2):
    with pytest.raises(Blocked, match="https"):
        await post(client, f"http://{HOST}/")


async def test_a_name_that_leads_nowhere_is_told(client: Http2):
    with pytest.raises(ConnectFailed, match=r"nowhere\.example"):
        await post(client, "https://nowhere.example/")


@pytest.mark.parametrize(
    ("url", "path"), [("?a=%20b&c", "/?a=%20b&c"), ("/x;y?z#part", "/x;y?z"), ("", "/")]
)
async def test_a_path_is_sent_as_it_is_written(
    client: Http2, server: Http2StandIn, url: str, path: str
):
    await post(client, f"https://{HOST}{url}")
    assert server.requests[0].path == path
