"""Twilio: what it is sent, what its codes mean, and what it reports."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.channels import registry
from inbox_app.channels.spec import Call, Heard, Parcel, Said, SendResult, Tools
from inbox_app.channels.twilio import twiml
from inbox_app.channels.twilio.codes import MEANINGS
from inbox_app.channels.twilio.signature import fields_of
from inbox_app.domain.errors import (
    InvalidInput,
    OutcomeUnknown,
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
    Unauthenticated,
    UnsupportedContent,
)
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.receipt import Receipt, ReceiptKind
from tests.channels.examples import examples
from tests.channels.faults import HTTP_UNREADABLE, patience
from tests.channels.parcels import CANARY, make_parcel, outcome
from tests.channels.world import World
from tests.clock import START
from tests.standins.http import Request, Respond
from tests.standins.twilio import FORM, signed

K = ReceiptKind
ACCOUNT = f"AC{17:032x}"
FROM = "+15005550006"
SERVICE = f"MG{5:032x}"
CALLBACK = "https://hub.example/callbacks/twilio/7"
YES = examples()["twilio"].yes
TEXT = make_parcel(Channel.SMS, callback=CALLBACK)
CALL = make_parcel(Channel.CALL, callback=CALLBACK)


def settings(**changes: Any) -> dict[str, Any]:
    return {**examples()["twilio"].settings(0), **changes}


async def sent(
    world: World, tools: Tools, parcel: Parcel, answer: Respond = YES, **changes: Any
) -> SendResult | ProviderError:
    world.named.script(answer)
    return await outcome("twilio", parcel, settings(**changes), tools)


def form(request: Request) -> list[tuple[str, str]]:
    assert request.headers["content-type"] == FORM
    return parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True)


# Sending


async def test_a_text_goes_out(world: World, world_tools: Tools):
    result = await sent(world, world_tools, TEXT)
    assert result == SendResult("SM1", "1 segment, GSM-7")
    [request] = world.named.requests
    assert (request.method, request.path) == (
        *("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"),
    )
    assert request.headers["host"] == "api.twilio.com"
    assert request.headers["authorization"] == basic(ACCOUNT, CANARY)
    assert form(request) == [
        ("To", "+34600000001"),
        ("From", FROM),
        ("Body", "Your order is on its way"),
        ("StatusCallback", f"{CALLBACK}?delivery=1"),
    ]


def basic(name: str, secret: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{secret}'.encode()).decode()}"


async def test_a_text_with_pictures_comes_from_whom_it_says(world: World, world_tools: Tools):
    media = ["https://a.example/1.png", "https://a.example/2.png?x=1&y=2"]
    fields = {"media_urls": media, "from": "Shop", "message": "Grüße 字"}
    parcel = replace(make_parcel(Channel.SMS), fields=fields)
    result = await sent(world, world_tools, parcel, messaging_service_sid=SERVICE)
    assert result == SendResult("SM1", "MMS with 2 files")
    [request] = world.named.requests
    assert form(request) == [
        ("To", "+34600000001"),
        ("From", "Shop"),
        ("Body", "Grüße 字"),
        *(("MediaUrl", url) for url in media),
    ]


async def test_pictures_alone_go_out(world: World, world_tools: Tools):
    parcel = make_parcel(Channel.SMS, fields={"message": "", "media_urls": ["https://a.example/"]})
    assert await sent(world, world_tools, parcel) == SendResult("SM1", "MMS with 1 file")
    assert form(world.named.requests[0])[2:] == [("MediaUrl", "https://a.example/")]


async def test_a_messaging_service_chooses_who_texts_come_from(world: World, world_tools: Tools):
    await sent(world, world_tools, TEXT, messaging_service_sid=SERVICE)
    await sent(world, world_tools, TEXT, messaging_service_sid=SERVICE, from_number="")
    await sent(world, world_tools, CALL, messaging_service_sid=SERVICE)
    senders = [form(request)[1] for request in world.named.requests]
    service = ("MessagingServiceSid", SERVICE)
    assert senders == [service, service, ("From", FROM)]


async def test_a_call_says_the_message(world: World, world_tools: Tools):
    parcel = replace(CALL, fields={"message": 'Mind <Hangup/> & "quotes"\x07\x00 字\ud800'})
    yes = Respond(201, body=b'{"sid": "CA1"}')
    result = await sent(world, world_tools, parcel, yes, voice="Polly.Vicki", language="de-DE")
    assert result == SendResult("CA1")
    [request] = world.named.requests
    assert request.path == f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    [to, sender, (name, said), *rest] = form(request)
    assert (to, sender, name) == (("To", "+34600000001"), ("From", FROM), "Twiml")
    assert said == (
        '<Response><Say voice="Polly.Vicki" language="de-DE">'
        "Mind &lt;Hangup/&gt; &amp; &quot;quotes&quot; 字</Say></Response>"
    )
    assert rest == [
        ("StatusCallback", f"{CALLBACK}?delivery=1"),
        ("StatusCallbackEvent", "initiated"),
        ("StatusCallbackEvent", "ringing"),
        ("StatusCallbackEvent", "answered"),
        ("StatusCallbackEvent", "completed"),
    ]


async def test_where_nothing_can_be_reported_nothing_is_asked_for(world: World, world_tools: Tools):
    for channel in (Channel.SMS, Channel.CALL):
        await sent(world, world_tools, make_parcel(channel))
    names = [[name for name, _ in form(request)] for request in world.named.requests]
    assert names == [["To", "From", "Body"], ["To", "From", "Twiml"]]


async def test_an_api_key_signs_in_and_a_region_has_its_own_host(world: World, world_tools: Tools):
    key, host = f"SK{3:032x}", "api.dublin.ie1.twilio.com"
    changes: dict[str, Any] = {
        "auth_token": "token",
        "api_key_sid": key,
        "api_key_secret": CANARY,
        "host": host,
    }
    assert isinstance(await sent(world, world_tools, TEXT, **changes), SendResult)
    [request] = world.named.requests
    assert request.headers["authorization"] == basic(key, CANARY)
    assert request.headers["host"] == host
    assert request.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


async def test_a_number_goes_out_as_the_standard_writes_it(world: World, world_tools: Tools):
    await sent(world, world_tools, replace(TEXT, to="+34 600 000 001"))
    assert form(world.named.requests[0])[0] == ("To", "+34600000001")


@pytest.mark.parametrize("to", ["", "ana", "600000001", "+3460", "+1 555"])
@pytest.mark.parametrize("parcel", [TEXT, CALL])
async def test_what_is_no_number_is_not_tried(
    to: str, parcel: Parcel, world: World, world_tools: Tools
):
    error = await sent(world, world_tools, replace(parcel, to=to))
    assert isinstance(error, Permanent)
    assert (error.dead_address, error.opted_out, error.status) == (True, False, "21211")
    assert world.named.requests == []


@pytest.mark.parametrize("message", ["", None, 5])
@pytest.mark.parametrize("channel", [Channel.SMS, Channel.CALL])
async def test_there_has_to_be_a_message(
    message: object, channel: Channel, world: World, world_tools: Tools
):
    parcel = make_parcel(channel, fields={"message": message})
    assert type(await sent(world, world_tools, parcel)) is UnsupportedContent
    assert world.named.requests == []


async def test_a_call_that_says_too_much_is_not_tried(world: World, world_tools: Tools):
    room = twiml.LONGEST - len(twiml.call(""))
    fits, over = ({"message": "&" * (room // 5) + "x" * more} for more in (room % 5, room % 5 + 1))
    assert isinstance(await sent(world, world_tools, replace(CALL, fields=fits)), SendResult)
    assert len(dict(form(world.named.requests[0]))["Twiml"]) == 4_000
    error = await sent(world, world_tools, replace(CALL, fields=over))
    assert type(error) is UnsupportedContent
    assert len(world.named.requests) == 1


async def test_calls_without_a_number_wait_for_one(world: World, world_tools: Tools):
    error = await sent(*(world, world_tools, CALL), messaging_service_sid=SERVICE, from_number="")
    assert type(error) is Transient
    assert (error.status, error.about_message) == ("settings", False)
    assert error.for_operator
    assert world.named.requests == []


@pytest.mark.parametrize("sender", ["Shop", "40404"])
async def test_calls_do_not_come_from_what_is_for_texts_alone(
    sender: str, world: World, world_tools: Tools
):
    error = await sent(world, world_tools, CALL, from_number=sender)
    assert type(error) is Transient
    assert (error.status, error.for_operator) == ("settings", True)
    assert world.named.requests == []
    assert isinstance(await sent(world, world_tools, TEXT, from_number=sender), SendResult)


@pytest.mark.parametrize("answer", HTTP_UNREADABLE)
async def test_a_success_without_a_readable_name_is_a_success(
    answer: Respond, world: World, world_tools: Tools
):
    world.named.script(answer)
    result = await outcome("twilio", TEXT, settings(), world_tools, patience(answer))
    assert result == SendResult("", "1 segment, GSM-7")


# What the codes mean

DEAD, REFUSED, UNFIT = (Permanent, True), (Permanent, False), (UnsupportedContent, False)
WAITS, LIMITED = (Transient, False), (RateLimited, False)
CODES: Mapping[str, tuple[type[ProviderError], bool]] = {
    "10001": WAITS,  # account not active
    "10002": WAITS,  # not with a trial account
    "10004": LIMITED,  # too many calls at once
    "10005": WAITS,  # calls switched off for the account
    "13214": WAITS,  # caller id
    "13223": DEAD,  # invalid number
    "13224": REFUSED,  # not supported, invalid, or its network is down
    "13225": REFUSED,  # call blocked
    "13226": DEAD,  # no such country code
    "13227": REFUSED,  # country not allowed
    "14102": WAITS,  # From
    "14103": UNFIT,  # no text
    "14107": LIMITED,  # message rate
    "14108": WAITS,  # From cannot send texts
    "20003": WAITS,  # credentials
    "20005": WAITS,  # account not active
    "20006": WAITS,  # access denied
    "20008": WAITS,  # test credentials
    "20404": WAITS,  # account SID
    "20429": LIMITED,  # too many requests
    "21210": WAITS,  # From not verified
    "21211": DEAD,  # invalid To
    "21212": WAITS,  # invalid From
    "21213": WAITS,  # no From
    "21214": DEAD,  # To cannot be reached
    "21215": REFUSED,  # country not allowed
    "21216": REFUSED,  # call blocked
    "21217": DEAD,  # invalid To
    "21219": REFUSED,  # trial account, To not verified
    "21265": DEAD,  # To is a short code
    "21266": REFUSED,  # To is From
    "21408": REFUSED,  # country not allowed
    "21601": WAITS,  # From
    "21602": UNFIT,  # no text
    "21603": WAITS,  # no From
    "21605": UNFIT,  # too long
    "21606": WAITS,  # From
    "21608": REFUSED,  # trial account, To not verified
    "21609": WAITS,  # StatusCallback
    "21610": DEAD,  # opted out
    "21611": LIMITED,  # queue of From is full
    "21612": REFUSED,  # not from this From to this To
    "21614": DEAD,  # not mobile
    "21617": UNFIT,  # too long
    "21619": UNFIT,  # no text
    "21620": UNFIT,  # media URL
    "21621": UNFIT,  # From sends no media
    "21623": UNFIT,  # too many media
    "21635": DEAD,  # landline
    "21657": WAITS,  # sender id
    "21658": UNFIT,  # too long
    "21659": WAITS,  # From
    "21660": WAITS,  # From of another account
    "21661": WAITS,  # From cannot send texts
    "21701": WAITS,  # messaging service
    "21703": WAITS,  # messaging service
    "21704": WAITS,  # messaging service without numbers
    "21705": WAITS,  # messaging service
    "30001": LIMITED,  # queue overflow
    "30002": WAITS,  # account suspended
    "30003": WAITS,  # unreachable
    "30004": REFUSED,  # blocked
    "30005": DEAD,  # unknown destination
    "30006": REFUSED,  # landline, or carrier unreachable
    "30007": REFUSED,  # filtered
    "30008": WAITS,  # unknown error
    "30022": LIMITED,  # carrier's rate
    "30023": LIMITED,  # carrier's daily cap
    "30027": LIMITED,  # carrier's daily cap
    "30032": WAITS,  # toll-free number not verified
    "30034": WAITS,  # number not registered
    "30450": WAITS,  # blocked for a while
    "30453": WAITS,  # blocked for a while
    "30500": WAITS,  # Twilio's own error
    "32018": UNFIT,  # too much TwiML
    # Those that the native API tells of Telnyx.
    "40001": DEAD,  # not routable
    "40002": REFUSED,  # spam
    "40010": WAITS,  # number not registered
    "40300": DEAD,  # opted out
}
"""Every code that is known: what becomes of the try, and whether the number is dead."""
OPTED_OUT = {"21610", "40300"}
THIS_MESSAGE = {"30003", "30008", "30450", "30453", "30500"}
SENDER = {
    *("13214", "14102", "14108", "21210", "21212", "21213", "21601", "21603", "21606"),
    *("21657", "21659", "21660", "21661"),
}


def refusal(code: str | int | None, status: int = 400, **headers: str) -> Respond:
    body = {"code": code, "message": "No.", "more_info": "https://x", "status": status}
    return Respond(status, headers, json.dumps(body).encode())


def test_every_known_code_is_in_the_table():
    assert CODES.keys() == MEANINGS.keys()


@pytest.mark.parametrize("meaning", sorted({*CODES.values()}, key=str))
async def test_a_code_means_the_same_for_every_message(
    meaning: tuple[type[ProviderError], bool], world: World, world_tools: Tools
):
    for code in (code for code, each in CODES.items() if each == meaning):
        error = await sent(world, world_tools, TEXT, refusal(int(code)))
        assert isinstance(error, ProviderError)
        dead = isinstance(error, Permanent) and error.dead_address
        assert (type(error), dead, error.status) == (*meaning, code), code
        assert (isinstance(error, Permanent) and error.opted_out) is (code in OPTED_OUT)
        assert (isinstance(error, Transient) and error.about_message) is (code in THIS_MESSAGE)
        waits = type(error) is Transient
        assert error.for_operator is (waits and code not in THIS_MESSAGE)
        assert error.detail == f"{MEANINGS[code].words} Twilio: No."


async def test_a_sender_that_a_message_names_is_the_messages_own_fault(
    world: World, world_tools: Tools
):
    parcel = make_parcel(Channel.SMS, fields={"from": "Shop"})
    for code in CODES:
        error = await sent(world, world_tools, parcel, refusal(int(code)))
        if code in SENDER:
            assert isinstance(error, Permanent)
            assert not error.dead_address
        else:
            assert type(error) is CODES[code][0]
    call = make_parcel(Channel.CALL, fields={"from": "Shop"})
    assert type(await sent(world, world_tools, call, refusal(21210))) is Transient


@pytest.mark.parametrize("code", [20429, 21611, None])
async def test_too_much_at_once_waits_as_long_as_it_is_told(
    code: int | None, world: World, world_tools: Tools
):
    answer = refusal(code, 429, **{"Retry-After": "7"})
    error = await sent(world, world_tools, TEXT, answer)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 7


@pytest.mark.parametrize(
    ("answer", "kind", "status"),
    [
        (refusal(29999), Permanent, "29999"),
        (refusal(29999, 401), Transient, "29999"),
        (refusal(20500, 500), OutcomeUnknown, "20500"),
        (refusal(30500, 500), OutcomeUnknown, "30500"),
        (Respond(502, body=b"<html>"), OutcomeUnknown, "502"),
        (Respond(504), OutcomeUnknown, "504"),
        (refusal(20503, 503), Transient, "20503"),
        (refusal("21211"), Permanent, "400"),
        (refusal(None, 404), Transient, "404"),
        (Respond(400, body=b'{"code": true}'), Permanent, "400"),
        (Respond(400, body=b"[]"), Permanent, "400"),
        (Respond(400, body=b'{"code": {"a": 1}, "message": [1]}'), Permanent, "400"),
    ],
)
async def test_other_answers_go_by_their_status(
    answer: Respond, kind: type[ProviderError], status: str, world: World, world_tools: Tools
):
    error = await sent(world, world_tools, TEXT, answer)
    assert isinstance(error, ProviderError)
    assert (type(error), error.status) == (kind, status)
    assert not (isinstance(error, Permanent) and error.dead_address)


async def test_secrets_that_are_repeated_are_not_quoted(world: World, world_tools: Tools):
    key: dict[str, Any] = {"api_key_sid": f"SK{3:032x}", "api_key_secret": "k3y-s3cret"}
    header = basic(key["api_key_sid"], "k3y-s3cret").partition(" ")[2]
    words = f"{CANARY} and k3y-s3cret and {header} and {base64.b64encode(CANARY.encode()).decode()}"
    answer = Respond(400, body=json.dumps({"code": 21211, "message": words}).encode())
    error = await sent(world, world_tools, TEXT, answer, **key)
    assert isinstance(error, Permanent)
    expected = "[hidden] and [hidden] and [hidden] and [hidden]"
    assert error.detail == f"No telephone has this number. Twilio: {expected}"


# Settings


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"account_sid": "AC1"}, "Account SID"),
        ({"auth_token": ""}, "Auth token"),
        ({"from_number": ""}, "a number or a messaging service"),
        ({"from_number": "0049 1512 3456789"}, "From"),
        ({"from_number": "x\r\ny"}, "From"),
        ({"messaging_service_sid": "MG1"}, "Messaging service SID"),
        ({"api_key_sid": f"SK{3:032x}"}, "an API key has both"),
        ({"api_key_secret": "x"}, "an API key has both"),
        ({"voice": 'a"b'}, "Voice"),
        ({"language": "de DE"}, "Language"),
        ({"host": "twilio.com.evil.example"}, "API host"),
        ({"host": "eviltwilio.com"}, "API host"),
        ({"host": "evil.example/.twilio.com"}, "API host"),
        ({"host": "a@b.twilio.com"}, "API host"),
        ({"host": "twilio.com"}, "API host"),
    ],
)
def test_wrong_settings_are_named(change: Mapping[str, Any], words: str):
    with pytest.raises(InvalidInput, match=words):
        registry.settings_of("twilio", settings(**change))


@pytest.mark.parametrize("sender", ["+4915123456789", "40404", "Shop", "A & B-1_+x"])
def test_a_sender_is_a_number_a_short_code_or_a_name(sender: str):
    registry.settings_of("twilio", settings(from_number=sender))


# Proof

URL = f"{CALLBACK}?delivery=1"


async def hear(call: Call, tools: Tools) -> Heard:
    provider = registry.provider_named("twilio")
    return await registry.hear(provider, call, registry.settings_of("twilio", settings()), tools)


def posted(fields: Mapping[str, str], url: str = URL, token: str = CANARY) -> Call:
    """A form as Twilio posts it."""
    headers = {"x-twilio-signature": signed(url, fields, token), "content-type": FORM}
    return Call("POST", url, headers, urlencode(fields).encode())


VECTOR_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
VECTOR = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
JSON_BODY = b'{"property": "value", "boolean": true}'
JSON_URL = f"{VECTOR_URL}&bodySHA256={hashlib.sha256(JSON_BODY).hexdigest()}"


@pytest.mark.parametrize(
    ("url", "body", "signature"),
    [
        (VECTOR_URL, urlencode(VECTOR).encode(), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        # Signed with the port that the scheme stands for, and without one that was configured.
        (VECTOR_URL, urlencode(VECTOR).encode(), "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (
            VECTOR_URL.replace(".com", ".com:1234"),
            urlencode(VECTOR).encode(),
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        ),
        (
            VECTOR_URL.replace(".com", ".com:1234").replace("https", "http"),
            urlencode(VECTOR).encode(),
            "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=",
        ),
        (
            VECTOR_URL,
            b"Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234",
            "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
        ),
        (JSON_URL, JSON_BODY, "a9nBmqA0ju/hNViExpshrM61xv4="),
    ],
)
def test_the_examples_of_twilios_own_libraries_are_proven(url: str, body: bytes, signature: str):
    """Those that its helper libraries are tested with."""
    call = Call("POST", url, {"x-twilio-signature": signature}, body)
    fields = fields_of(call, "12345")
    assert {"foo": "1", "bar": "2"}.items() <= fields.items()
    with pytest.raises(Unauthenticated):
        fields_of(call, "12346")
    with pytest.raises(Unauthenticated):
        fields_of(replace(call, body=body + b" "), "12345")


def test_a_proven_document_is_read():
    call = Call("POST", JSON_URL, {"x-twilio-signature": "a9nBmqA0ju/hNViExpshrM61xv4="}, JSON_BODY)
    fields = fields_of(call, "12345")
    assert fields["property"] == "value"
    assert "boolean" not in fields


@given(
    st.dictionaries(st.text(max_size=8), st.text(max_size=8), min_size=1, max_size=5),
    st.integers(0, 10_000),
)
def test_any_form_is_proven_and_none_with_another_byte(fields: dict[str, str], where: int):
    call = posted(fields)
    assert fields_of(call, CANARY) == {"delivery": "1"} | fields
    at = where % len(call.body)
    changed = bytes([*call.body[:at], call.body[at] ^ 1, *call.body[at + 1 :]])
    if dict(parse_qsl(changed.decode(), keep_blank_values=True)) != fields:
        with pytest.raises(Unauthenticated):
            fields_of(replace(call, body=changed), CANARY)
    at = where % len(URL)
    other = URL[:at] + chr(ord(URL[at]) ^ 1) + URL[at + 1 :]
    with pytest.raises(Unauthenticated):
        fields_of(replace(call, url=other), CANARY)


GOOD = {"MessageSid": "SM1", "MessageStatus": "delivered"}


@pytest.mark.parametrize(
    "call",
    [
        replace(posted(GOOD), headers={}),
        replace(posted(GOOD), headers={"x-twilio-signature": ""}),
        replace(posted(GOOD), headers={"x-twilio-signature": "é"}),
        replace(posted(GOOD), body=b""),
        replace(posted(GOOD), body=b"\xff"),
        replace(posted(GOOD), body=b"a=1&" * 501),
        replace(posted(GOOD), url=CALLBACK),
        posted(GOOD, token="other"),
        # Signed, and yet more than is looked at.
        posted(GOOD | {str(number): "" for number in range(500)}),
        # Signed without its body, as another kind of request would be.
        replace(posted({}), body=urlencode(GOOD).encode()),
        replace(posted({}, f"{URL}&bodySHA256=0"), body=json.dumps(GOOD).encode()),
        Call("GET", f"{URL}&{urlencode(GOOD)}", {}, b""),
    ],
)
async def test_what_is_not_signed_so_is_refused(call: Call, tools: Tools):
    with pytest.raises(Unauthenticated) as caught:
        await hear(call, tools)
    assert CANARY not in f"{caught.value} {caught.value.__context__!r}"


async def test_a_proven_request_about_nothing_is_not_understood(tools: Tools):
    for fields in ({}, {"MessageSid": "SM1"}, {"CallSid": "CA1"}, {"MessageStatus": "sent"}):
        with pytest.raises(InvalidInput):
            await hear(posted(fields), tools)


# Reports


async def receipts(tools: Tools, fields: Mapping[str, str], url: str = URL) -> list[Receipt]:
    heard = await hear(posted(fields, url), tools)
    assert heard.answer == Said(200, "<Response/>", "text/xml")
    return list(heard.receipts)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, None) for status in ("accepted", "scheduled", "queued", "sending")),
        *(("partially_delivered", None), ("something-new", None)),
        *(("sent", K.SENT), ("delivered", K.DELIVERED), ("read", K.OPENED)),
        *(("undelivered", K.FAILED), ("failed", K.FAILED), ("canceled", K.FAILED)),
    ],
)
async def test_a_message_status_is_told(status: str, kind: K | None, tools: Tools):
    fields = {"MessageSid": "SM1", "MessageStatus": status, "To": "+34600000001", "From": FROM}
    found = await receipts(tools, fields)
    failed = kind is K.FAILED
    expected = Receipt(
        *(f"SM1 {status}", kind or K.SENT, START, 1, "SM1"),
        code=status.upper() if failed else "",
        detail="It was cancelled at Twilio." if status == "canceled" else "",
    )
    assert found == ([expected] if kind else [])


async def test_every_code_of_a_failure_is_kept(tools: Tools):
    fields = {"MessageSid": "SM1", "MessageStatus": "failed"}
    for code, (_, dead) in CODES.items():
        [receipt] = await receipts(tools, {**fields, "ErrorCode": code})
        assert (receipt.code, receipt.dead_address) == (code, dead)
        assert receipt.detail == MEANINGS[code].words
    [receipt] = await receipts(tools, {**fields, "ErrorCode": "39999"})
    assert (receipt.code, receipt.dead_address, receipt.detail) == ("39999", False, "")


@pytest.mark.parametrize("code", sorted(OPTED_OUT))
async def test_a_stop_that_twilio_alone_has_heard_is_a_wish(code: str, tools: Tools):
    to = "+34600000001"
    fields = {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": code, "To": to}
    wish, failed = await receipts(tools, fields)
    assert wish == Receipt("SM1 opted out", K.UNSUBSCRIBED, START, 1, "SM1", to)
    assert (failed.kind, failed.key, failed.dead_address) == (K.FAILED, "SM1 failed", True)


@pytest.mark.parametrize(
    ("status", "kind", "code", "detail"),
    [
        ("queued", None, "", ""),
        ("initiated", None, "", ""),
        ("ringing", None, "", ""),
        ("in-progress", K.DELIVERED, "COMPLETED", ""),
        ("completed", K.DELIVERED, "COMPLETED", ""),
        ("busy", K.FAILED, "BUSY", "The line was busy."),
        ("no-answer", K.FAILED, "NO_ANSWER", "Nobody answered."),
        ("failed", K.FAILED, "FAILED", ""),
        ("canceled", K.FAILED, "CANCELED", "It was cancelled at Twilio."),
    ],
)
async def test_a_call_status_is_told(
    status: str, kind: K | None, code: str, detail: str, tools: Tools
):
    fields = {"CallSid": "CA1", "CallStatus": status, "Direction": "outbound-api"}
    found = await receipts(tools, fields)
    answered = kind is K.DELIVERED
    key = "CA1 answered" if answered else f"CA1 {status}"
    expected = Receipt(key, kind or K.SENT, START, 1, "CA1", code=code, detail=detail)
    assert found == ([expected] if kind else [])
    assert await receipts(tools, {**fields, "Direction": "inbound"}) == []


@pytest.mark.parametrize(
    ("query", "delivery_id"),
    [
        ("", None),
        ("?delivery=", None),
        ("?delivery=-1", None),
        ("?delivery=1x", None),
        ("?delivery=٣", None),
        ("?delivery=4611686018427387904", 4611686018427387904),
        ("?delivery=9223372036854775807", 2**63 - 1),
        ("?delivery=9223372036854775808", None),
        ("?delivery=99999999999999999999", None),
    ],
)
async def test_what_was_sent_is_known_by_the_query(
    query: str, delivery_id: int | None, tools: Tools
):
    [receipt] = await receipts(tools, GOOD, CALLBACK + query)
    assert receipt.delivery_id == delivery_id
    assert receipt.message_id == "SM1"


# Texts of people


def text(body: str, **more: str) -> dict[str, str]:
    return {
        "MessageSid": "SM9",
        "SmsStatus": "received",
        "From": "+34600000001",
        "To": FROM,
        "Body": body,
        "NumMedia": "0",
        **more,
    }


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        *((w, K.UNSUBSCRIBED) for w in ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END")),
        *((w, K.UNSUBSCRIBED) for w in ("QUIT", "OPTOUT", "REVOKE", " stop\r\n", "Stop")),
        *((w, K.RESUBSCRIBED) for w in ("START", "UNSTOP", "start ")),
        *((w, None) for w in ("HELP", "INFO", "help", "", "  ")),
        *((w, K.REPLIED) for w in ("YES", "yes", "Please stop", "STOP it", "Stop.", "👍")),
    ],
)
async def test_a_text_is_a_wish_by_its_whole_body(body: str, kind: K | None, tools: Tools):
    found = await receipts(tools, text(body), CALLBACK)
    said = body.strip() if kind is K.REPLIED else ""
    expected = Receipt(
        *("SM9", kind or K.SENT, START),
        address="+34600000001",
        text=said,
        agrees=body.upper() == "YES",
    )
    assert found == ([expected] if kind else [])


@pytest.mark.parametrize(
    ("body", "did", "kind"),
    [
        ("YES", "START", K.RESUBSCRIBED),
        ("ARRET", "STOP", K.UNSUBSCRIBED),
        ("AIDE", "HELP", None),
        ("STOP", "START", K.RESUBSCRIBED),
    ],
)
async def test_what_twilio_did_by_a_keyword_counts(
    body: str, did: str, kind: K | None, tools: Tools
):
    found = await receipts(tools, text(body, OptOutType=did), CALLBACK)
    assert [each.kind for each in found] == ([kind] if kind else [])


async def test_pictures_of_people_are_links(tools: Tools):
    media = {
        "NumMedia": "2",
        "MediaUrl0": "https://m.example/0",
        "MediaUrl1": "https://m.example/1",
    }
    [both] = await receipts(tools, text("Look", **media), CALLBACK)
    assert both.text == "Look\nhttps://m.example/0\nhttps://m.example/1"
    [alone] = await receipts(tools, text("", **media), CALLBACK)
    assert alone.text == "https://m.example/0\nhttps://m.example/1"


@pytest.mark.parametrize(
    ("sender", "address"),
    [("+34 600 000 001", "+34600000001"), ("40404", "40404"), ("Shop", "Shop")],
)
async def test_a_writer_is_named_as_numbers_are_stored(sender: str, address: str, tools: Tools):
    [receipt] = await receipts(tools, text("Hi", From=sender), CALLBACK)
    assert receipt.address == address


any_texts = st.lists(st.text(st.characters(codec=None), max_size=20), max_size=3)


@given(any_texts)
def test_an_answer_holds_texts_and_nothing_else(texts: list[str]):
    root = ET.fromstring(twiml.answer(texts))
    assert root.tag == "Response"
    assert [(each.tag, list(each)) for each in root] == [("Message", [])] * len(texts)
    # XML reads any end of a line as one sign (XML 1.0, section 2.11).
    plain = [twiml.UNFIT.sub("", each).replace("\r\n", "\n").replace("\r", "\n") for each in texts]
    assert [each.text or "" for each in root] == plain


async def test_who_replies_is_answered_with_texts(tools: Tools):
    heard = await hear(posted(text("Hi"), CALLBACK), tools)
    assert heard.replying is not None
    body = "<Response><Message>Thanks &lt;you&gt;</Message><Message>Bye</Message></Response>"
    assert heard.replying(["Thanks <you>", "Bye"]) == Said(200, body, "text/xml")
