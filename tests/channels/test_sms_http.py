"""SMS through a gateway that is described by settings."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from typing import Any

import pytest

from inbox_app.channels import registry
from inbox_app.channels.spec import SendResult, Tools
from inbox_app.domain.errors import (
    OutcomeUnknown,
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
    UnsupportedContent,
)
from inbox_app.domain.notification_type import Channel
from tests.channels.faults import HTTP_UNREADABLE, SHORT, patience
from tests.channels.parcels import CANARY, make_parcel, outcome
from tests.standins.http import HttpStandIn, Respond

PARCEL = make_parcel(Channel.SMS)


def settings(server: HttpStandIn, **changes: Any) -> Mapping[str, Any]:
    """An integration that leads to the stand-in."""
    return {
        "url": server.url("/messages?account=1"),
        "auth_value": f"Bearer {CANARY}",
        "sender": "Shop",
        **changes,
    }


async def test_a_message_goes_as_json(http_server: HttpStandIn, tools: Tools):
    http_server.script(Respond(201, body=b'{"messages": [{"id": 17}]}'))
    wanted = settings(http_server, id_path="messages.0.id", key_header="Idempotency-Key")
    result = await outcome("http_sms", PARCEL, wanted, tools)
    assert result == SendResult("17", "1 segment, GSM-7")
    [request] = http_server.requests
    assert (request.method, request.path) == ("POST", "/messages?account=1")
    assert request.headers["authorization"] == f"Bearer {CANARY}"
    assert request.headers["idempotency-key"] == PARCEL.key
    assert request.json() == {"to": PARCEL.to, "text": PARCEL.fields["message"], "from": "Shop"}


async def test_a_message_goes_as_a_form_with_names_of_the_gateways_own(
    http_server: HttpStandIn, tools: Tools
):
    wanted = settings(
        http_server,
        content_type="form",
        to_field="Phone",
        text_field="Body",
        from_field="Sender",
        auth_header="X-Key",
    )
    assert isinstance(await outcome("http_sms", PARCEL, wanted, tools), SendResult)
    [request] = http_server.requests
    assert request.form() == {
        "Phone": PARCEL.to,
        "Body": PARCEL.fields["message"],
        "Sender": "Shop",
    }
    assert request.headers["x-key"] == f"Bearer {CANARY}"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        # The clock of the test stands at 09:30.
        ("Mon, 02 Mar 2026 09:31:30 GMT", 90.0),
        ("Mon, 02 Mar 2026 09:00:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
    ],
)
async def test_too_many_messages_wait_as_long_as_the_gateway_says(
    value: str, seconds: float | None, http_server: HttpStandIn, tools: Tools
):
    http_server.script(Respond(429, {"Retry-After": value}))
    error = await outcome("http_sms", PARCEL, settings(http_server), tools)
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


@pytest.mark.parametrize("answer", HTTP_UNREADABLE)
async def test_a_success_without_a_readable_id_is_a_success(
    answer: Respond, http_server: HttpStandIn, tools: Tools
):
    http_server.script(answer)
    result = await outcome("http_sms", PARCEL, settings(http_server), tools, patience(answer))
    assert result == SendResult("", "1 segment, GSM-7")


async def test_nobody_listens(http_server: HttpStandIn, tools: Tools):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    wanted = settings(http_server, url=f"http://127.0.0.1:{port}/")
    assert type(await outcome("http_sms", PARCEL, wanted, tools)) is Transient


async def test_a_connection_that_does_not_come_about_in_time_can_be_tried_again(
    http_server: HttpStandIn, tools: Tools
):
    # A queue of one that nobody takes from: further connections get no answer.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            wanted = settings(http_server, url=f"http://127.0.0.1:{port}/")
            error = await outcome("http_sms", PARCEL, wanted, tools, SHORT)
    assert type(error) is Transient


async def test_a_gateway_on_a_private_address_is_refused(http_server: HttpStandIn, tools: Tools):
    wanted = settings(http_server, url="http://169.254.169.254/latest")
    error = await outcome("http_sms", PARCEL, wanted, tools)
    # Until the operator allows the host.
    assert type(error) is Transient
    assert (error.status, error.for_operator) == ("blocked", True)


@pytest.mark.parametrize("to", ["nobody", "0600 000 001", "+999123456", ""])
async def test_what_is_no_number_is_not_tried(to: str, http_server: HttpStandIn, tools: Tools):
    parcel = make_parcel(Channel.SMS, to=to)
    error = await outcome("http_sms", parcel, settings(http_server), tools)
    assert isinstance(error, Permanent)
    assert (error.status, error.dead_address) == ("number", True)
    assert http_server.requests == []


async def test_a_number_goes_out_as_the_standard_writes_it(http_server: HttpStandIn, tools: Tools):
    parcel = make_parcel(Channel.SMS, to="+44 07911 123456", fields={"message": "字" * 71})
    result = await outcome("http_sms", parcel, settings(http_server), tools)
    assert isinstance(result, SendResult)
    assert result.detail == "2 segments, UCS-2"
    assert http_server.requests[0].json()["to"] == "+447911123456"


@pytest.mark.parametrize("status", [500, 502, 504, 524])
@pytest.mark.parametrize(("key_header", "kind"), [("", OutcomeUnknown), ("X-Key", Transient)])
async def test_what_broke_on_the_way_is_sent_again_only_to_who_knows_repeats(
    status: int,
    key_header: str,
    kind: type[ProviderError],
    http_server: HttpStandIn,
    tools: Tools,
):
    http_server.script(Respond(status))
    wanted = settings(http_server, key_header=key_header)
    error = await outcome("http_sms", PARCEL, wanted, tools)
    assert type(error) is kind
    assert isinstance(error, ProviderError)
    assert error.status == str(status)


async def test_a_path_that_is_none_waits_for_a_better_one(http_server: HttpStandIn, tools: Tools):
    http_server.script(Respond(404))
    error = await outcome("http_sms", PARCEL, settings(http_server), tools)
    assert type(error) is Transient
    assert error.for_operator


async def test_a_key_in_the_url_is_neither_shown_nor_quoted(http_server: HttpStandIn, tools: Tools):
    url = http_server.url(f"/send?route=1&apikey={CANARY}%26x")
    made = registry.settings_of("http_sms", {"url": url})
    assert CANARY not in f"{made!r} {registry.shown(made)}"
    assert registry.secrets_set(made) == ("query",)
    assert registry.settings_of("http_sms", registry.dump(made)) == made
    http_server.script(Respond(400, body=f"no: {CANARY}%26x, {CANARY}&x at 1".encode()))
    error = await outcome("http_sms", PARCEL, registry.dump(made), tools)
    assert isinstance(error, Permanent)
    assert error.detail == "no: [hidden], [hidden] at 1"
    assert http_server.requests[0].path == f"/send?route=1&apikey={CANARY}%26x"


def test_another_url_brings_its_own_query():
    old = registry.dump(registry.settings_of("http_sms", {"url": "https://a.example/?key=old"}))
    new = registry.settings_of("http_sms", {**old, "url": "https://b.example/s?key=new"})
    assert (registry.dump(new)["url"], registry.dump(new)["query"]) == (
        *("https://b.example/s", "key=new"),
    )


async def test_what_the_gateway_cannot_send_is_left_out(http_server: HttpStandIn, tools: Tools):
    fields = {"media_urls": ["https://a.example/1.png"], "from": "Other"}
    parcel = make_parcel(Channel.SMS, fields=fields)
    assert isinstance(await outcome("http_sms", parcel, settings(http_server), tools), SendResult)
    assert http_server.requests[0].json() == {
        "to": parcel.to,
        "text": parcel.fields["message"],
        "from": "Shop",
    }


@pytest.mark.parametrize("message", ["", None, 5])
async def test_a_message_needs_a_text(message: object, http_server: HttpStandIn, tools: Tools):
    parcel = make_parcel(Channel.SMS, fields={"message": message})
    error = await outcome("http_sms", parcel, settings(http_server), tools)
    assert type(error) is UnsupportedContent
    assert http_server.requests == []


async def test_a_gateway_that_repeats_the_secret_is_not_quoted(
    http_server: HttpStandIn, tools: Tools
):
    http_server.script(Respond(401, body=f"{CANARY} is not a valid key".encode()))
    error = await outcome("http_sms", PARCEL, settings(http_server), tools)
    assert isinstance(error, Transient)
    assert "([hidden] is not a valid key)" in error.detail


async def test_many_messages_share_connections(http_server: HttpStandIn, tools: Tools):
    for _ in range(5):
        await outcome("http_sms", PARCEL, settings(http_server), tools)
    assert http_server.connections == 1
    await asyncio.gather(
        *(outcome("http_sms", PARCEL, settings(http_server), tools) for _ in range(50))
    )
    assert len(http_server.requests) == 55
