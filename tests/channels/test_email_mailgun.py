"""E-mail through Mailgun: the request, and its refusals."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import Message
from typing import Any

import pytest

from inbox_app.channels import registry
from inbox_app.channels.spec import SendResult, Tools
from inbox_app.domain.errors import (
    InvalidInput,
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
    UnsupportedContent,
)
from tests.channels.examples.mailgun import DOMAIN, EXAMPLE
from tests.channels.parcels import CANARY, make_parcel, outcome
from tests.channels.world import World
from tests.standins import http
from tests.standins.http import Request, Respond

COPIES = {"ccAddresses": ["Ben <ben@example.com>"], "bccAddresses": ["cy@example.com", "x"]}


def settings(**changes: Any) -> Mapping[str, Any]:
    return {**EXAMPLE.settings(0), **changes}


def parts(request: Request) -> dict[str, Message]:
    """The parts of a form by their names."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    whole = message_from_bytes(head + request.body)
    assert whole.get_content_type() == "multipart/form-data"
    found: dict[str, Message] = {}
    for each in whole.get_payload():
        assert isinstance(each, Message)
        name = each.get_param("name", header="content-disposition")
        assert isinstance(name, str)
        found[name] = each
    return found


def mime_in(request: Request) -> bytes:
    """The message, as it is sent: between the head of its part and the next boundary."""
    boundary = request.headers["content-type"].partition("boundary=")[2].strip('"')
    [part] = [p for p in request.body.split(f"--{boundary}".encode()) if b'name="message"' in p]
    return part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")


async def test_a_message_goes_as_the_api_wants_it(world: World, world_tools: Tools):
    world.named.script(EXAMPLE.yes)
    parcel = make_parcel(options=COPIES, reply_token="a" * 39)
    result = await outcome("mailgun", parcel, settings(from_name="The hub"), world_tools)
    assert result == SendResult(f"1@{DOMAIN}", "Not sent to x.")
    [request] = world.named.requests
    assert (request.method, request.path) == ("POST", f"/v3/{DOMAIN}/messages.mime")
    assert request.headers["host"] == "api.mailgun.net"
    key = base64.b64encode(f"api:{CANARY}".encode()).decode()
    assert request.headers["authorization"] == f"Basic {key}"
    fields = parts(request)
    assert list(fields) == ["to", "v:delivery", "message"]
    assert fields["to"].get_payload() == "ana@example.com,ben@example.com,cy@example.com"
    assert fields["v:delivery"].get_payload() == "1"
    assert fields["message"].get_filename() == "message.mime"
    message = message_from_bytes(mime_in(request), policy=policy.default)
    assert (message["From"], message["To"]) == ("The hub <hub@sender.test>", "ana@example.com")
    assert message["Cc"] == "Ben <ben@example.com>"
    assert message["Reply-To"] == f"reply+{'a' * 39}@in.sender.test"
    assert b"cy@example.com" not in mime_in(request)


async def test_europe_has_a_host_of_its_own(world: World, world_tools: Tools):
    await outcome("mailgun", make_parcel(), settings(region="eu"), world_tools)
    assert world.named.requests[0].headers["host"] == "api.eu.mailgun.net"


async def test_a_test_message_belongs_to_no_delivery(world: World, world_tools: Tools):
    await outcome("mailgun", replace(make_parcel(), delivery_id=0), settings(), world_tools)
    assert list(parts(world.named.requests[0])) == ["to", "message"]


def no(status: int, message: str) -> Respond:
    """A refusal as the API writes it."""
    return Respond(status, body=json.dumps({"message": message}).encode())


NOT_AN_ADDRESS = "'to' parameter is not a valid address. please check documentation"
REFUSALS: list[tuple[Respond, type[ProviderError], bool]] = [
    # "Errors" of the API, and the words it uses.
    (no(400, NOT_AN_ADDRESS), Permanent, True),
    (no(400, "to parameter is not a valid address. please check documentation"), Permanent, True),
    (no(400, "'from' parameter is not a valid address. please check it"), Permanent, False),
    (no(400, "message parameter is missing"), Permanent, False),
    (no(400, "Free accounts are for test purposes only."), Permanent, False),
    (no(400, "Domain mg.sender.test is not allowed to send: disabled"), Transient, False),
    (no(401, "Invalid private key"), Transient, False),
    (Respond(401, body=b"Forbidden"), Transient, False),
    (no(402, "Payment required"), Transient, False),
    (no(403, "Domain mg.sender.test is not allowed to send: unverified"), Transient, False),
    (no(403, "Please activate your Mailgun account."), Transient, False),
    (no(404, "Domain not found: mg.sender.test"), Transient, False),
    (no(404, "Not found"), Transient, False),
    (no(413, "Request entity too large"), UnsupportedContent, False),
    (no(421, "Host does not match"), Permanent, False),
    (no(429, "Domain mg.sender.test is not allowed to send: rate limit"), RateLimited, False),
    (no(500, "Internal Server Error"), Transient, False),
    (no(502, "Bad gateway"), Transient, False),
]


@pytest.mark.parametrize(("answer", "kind", "dead"), REFUSALS)
async def test_a_refusal_says_what_it_means(
    answer: Respond, kind: type[ProviderError], dead: bool, world: World, world_tools: Tools
):
    world.named.script(answer)
    error = await outcome("mailgun", make_parcel(), settings(), world_tools)
    assert isinstance(error, ProviderError)
    assert type(error) is kind
    assert error.status == str(answer.status)
    assert getattr(error, "dead_address", False) is dead


async def test_with_copies_it_is_not_known_which_address_is_none(world: World, world_tools: Tools):
    world.named.script(no(400, NOT_AN_ADDRESS))
    parcel = make_parcel(options=COPIES)
    error = await outcome("mailgun", parcel, settings(), world_tools)
    assert isinstance(error, Permanent)
    assert not error.dead_address


async def test_a_service_that_repeats_the_secret_is_not_quoted(world: World, world_tools: Tools):
    basic = base64.b64encode(f"api:{CANARY}".encode()).decode()
    world.named.script(no(401, f"{CANARY} and {basic} are not valid"))
    error = await outcome("mailgun", make_parcel(), settings(), world_tools)
    assert isinstance(error, Transient)
    assert "[hidden] and [hidden] are not valid" in error.detail


@pytest.mark.parametrize(
    "answer", [http.HUGE, Respond(body=b"ok"), Respond(body=b'{"id": 1}'), Respond(204, body=b"")]
)
async def test_a_success_without_a_readable_id_is_a_success(
    answer: Respond, world: World, world_tools: Tools
):
    world.named.script(answer)
    assert await outcome("mailgun", make_parcel(), settings(), world_tools) == SendResult()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"domain": "evil.test/.."}, "Sending domain"),
        ({"domain": "localhost"}, "Sending domain"),
        ({"region": "moon"}, "Region"),
        ({"api_key": ""}, "API key"),
        ({"from_address": "nobody"}, "From address"),
        ({"reply_domain": "a b"}, "Domain for answers"),
    ],
)
def test_a_wrong_setting_is_named(change: Mapping[str, Any], words: str):
    with pytest.raises(InvalidInput, match=words):
        registry.settings_of("mailgun", settings(**change))
