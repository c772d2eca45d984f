"""Push through Firebase: what goes out over the wire, and what each refusal means."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import jwt
import pytest

from inbox_app.channels import registry
from inbox_app.channels.fcm.message import LIMIT
from inbox_app.channels.spec import Parcel, SendResult, Tools
from inbox_app.domain.errors import (
    OutcomeUnknown,
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
    UnsupportedContent,
)
from inbox_app.domain.notification_type import Channel
from tests.channels.examples.fcm import GIVEN, PARCEL, TOKEN
from tests.channels.faults import SHORT
from tests.channels.parcels import CANARY, make_parcel, outcome
from tests.channels.world import World
from tests.clock import SetClock
from tests.standins.http import Do, Request, Respond
from tests.standins.http2 import reason
from tests.standins.keys import pem, rsa_key, service_account

NAME = "projects/shop-1f2e/messages/0:1500415314455276%31bd1c96"
TAKEN = Respond(body=json.dumps({"name": NAME}).encode())
TOKEN_URL = "https://oauth2.googleapis.com/token"
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


def given_token(token: str, seconds: object = 3599) -> Respond:
    """An answer with an access token."""
    said = {"access_token": token, "expires_in": seconds, "token_type": "Bearer"}
    return Respond(body=json.dumps(said).encode())


def refusal(
    status: int,
    name: str,
    code: str = "",
    *,
    fields: tuple[str, ...] = (),
    words: str = "no",
    headers: Mapping[str, str] | None = None,
) -> Respond:
    """A refusal as Google's services word one."""
    details: list[dict[str, Any]] = [{"@type": FCM_ERROR, "errorCode": code}] if code else []
    if fields:
        violations = [{"field": each, "description": words} for each in fields]
        details.append({"@type": BAD_REQUEST, "fieldViolations": violations})
    said = {"code": status, "message": words, "status": name, "details": details}
    answer = reason(status, error=said)
    return Respond(status, {**answer.headers, **(headers or {})}, answer.body)


STALE = refusal(401, "UNAUTHENTICATED", words="Request had invalid credentials.")


@pytest.fixture(autouse=True)
def google(world: World) -> World:
    """Takes everything, until a test says otherwise."""
    world.named.usual, world.named2.usual = GIVEN, TAKEN
    return world


async def sent(
    tools: Tools, parcel: Parcel = PARCEL, account: str = "", seconds: float = 10
) -> SendResult | ProviderError:
    settings = {"service_account": account or service_account()}
    return await outcome("fcm", parcel, settings, tools, seconds)


def bearers(world: World) -> list[str]:
    """The tokens that messages came with."""
    said = [each.headers["authorization"] for each in world.named2.requests]
    assert all(each.startswith("Bearer ") for each in said)
    return [each.removeprefix("Bearer ") for each in said]


async def told(world: World, tools: Tools, parcel: Parcel) -> dict[str, Any]:
    """The message that FCM got."""
    assert await sent(tools, parcel) == SendResult(message_id=NAME)
    [request] = world.named2.requests
    assert set(request.json()) == {"message"}
    return request.json()["message"]


async def test_a_push_goes_out_over_http2(world: World, world_tools: Tools):
    parcel = make_parcel(
        Channel.PUSH,
        to=PARCEL.to,
        fields={
            "title": "Größe 7",
            "message": "On its way",
            "icon": "https://shop.example/i.png",
            "url": "shop://orders/7",
        },
        options={
            "android": {
                "collapseKey": "order-7",
                "priority": "high",
                "ttl": 3600,
                "restrictedPackageName": "com.example.shop",
            },
            "customData": {"order": "7"},
            "badge": 3,
        },
        kind="FCM",
    )
    assert await sent(world_tools, parcel) == SendResult(message_id=NAME)
    [request] = world.named2.requests
    assert request.headers == {
        ":method": "POST",
        ":scheme": "https",
        ":authority": "fcm.googleapis.com",
        ":path": "/v1/projects/shop-1f2e/messages:send",
        "authorization": f"Bearer {TOKEN}",
        "content-type": "application/json",
        "content-length": str(len(request.body)),
    }
    assert request.json() == {
        "message": {
            "token": PARCEL.to,
            "notification": {"title": "Größe 7", "body": "On its way"},
            "data": {
                "order": "7",
                "trackingId": "trk_1",
                "url": "shop://orders/7",
                "icon": "https://shop.example/i.png",
            },
            "android": {
                "priority": "HIGH",
                "ttl": "3600s",
                "collapse_key": "order-7",
                "restricted_package_name": "com.example.shop",
            },
        }
    }


async def test_a_push_without_anything_besides_says_nothing_besides(
    world: World, world_tools: Tools
):
    said = await told(world, world_tools, PARCEL)
    assert said == {
        "token": PARCEL.to,
        "notification": {"title": "Order 7", "body": "It is on its way"},
        "data": {"trackingId": "trk_1"},
    }


async def test_an_access_token_is_asked_for_with_a_signed_assertion(
    world: World, world_tools: Tools, clock: SetClock
):
    account = service_account(token_uri="https://evil.example/token")
    assert isinstance(await sent(world_tools, account=account), SendResult)
    [request] = world.named.requests
    assert (request.method, request.path) == ("POST", "/token")
    assert request.headers["host"] == "oauth2.googleapis.com"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    form = request.form()
    assert set(form) == {"grant_type", "assertion"}
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    claims = verified(form["assertion"])
    issued = int(clock.at.timestamp())
    assert claims == {
        "iss": "hub@shop-1f2e.iam.gserviceaccount.com",
        "scope": "https://www.googleapis.com/auth/firebase.messaging",
        "aud": TOKEN_URL,
        "iat": issued,
        "exp": issued + 3600,
    }
    head = jwt.get_unverified_header(form["assertion"])
    assert head == {"alg": "RS256", "typ": "JWT", "kid": "0a1b2c"}


def verified(assertion: str, name: str = "") -> dict[str, Any]:
    """The claims, once the signature fits; the clock of the test is not the machine's."""
    return jwt.decode(
        *(assertion, rsa_key(name).public_key(), ["RS256"]),
        options={"verify_exp": False, "verify_iat": False},
        audience=TOKEN_URL,
    )


async def test_an_account_without_a_key_id_signs_as_well(world: World, world_tools: Tools):
    assert isinstance(
        await sent(world_tools, account=service_account(private_key_id=None)), SendResult
    )
    [request] = world.named.requests
    assertion = request.form()["assertion"]
    assert verified(assertion)["aud"] == TOKEN_URL
    assert "kid" not in jwt.get_unverified_header(assertion)


async def test_twenty_first_pushes_at_once_ask_for_one_token(world: World, world_tools: Tools):
    results = await asyncio.gather(*(sent(world_tools) for _ in range(20)))
    assert results == [SendResult(message_id=NAME)] * 20
    assert (len(world.named.requests), len(world.named2.requests)) == (1, 20)
    assert world.named2.connections == 1


async def test_a_token_is_renewed_five_minutes_before_it_ends(
    world: World, world_tools: Tools, clock: SetClock
):
    world.named.script(given_token("first"), given_token("second"))
    for seconds in (0, 3599 - 300 - 1, 1, 60):
        clock.advance(seconds=seconds)
        assert isinstance(await sent(world_tools), SendResult)
    assert bearers(world) == ["first", "first", "second", "second"]
    assert len(world.named.requests) == 2


@pytest.mark.parametrize("seconds", [None, 0, -5, "3599", True, 1e400, 10**30])
async def test_a_token_of_which_nobody_says_how_long_it_holds_is_used_once(
    seconds: object, world: World, world_tools: Tools
):
    world.named.script(given_token("first", seconds), given_token("second", seconds))
    for _ in range(2):
        assert isinstance(await sent(world_tools), SendResult)
    assert bearers(world) == ["first", "second"]


async def test_each_account_has_a_token_of_its_own(world: World, world_tools: Tools):
    other = service_account(project_id="bank-7", private_key=pem(rsa_key("bank")))
    world.named.script(given_token("of-the-shop"), given_token("of-the-bank"))
    for account in ("", other, "", other):
        assert isinstance(await sent(world_tools, account=account), SendResult)
    assert bearers(world) == ["of-the-shop", "of-the-bank"] * 2
    paths = [each.path for each in world.named2.requests]
    assert (
        paths == ["/v1/projects/shop-1f2e/messages:send", "/v1/projects/bank-7/messages:send"] * 2
    )
    assert verified(world.named.requests[1].form()["assertion"], "bank")


async def test_a_refused_token_is_replaced_within_the_same_send(world: World, world_tools: Tools):
    world.named.script(given_token("old"), given_token("new"))
    world.named2.script(STALE)
    assert await sent(world_tools) == SendResult(message_id=NAME)
    assert bearers(world) == ["old", "new"]
    assert isinstance(await sent(world_tools), SendResult)
    assert len(world.named.requests) == 2


async def test_a_new_token_that_is_refused_too_waits_for_better_settings(
    world: World, world_tools: Tools
):
    world.named2.script(STALE, STALE)
    error = await sent(world_tools)
    assert type(error) is Transient
    assert error.status == "UNAUTHENTICATED"
    assert "Request had invalid credentials" in error.detail
    assert (len(world.named.requests), len(world.named2.requests)) == (2, 2)


async def test_pushes_that_are_refused_together_ask_for_one_new_token(
    world: World, world_tools: Tools
):
    world.named.script(given_token("old"), given_token("new"))
    world.named2.script(*[STALE] * 5)
    results = await asyncio.gather(*(sent(world_tools) for _ in range(5)))
    assert results == [SendResult(message_id=NAME)] * 5
    assert bearers(world) == ["old"] * 5 + ["new"] * 5
    assert len(world.named.requests) == 2


NO_TOKEN = "The registration token is not a valid FCM registration token"
REFUSALS: list[tuple[Respond, type[ProviderError], bool, str]] = [
    (refusal(404, "NOT_FOUND", "UNREGISTERED"), Permanent, True, "UNREGISTERED"),
    (refusal(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"), Permanent, False, ""),
    (refusal(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"), Permanent, False, ""),
    (
        refusal(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", words=f"{NO_TOKEN}."),
        *(Permanent, True, "INVALID_ARGUMENT"),
    ),
    (
        refusal(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", fields=("message.token",)),
        *(Permanent, True, "INVALID_ARGUMENT"),
    ),
    (
        refusal(400, "INVALID_ARGUMENT", fields=("message.data[0].value",)),
        *(Permanent, False, "INVALID_ARGUMENT"),
    ),
    (
        refusal(400, "INVALID_ARGUMENT", fields=("message.android.ttl", "message.token")),
        *(Permanent, True, "INVALID_ARGUMENT"),
    ),
    (refusal(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"), Transient, False, ""),
    (refusal(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), RateLimited, False, ""),
    (refusal(503, "UNAVAILABLE", "UNAVAILABLE"), Transient, False, ""),
    (
        refusal(503, "UNAVAILABLE", "UNAVAILABLE", headers={"retry-after": "7"}),
        *(RateLimited, False, "UNAVAILABLE"),
    ),
    (refusal(500, "INTERNAL", "INTERNAL"), Transient, False, ""),
    (refusal(500, "INTERNAL", "UNSPECIFIED_ERROR"), Transient, False, ""),
    (refusal(400, "FAILED_PRECONDITION", "UNSPECIFIED_ERROR"), Permanent, False, ""),
    (refusal(403, "PERMISSION_DENIED"), Transient, False, "PERMISSION_DENIED"),
    (refusal(404, "NOT_FOUND"), Transient, False, "NOT_FOUND"),
    (Respond(404, body=b"<html>"), Transient, False, "404"),
]
"""What FCM answers by its list of error codes, what it means, whether the token is dead, and the
code that is kept where that is not FCM's own."""


FOR_OPERATORS = {
    *("SENDER_ID_MISMATCH", "THIRD_PARTY_AUTH_ERROR", "PERMISSION_DENIED", "NOT_FOUND", "404"),
}


@pytest.mark.parametrize(("answer", "kind", "dead", "status"), REFUSALS)
async def test_each_code_says_what_it_means(
    answer: Respond,
    kind: type[ProviderError],
    dead: bool,
    status: str,
    world: World,
    world_tools: Tools,
):
    world.named2.script(answer)
    error = await sent(world_tools)
    assert type(error) is kind
    assert isinstance(error, ProviderError)
    assert (isinstance(error, Permanent) and error.dead_address) is dead
    own = status or json.loads(answer.body)["error"]["details"][0]["errorCode"]
    assert (error.status, error.provider) == (own, "fcm")
    assert error.for_operator is (own in FOR_OPERATORS)
    about = isinstance(error, Transient) and error.about_message
    assert about is (own == "THIRD_PARTY_AUTH_ERROR")
    # Only of a token that is refused another one is asked for.
    assert (len(world.named.requests), len(world.named2.requests)) == (1, 1)


@pytest.mark.parametrize(
    ("headers", "seconds"), [({}, 60.0), ({"retry-after": "5"}, 5.0), ({"retry-after": "?"}, 60.0)]
)
async def test_a_quota_that_is_used_up_waits(
    headers: Mapping[str, str], seconds: float, world: World, world_tools: Tools
):
    world.named2.script(
        refusal(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", headers=headers, words="slower")
    )
    error = await sent(world_tools)
    assert isinstance(error, RateLimited)
    assert (error.retry_after, error.detail) == (seconds, "slower")


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b'{"error": "no"}', b'{"error": {"details": {}}}', b"[" * 10_000),
        b'{"error": {"details": [1, {"errorCode": 2}], "status": 3, "message": 4}}',
        b'{"error": {"details": [{"fieldViolations": [1, {"field": []}]}]}}',
    ],
)
async def test_a_refusal_that_makes_no_sense_goes_by_its_status(
    body: bytes, world: World, world_tools: Tools
):
    world.named2.script(Respond(400, body=body))
    error = await sent(world_tools)
    assert type(error) is Permanent
    assert (error.status, error.detail, error.dead_address) == ("400", "no words", False)


async def test_neither_token_is_quoted(world: World, world_tools: Tools):
    words = f"{TOKEN} may not write to {PARCEL.to}"
    world.named2.script(refusal(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", words=words))
    error = await sent(world_tools)
    assert isinstance(error, Permanent)
    assert error.detail == "[hidden] may not write to [hidden]"


TOKEN_REFUSALS: list[tuple[Respond, type[ProviderError], str]] = [
    (reason(400, error="invalid_grant"), Transient, "invalid_grant"),
    (reason(401, error="invalid_client"), Transient, "invalid_client"),
    (reason(401, error="unauthorized_client"), Transient, "unauthorized_client"),
    (reason(400, error="invalid_scope"), Transient, "invalid_scope"),
    (reason(400, error="invalid_request"), Transient, "invalid_request"),
    (reason(400, error="unsupported_grant_type"), Transient, "unsupported_grant_type"),
    (reason(403, error="access_denied"), Transient, "access_denied"),
    (Respond(500, body=b"oops"), Transient, "500"),
    (Respond(503), Transient, "503"),
    (Respond(503, {"Retry-After": "9"}), RateLimited, "503"),
    (Respond(429), RateLimited, "429"),
    (Respond(302, {"Location": "https://127.0.0.1/"}), Transient, "302"),
    (Respond(404), Transient, "404"),
    (Respond(), Transient, "token"),
    (given_token(""), Transient, "token"),
    (given_token("two words"), Transient, "token"),
    (given_token("a\r\nb"), Transient, "token"),
    (given_token("schlüssel"), Transient, "token"),
    (Respond(body=b'{"access_token": 5}'), Transient, "token"),
]
"""What Google answers who asks for a token and gets none (RFC 6749, section 5.2)."""


@pytest.mark.parametrize(("answer", "kind", "status"), TOKEN_REFUSALS)
async def test_without_an_access_token_nothing_is_sent(
    answer: Respond, kind: type[ProviderError], status: str, world: World, world_tools: Tools
):
    world.named.script(answer)
    error = await sent(world_tools)
    assert type(error) is kind
    assert isinstance(error, ProviderError)
    assert error.status == status
    assert world.named2.requests == []
    # The next one asks anew.
    assert isinstance(await sent(world_tools), SendResult)


async def test_who_refuses_the_account_does_not_repeat_what_signs_for_it(
    world: World, world_tools: Tools
):
    signed: list[Request] = world.named.requests
    world.named.script(reason(400, error="invalid_grant", error_description=f"Bad {CANARY}"))
    error = await sent(world_tools, account=service_account(private_key_id=CANARY))
    assert isinstance(error, Transient)
    assert "Bad [hidden]" in error.detail
    assert "Correct the service account" in error.detail
    assert signed[0].form()["assertion"] not in f"{error} {error!r}"


@pytest.mark.parametrize("action", [Do.STALL, Do.CUT_AFTER_READING, Do.CUT_BEFORE_READING])
async def test_where_no_token_comes_everything_can_be_tried_again(
    action: Do, world: World, world_tools: Tools
):
    world.named.usual = action
    errors = await asyncio.gather(*(sent(world_tools, seconds=SHORT) for _ in range(5)))
    assert {type(each) for each in errors} == {Transient}
    assert world.named2.requests == []


async def test_a_message_that_may_have_arrived_is_not_called_lost(world: World, world_tools: Tools):
    world.named2.script(Do.STALL)
    assert type(await sent(world_tools, seconds=SHORT)) is OutcomeUnknown
    # And a second try for another token counts like the first.
    world.named2.script(STALE, Do.STALL)
    assert type(await sent(world_tools, seconds=SHORT)) is OutcomeUnknown


@pytest.mark.parametrize(
    ("options", "android"),
    [
        ({}, None),
        ({"android": {}}, None),
        ({"android": "high"}, None),
        ({"android": {"priority": "normal"}}, {"priority": "NORMAL"}),
        ({"android": {"priority": "HIGH"}}, {"priority": "HIGH"}),
        ({"android": {"priority": "urgent"}}, None),
        ({"android": {"ttl": 0}}, {"ttl": "0s"}),
        ({"android": {"ttl": -1}}, {"ttl": "0s"}),
        ({"android": {"ttl": 2_419_200.0}}, {"ttl": "2419200s"}),
        ({"android": {"ttl": 2_419_201}}, {"ttl": "2419200s"}),
        ({"android": {"ttl": 10**9}}, {"ttl": "2419200s"}),
        ({"android": {"ttl": 1.9}}, {"ttl": "1s"}),
        ({"android": {"ttl": "60"}}, None),
        ({"android": {"ttl": True}}, None),
        ({"android": {"ttl": float("nan")}}, None),
        ({"android": {"ttl": float("inf")}}, None),
        ({"android": {"ttl": 10**400}}, None),
        ({"android": {"collapseKey": "a", "other": "b"}}, {"collapse_key": "a"}),
        ({"android": {"collapseKey": 5, "restrictedPackageName": None}}, None),
    ],
)
async def test_android_hears_what_it_is_to_hear(
    options: Mapping[str, Any],
    android: Mapping[str, str] | None,
    world: World,
    world_tools: Tools,
):
    parcel = make_parcel(Channel.PUSH, fields=PARCEL.fields, options=options)
    assert (await told(world, world_tools, parcel)).get("android") == android


@pytest.mark.parametrize(
    ("custom", "data"),
    [
        ({"a": "b"}, {"a": "b"}),
        ({"a": 1, "b": True, "c": [1], "d": None}, {"a": "1", "b": "true", "c": "[1]"}),
        ({"trackingId": "mine", "url": "mine", "icon": "mine"}, {"icon": "mine"}),
        (
            {"from": "me", "message_type": "x", "google.a": "b", "gcm.notification.e": "1"},
            {},
        ),
        (
            {"From": "me", "googleMap": "x", "gcmx": "y"},
            {"From": "me", "googleMap": "x", "gcmx": "y"},
        ),
        ("a", {}),
        (None, {}),
    ],
)
async def test_the_senders_own_data_goes_along_and_replaces_nothing(
    custom: object, data: Mapping[str, str], world: World, world_tools: Tools
):
    fields = {**PARCEL.fields, "url": "shop://7"}
    parcel = make_parcel(Channel.PUSH, fields=fields, options={"customData": custom})
    said = await told(world, world_tools, parcel)
    assert said["data"] == {"trackingId": "trk_1", "url": "shop://7", **data}


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"title": "Hi", "message": ""}, {"title": "Hi"}),
        ({"title": None, "message": "Hi"}, {"body": "Hi"}),
        ({"title": "", "message": ""}, None),
        ({"title": 5, "message": ["Hi"]}, None),
    ],
)
async def test_a_push_needs_something_to_show(
    fields: Mapping[str, Any],
    shown: Mapping[str, str] | None,
    world: World,
    world_tools: Tools,
):
    parcel = make_parcel(Channel.PUSH, fields=fields)
    if shown is not None:
        assert (await told(world, world_tools, parcel))["notification"] == shown
        return
    assert type(await sent(world_tools, parcel)) is UnsupportedContent
    assert world.named.requests == world.named2.requests == []


@pytest.mark.parametrize("letter", ["x", "ö", "😀"])
async def test_what_is_too_long_is_not_sent(letter: str, world: World, world_tools: Tools):
    size = len(letter.encode())
    beside = sum(map(len, ("title", "7", "body", "trackingId", "trk_1")))
    room, rest = divmod(LIMIT - beside, size)
    fitting = make_parcel(
        Channel.PUSH, fields={"title": "7", "message": letter * room + "x" * rest}
    )
    assert isinstance(await sent(world_tools, fitting), SendResult)
    longer = make_parcel(Channel.PUSH, fields={"title": "77", "message": fitting.fields["message"]})
    error = await sent(world_tools, longer)
    assert type(error) is UnsupportedContent
    assert error.detail == "The message has 4,097 bytes; 4,096 is the most."
    assert len(world.named2.requests) == 1


async def test_firebase_takes_its_own_tokens_alone():
    provider = registry.provider_named("fcm")
    assert (provider.label, provider.kinds) == ("Firebase (FCM)", {"FCM"})
    assert provider.channels == {Channel.PUSH}
