"""E-mail through Amazon SES: the request, its refusals, and what SNS tells of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from email import message_from_bytes, policy
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
from inbox_app.lib.sigv4 import Keys, Request, Scope, signed
from tests.channels.examples.ses import API, EXAMPLE
from tests.channels.parcels import CANARY, make_parcel, outcome
from tests.channels.world import World
from tests.clock import START
from tests.standins import http
from tests.standins.http import Do, Respond

PATH = "/v2/email/outbound-emails"


def settings(**changes: Any) -> Mapping[str, Any]:
    return {**EXAMPLE.settings(0), **changes}


def no(code: str, message: str = "No.", status: int = 400, wait: str = "0") -> Respond:
    """A refusal as the API writes it."""
    body = json.dumps({"message": message}).encode()
    return Respond(status, {"x-amzn-ErrorType": code, "Retry-After": wait}, body)


async def test_a_message_goes_as_the_api_wants_it(world: World, world_tools: Tools):
    world.named.script(EXAMPLE.yes)
    options = {"ccAddresses": ["Ben <ben@example.com>"], "bccAddresses": ["cy@example.com", "x"]}
    parcel = make_parcel(options=options, reply_token="a" * 39)
    wanted = settings(configuration_set="events", from_name="The hub")
    result = await outcome("ses", parcel, wanted, world_tools)
    assert result == SendResult("0100-ses", "Not sent to x.")
    [request] = world.named.requests
    assert (request.method, request.path, request.headers["host"]) == ("POST", PATH, API)
    assert request.headers["content-type"] == "application/json"
    said = request.json()
    mime = base64.b64decode(said.pop("Content")["Raw"]["Data"])
    assert said == {
        "FromEmailAddress": "hub@sender.test",
        "Destination": {
            "ToAddresses": ["ana@example.com"],
            "CcAddresses": ["ben@example.com"],
            "BccAddresses": ["cy@example.com"],
        },
        "EmailTags": [{"Name": "delivery", "Value": "1"}],
        "ConfigurationSetName": "events",
    }
    message = message_from_bytes(mime, policy=policy.default)
    assert message["From"] == "The hub <hub@sender.test>"
    assert message["Reply-To"] == f"reply+{'a' * 39}@in.sender.test"
    assert "cy@example.com" not in mime.decode()


@pytest.mark.parametrize("token", ["", "lent-for-an-hour"])
async def test_a_request_is_signed(token: str, world: World, world_tools: Tools):
    await outcome("ses", make_parcel(), settings(session_token=token), world_tools)
    [request] = world.named.requests
    expected = signed(
        Request("POST", f"https://{API}{PATH}", {"Content-Type": "application/json"}, request.body),
        Keys("AKIDEXAMPLE", CANARY, token),
        Scope("us-east-1", "ses"),
        START,
    )
    assert request.headers["authorization"] == expected["Authorization"]
    assert request.headers["x-amz-date"] == "20260302T093000Z"
    assert request.headers.get("x-amz-security-token", "") == token


async def test_the_send_says_where_answers_go(world: World, world_tools: Tools):
    options = {"replyToAddresses": ["help@shop.test"]}
    parcel = make_parcel(options=options, reply_token="a" * 39)
    await outcome("ses", parcel, settings(), world_tools)
    await outcome("ses", make_parcel(reply_token="a" * 39), settings(reply_domain=""), world_tools)
    named, unnamed = (
        message_from_bytes(base64.b64decode(each.json()["Content"]["Raw"]["Data"]))
        for each in world.named.requests
    )
    assert named["Reply-To"] == "help@shop.test"
    assert "Reply-To" not in unnamed


async def test_a_test_message_belongs_to_no_delivery(world: World, world_tools: Tools):
    await outcome("ses", replace(make_parcel(), delivery_id=0), settings(), world_tools)
    assert world.named.requests[0].json()["EmailTags"] == []


REFUSALS: list[tuple[Respond, type[ProviderError]]] = [
    # "SendEmail", Errors.
    (no("AccountSuspendedException"), Transient),
    (no("SendingPausedException"), Transient),
    (no("MailFromDomainNotVerifiedException"), Transient),
    (no("NotFoundException", "Configuration set <x> does not exist.", 404), Transient),
    (no("BadRequestException", "Missing final '@domain'"), Permanent),
    (no("LimitExceededException"), RateLimited),
    (no("TooManyRequestsException", "Maximum sending rate exceeded.", 429), RateLimited),
    (no("MessageRejected", "Message contains a virus."), Permanent),
    (no("MessageRejected", "Email address is not verified. The following ..."), Transient),
    (no("InternalServiceErrorException", status=500), Transient),
    # "Common Errors".
    (no("AccessDeniedException", status=403), Transient),
    (no("ExpiredTokenException", status=403), Transient),
    (no("IncompleteSignature"), Transient),
    (no("InternalFailure", status=500), Transient),
    (no("InvalidClientTokenId", status=403), Transient),
    (no("MissingAuthenticationToken", status=403), Transient),
    (no("NotAuthorized"), Transient),
    (no("OptInRequired", status=403), Transient),
    (no("RequestAbortedException"), Transient),
    (no("RequestEntityTooLargeException", status=413), UnsupportedContent),
    (no("RequestExpired"), Transient),
    (no("RequestTimeoutException", status=408), Transient),
    (no("ServiceUnavailable", status=503), Transient),
    (no("SignatureDoesNotMatch", status=403), Transient),
    (no("ThrottlingException"), RateLimited),
    (no("UnrecognizedClientException", status=403), Transient),
    (no("ValidationError"), Permanent),
    # The ways in which the name comes.
    (no("SendingPausedException:http://internal.amazon.com/coral/"), Transient),
    (Respond(400, body=b'{"__type": "com.amazon.ses#ThrottlingException"}'), RateLimited),
    (Respond(400, body=b'{"code": "SendingPausedException", "Message": "No."}'), Transient),
]


@pytest.mark.parametrize(("answer", "kind"), REFUSALS)
async def test_a_refusal_says_what_it_means(
    answer: Respond, kind: type[ProviderError], world: World, world_tools: Tools
):
    world.named.script(answer)
    error = await outcome("ses", make_parcel(), settings(), world_tools)
    assert isinstance(error, ProviderError)
    assert type(error) is kind
    assert not (isinstance(error, Permanent) and error.dead_address)
    assert error.status in f"{answer.headers}{answer.body}"
    assert error.status.isalpha()


async def test_a_sender_who_is_not_verified_is_the_trouble_of_that_message(
    world: World, world_tools: Tools
):
    world.named.script(no("MessageRejected", "Email address is not verified."))
    error = await outcome("ses", make_parcel(), settings(), world_tools)
    assert isinstance(error, Transient)
    assert error.about_message


async def test_too_much_at_once_waits_as_long_as_is_said(world: World, world_tools: Tools):
    world.named.script(no("ThrottlingException", "Slow down.", wait="7"))
    error = await outcome("ses", make_parcel(), settings(), world_tools)
    assert isinstance(error, RateLimited)
    assert (error.detail, error.retry_after) == ("Slow down.", 7)


@pytest.mark.parametrize("secret", [CANARY, "lent-for-an-hour"])
async def test_a_service_that_repeats_a_secret_is_not_quoted(
    secret: str, world: World, world_tools: Tools
):
    words = f"The Canonical String should have been x-amz-security-token:{secret}"
    world.named.script(no("SignatureDoesNotMatch", words, 403))
    wanted = settings(session_token="lent-for-an-hour")
    error = await outcome("ses", make_parcel(), wanted, world_tools)
    assert isinstance(error, Transient)
    assert "security-token:[hidden]" in error.detail


@pytest.mark.parametrize(
    "answer", [http.HUGE, Respond(body=b"ok"), Respond(body=b'{"MessageId": 1}')]
)
async def test_a_success_without_a_readable_id_is_a_success(
    answer: Respond, world: World, world_tools: Tools
):
    world.named.script(answer)
    assert await outcome("ses", make_parcel(), settings(), world_tools) == SendResult()


async def test_files_that_take_too_long_are_no_message_of_unknown_fate(
    world: World, world_tools: Tools
):
    world.plain.script(Do.STALL)
    files = [{"filename": "a.txt", "url": world.plain.url("/a.txt")}]
    parcel = make_parcel(options={"attachments": files})
    error = await outcome("ses", parcel, settings(), world_tools, 0.5)
    assert isinstance(error, Transient)
    assert error.about_message
    assert world.named.requests == []


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "email.eu-west-1.amazonaws.com"),
        ("us-gov-west-1", "email.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "email.cn-north-1.amazonaws.com.cn"),
    ],
)
async def test_every_region_has_its_host(region: str, host: str, world_tools: Tools):
    # Nobody plays it with a certificate: that its name was looked up is enough.
    await outcome("ses", make_parcel(), settings(region=region), world_tools)
    assert world_tools.http._resolver.asked == [host]  # pyright: ignore


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"region": "eu west"}, "Region"),
        ({"region": "evil.test/#-1"}, "Region"),
        ({"access_key_id": "a b"}, "Access key ID"),
        ({"secret_access_key": ""}, "Secret access key"),
        ({"from_address": "nobody"}, "From address"),
        ({"configuration_set": "a/b"}, "Configuration set"),
        ({"topics": "mail"}, "SNS topics"),
        ({"topics": "arn:aws:sns:evil.test/:123456789012:mail"}, "SNS topics"),
        ({"reply_domain": "a b"}, "Domain for answers"),
        ({"reply_domain": "in.sender.test>"}, "Domain for answers"),
    ],
)
def test_a_wrong_setting_is_named(change: Mapping[str, Any], words: str):
    with pytest.raises(InvalidInput, match=words):
        registry.settings_of("ses", settings(**change))


def test_several_topics_can_be_named():
    topics = "arn:aws:sns:us-east-1:123456789012:a, arn:aws-cn:sns:cn-north-1:123456789012:b"
    made = registry.settings_of("ses", settings(topics=topics, reply_domain="In.Bücher.test"))
    assert registry.dump(made)["topics"] == topics.replace(" ", "")
    assert registry.dump(made)["reply_domain"] == "in.xn--bcher-kva.test"
