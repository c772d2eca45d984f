"""SMS through a gateway that is described by settings."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from typing import Any

import pytest

from inbox_app.channels.spec import SendResult, Tools
from inbox_app.domain.errors import (
    Permanent,
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
    assert await outcome("http_sms", PARCEL, wanted, tools) == SendResult(message_id="17")
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
    assert result == SendResult()


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
    assert isinstance(error, Permanent)
    assert error.status == "blocked"


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
