"""Servers that take no more: what they have is answered, what they left goes elsewhere, once."""

from __future__ import annotations

import asyncio
import socket

import pytest
from h2.settings import SettingCodes

from inbox_app.lib.http import ConnectFailed, HttpError
from inbox_app.lib.http2 import Http2
from tests.lib.http2.calls import HOST, URL, begun, client_of, post
from tests.standins.certificate import Authority
from tests.standins.http import Do, Respond
from tests.standins.http2 import Decline, Http2StandIn, goodbye
from tests.standins.names import Names

AT_ONCE = SettingCodes.MAX_CONCURRENT_STREAMS


@pytest.mark.parametrize("goodbye", [True, False])
async def test_a_server_that_hangs_up_between_two_calls_costs_neither(
    authority: Authority, server: Http2StandIn, goodbye: bool
):
    client = client_of(authority, server)
    await post(client)
    await server.hang_up(goodbye=goodbye)
    assert (await post(client)).status == 200
    await client.close()
    assert (len(server.requests), server.connections) == (2, 2)


async def test_a_server_that_hung_up_and_is_gone_got_nothing(
    authority: Authority, server: Http2StandIn
):
    names, trusted = Names({HOST: server.port}), authority.trusted()
    client = Http2(allow=["127.0.0.1"], resolver=names, tls=trusted)
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
    client = Http2(allow=["127.0.0.1"], resolver=names, tls=trusted)
    with pytest.raises(HttpError, match=r"lost|broke off"):
        await post(client, timeout=2)
    await client.close()
    server.close()
    await server.wait_closed()
    assert len(taken) == 1


@pytest.mark.parametrize(("last_words", "heard"), [(b"", 1), (b"", 2), (goodbye(0), 1)])
async def test_a_server_that_hangs_up_after_its_first_words_is_not_called_again_and_again(
    authority: Authority, last_words: bytes, heard: int
):
    taken: list[asyncio.StreamWriter] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(writer)
        # It takes nothing for now (SETTINGS_MAX_CONCURRENT_STREAMS).
        writer.write(bytes.fromhex("000006040000000000000300000000") + last_words)
        for _ in range(heard):
            # The client's settings, and then that it knows ours.
            await reader.read(100)
        writer.close()

    tls = authority.server(HOST, protocols=["h2"])
    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=tls)
    names = Names({HOST: server.sockets[0].getsockname()[1]})
    client = Http2(allow=["127.0.0.1"], resolver=names, tls=authority.trusted())
    with pytest.raises(ConnectFailed, match="lost"):
        await post(client)
    await client.close()
    server.close()
    await server.wait_closed()
    assert len(taken) <= 2


@pytest.mark.parametrize("last", [9, 2**31 - 1])
async def test_a_server_that_takes_no_more_still_answers_what_it_has(
    client: Http2, server: Http2StandIn, last: int
):
    server.script(*[Do.STALL] * 5)
    stalled = await begun(client, server, 5)
    server.leave(last)
    # The goodbye was sent first, on the same line.
    server.stalled[0].answer()
    await stalled[0]
    assert (await post(client)).status == 200
    assert (server.connections, server.lines) == (2, 2)
    for each in server.stalled[1:]:
        each.answer()
    assert {answer.status for answer in await asyncio.gather(*stalled)} == {200}
    await server.until(lambda: server.lines == 1)
    assert len(server.requests) == 6


async def test_what_a_server_left_out_when_it_took_no_more_goes_out_on_another_line(
    client: Http2, server: Http2StandIn
):
    server.script(*[Do.STALL] * 5)
    stalled = await begun(client, server, 5)
    server.leave(5)
    await server.arrived(7)
    for each in server.stalled[:3]:
        each.answer(Respond(201))
    answers = await asyncio.gather(*stalled)
    assert [answer.status for answer in answers] == [201, 201, 201, 200, 200]
    assert (len(server.requests), server.connections) == (7, 2)


@pytest.mark.parametrize(("decline", "connections"), [(Decline.REFUSE, 1), (Decline.LEAVE, 2)])
async def test_what_was_declined_goes_out_once_more(
    client: Http2, server: Http2StandIn, decline: Decline, connections: int
):
    server.script(decline)
    assert (await post(client)).status == 200
    assert (len(server.requests), server.connections) == (2, connections)


async def test_what_was_declined_goes_out_before_what_waits(client: Http2, server: Http2StandIn):
    server.settings = {AT_ONCE: 1}
    server.script(Decline.REFUSE)
    await asyncio.gather(post(client, f"{URL}/1"), post(client, f"{URL}/2"))
    assert [asked.path[-1] for asked in server.requests] == ["1", "1", "2"]


@pytest.mark.parametrize("decline", Decline)
async def test_what_is_declined_again_was_not_taken(
    client: Http2, server: Http2StandIn, decline: Decline
):
    server.script(decline, decline)
    with pytest.raises(ConnectFailed, match="did not take"):
        await post(client)
    assert len(server.requests) == 2
    assert (await post(client)).status == 200
