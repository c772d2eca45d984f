"""Push through Apple: what goes out over the wire, and what each refusal means."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from inbox_app.channels import registry
from inbox_app.channels.apns.notification import LIMIT
from inbox_app.channels.spec import Parcel, SendResult, Tools
from inbox_app.domain.errors import (
    InvalidInput,
    OutcomeUnknown,
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
    UnsupportedContent,
)
from inbox_app.domain.notification_type import Channel
from tests.channels.examples.apns import PARCEL, TOKEN
from tests.channels.faults import SHORT
from tests.channels.parcels import CANARY, make_parcel, outcome
from tests.channels.world import World
from tests.clock import START, SetClock
from tests.standins.http import Do, Respond
from tests.standins.http2 import reason
from tests.standins.keys import ec_key, pem

NOW = int(START.timestamp())
EXPIRED = reason(403, reason="ExpiredProviderToken")
TAKEN = Respond(headers={"apns-id": "C0FFEE"}, body=b"")


@pytest.fixture(autouse=True)
async def apple(world: World) -> World:
    """Takes everything, until a test says otherwise."""
    world.named2.usual = TAKEN
    return world


def settings(**changes: object) -> Mapping[str, Any]:
    """An integration."""
    usual = {"key_id": "ABC123DEFG", "team_id": "DEF123GHIJ", "bundle_id": "com.example.shop"}
    return {"key": pem(ec_key()), **usual, **changes}


def push(options: Mapping[str, Any] | None = None, **changes: Any) -> Parcel:
    """The usual push with options or other fields."""
    fields = {**PARCEL.fields, **changes.pop("fields", {})}
    return make_parcel(
        *(Channel.PUSH,), to=changes.pop("to", TOKEN), fields=fields, options=options, **changes
    )


async def sent(
    tools: Tools, parcel: Parcel = PARCEL, seconds: float = 10, **changes: Any
) -> SendResult | ProviderError:
    return await outcome("apns", parcel, settings(**changes), tools, seconds)


async def told(world: World, tools: Tools, parcel: Parcel) -> tuple[Mapping[str, str], Any]:
    """The headers, without those of all requests, and the payload that Apple got."""
    result = await sent(tools, parcel)
    assert isinstance(result, SendResult), result
    [request] = world.named2.requests
    of_all = {"authorization", "content-length", "apns-id", "apns-topic"}
    own = {n: v for n, v in request.headers.items() if not n.startswith(":") and n not in of_all}
    return own, request.json()


def bearers(world: World) -> list[str]:
    """The provider tokens that messages came with."""
    said = [each.headers["authorization"] for each in world.named2.requests]
    assert all(each.startswith("bearer ") for each in said)
    return [each.removeprefix("bearer ") for each in said]


def issued(token: str, name: str = "") -> int:
    """When a provider token was signed, once its signature fits."""
    return claims_of(token, name)["iat"]


def claims_of(token: str, name: str = "") -> dict[str, Any]:
    """What a provider token says; the clock of the test is not the machine's."""
    key = ec_key(name).public_key()
    return jwt.decode(token, key, ["ES256"], options={"verify_iat": False})


async def test_a_push_goes_out_over_http2(world: World, world_tools: Tools):
    options = {
        "expiry": NOW + 3600,
        "priority": 5,
        "badge": 3,
        "collapseId": "order-7",
        "threadId": "orders",
        "sound": "bell.caf",
        "contentAvailable": True,
        "customData": {"order": "7"},
        "android": {"ttl": 5},
    }
    fields = {"title": "Größe 7", "url": "shop://orders/7", "icon": "https://shop.example/i.png"}
    parcel = push(options, fields=fields)
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:notification-inbox:{parcel.key}"))
    assert await sent(world_tools, parcel) == SendResult(message_id=name)
    [request] = world.named2.requests
    assert request.headers == {
        ":method": "POST",
        ":scheme": "https",
        ":authority": "api.push.apple.com",
        ":path": f"/3/device/{TOKEN}",
        "authorization": f"bearer {bearers(world)[0]}",
        "content-length": str(len(request.body)),
        "apns-id": name,
        "apns-topic": "com.example.shop",
        "apns-push-type": "alert",
        "apns-priority": "5",
        "apns-expiration": str(NOW + 3600),
        "apns-collapse-id": "order-7",
    }
    assert request.json() == {
        "aps": {
            "alert": {"title": "Größe 7", "body": "It is on its way"},
            "badge": 3,
            "sound": "bell.caf",
            "thread-id": "orders",
            "content-available": 1,
        },
        "order": "7",
        "trackingId": "trk_1",
        "url": "shop://orders/7",
    }


async def test_a_push_without_anything_besides_says_nothing_besides(
    world: World, world_tools: Tools
):
    headers, payload = await told(world, world_tools, PARCEL)
    assert headers == {"apns-push-type": "alert", "apns-priority": "10"}
    alert = {"title": "Order 7", "body": "It is on its way"}
    assert payload == {"aps": {"alert": alert, "sound": "default"}, "trackingId": "trk_1"}


async def test_a_provider_token_is_signed_with_the_key(world: World, world_tools: Tools):
    assert isinstance(await sent(world_tools), SendResult)
    [token] = bearers(world)
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "kid": "ABC123DEFG", "typ": "JWT"}
    assert claims_of(token) == {"iss": "DEF123GHIJ", "iat": NOW}


async def test_tries_of_one_delivery_have_one_id_and_others_another(
    world: World, world_tools: Tools
):
    for key in ("delivery-1", "delivery-1", "delivery-2"):
        assert isinstance(await sent(world_tools, push(key=key)), SendResult)
    first, again, other = (each.headers["apns-id"] for each in world.named2.requests)
    assert first == again != other
    assert str(uuid.UUID(first)) == first


@pytest.mark.parametrize(
    ("said", "environment", "host"),
    [
        (None, "production", "api.push.apple.com"),
        (None, "sandbox", "api.sandbox.push.apple.com"),
        ("sandbox", "production", "api.sandbox.push.apple.com"),
        ("development", "production", "api.sandbox.push.apple.com"),
        ("Production", "sandbox", "api.push.apple.com"),
        # What clients of the native API send that were not told.
        ("undefined", "production", "api.push.apple.com"),
        ("undefined", "sandbox", "api.sandbox.push.apple.com"),
        (7, "sandbox", "api.sandbox.push.apple.com"),
    ],
)
async def test_a_push_goes_where_its_token_is_from(
    said: object, environment: str, host: str, world: World, world_tools: Tools
):
    details = {} if said is None else {"environment": said}
    result = await sent(world_tools, push(details=details), environment=environment)
    assert isinstance(result, SendResult)
    [request] = world.named2.requests
    assert request.headers[":authority"] == host


async def test_pushes_share_a_connection_with_those_of_their_key_and_app_alone(
    world: World, world_tools: Tools
):
    await asyncio.gather(*(sent(world_tools) for _ in range(20)))
    assert (len(world.named2.requests), world.named2.connections) == (20, 1)
    others: list[dict[str, Any]] = [
        {"bundle_id": "com.example.bank"},
        {"key_id": "XBC123DEFG"},
        {"team_id": "9EF123GHIJ"},
    ]
    for count, changes in enumerate(others, 2):
        for _ in range(2):
            assert isinstance(await sent(world_tools, **changes), SendResult)
        assert world.named2.connections == count


async def test_a_provider_token_is_signed_again_after_forty_minutes(
    world: World, world_tools: Tools, clock: SetClock
):
    for minutes in (0, 39.99, 0.01, 10):
        clock.advance(minutes=minutes)
        assert isinstance(await sent(world_tools), SendResult)
    first, kept, second, last = bearers(world)
    assert (first == kept, second == last) == (True, True)
    assert (issued(first), issued(second)) == (NOW, NOW + 40 * 60)


async def test_each_key_has_a_provider_token_of_its_own(world: World, world_tools: Tools):
    other = {"key": pem(ec_key("bank")), "team_id": "9EF123GHIJ"}
    accounts: list[dict[str, Any]] = [{}, other, {}, other]
    for changes in accounts:
        assert isinstance(await sent(world_tools, **changes), SendResult)
    first, second, third, fourth = bearers(world)
    assert (first, second) == (third, fourth)
    assert (issued(first), issued(second, "bank")) == (NOW, NOW)


async def test_a_token_that_is_too_old_to_apple_is_signed_anew_within_the_same_send(
    world: World, world_tools: Tools, clock: SetClock
):
    assert isinstance(await sent(world_tools), SendResult)
    clock.advance(minutes=30)
    world.named2.script(EXPIRED)
    assert isinstance(await sent(world_tools), SendResult)
    assert [issued(each) - NOW for each in bearers(world)] == [0, 0, 1800]
    ids = [each.headers["apns-id"] for each in world.named2.requests]
    assert len(set(ids)) == 1


async def test_tokens_are_not_signed_anew_time_and_again(
    world: World, world_tools: Tools, clock: SetClock
):
    # Apple's clock is an hour ahead: to it every token is too old.
    world.named2.usual = EXPIRED
    signed: list[int] = []
    for minutes in (0, 1, 18.98, 0.02, 1):
        clock.advance(minutes=minutes)
        error = await sent(world_tools)
        assert type(error) is Transient
        assert (error.status, "clock" in error.detail) == ("ExpiredProviderToken", True)
        signed.append(len(set(bearers(world))))
    assert signed == [2, 2, 2, 3, 3]


async def test_pushes_that_are_refused_together_sign_one_new_token(
    world: World, world_tools: Tools, clock: SetClock
):
    assert isinstance(await sent(world_tools), SendResult)
    clock.advance(minutes=25)
    world.named2.script(*[EXPIRED] * 5)
    results = await asyncio.gather(*(sent(world_tools) for _ in range(5)))
    assert all(isinstance(each, SendResult) for each in results)
    assert [issued(each) - NOW for each in bearers(world)] == [0] * 6 + [1500] * 5


REASONS: list[tuple[int, str, type[ProviderError], bool]] = [
    (400, "BadCollapseId", Permanent, False),
    (400, "BadDeviceToken", Permanent, False),
    (400, "BadExpirationDate", Permanent, False),
    (400, "BadMessageId", Permanent, False),
    (400, "BadPriority", Permanent, False),
    (400, "BadTopic", Transient, False),
    (400, "DeviceTokenNotForTopic", Permanent, False),
    (400, "DuplicateHeaders", Permanent, False),
    (400, "IdleTimeout", Transient, False),
    (400, "InvalidPushType", Permanent, False),
    (400, "MissingDeviceToken", Permanent, False),
    (400, "MissingTopic", Transient, False),
    (400, "PayloadEmpty", Permanent, False),
    (400, "TopicDisallowed", Transient, False),
    (403, "BadCertificate", Transient, False),
    (403, "BadCertificateEnvironment", Transient, False),
    (403, "BadEnvironmentKeyIdInToken", Transient, False),
    (403, "BadEnvironmentKeyInToken", Transient, False),
    (403, "Forbidden", Transient, False),
    (403, "InvalidProviderToken", Transient, False),
    (403, "MissingProviderToken", Transient, False),
    (403, "UnrelatedKeyIdInToken", Transient, False),
    (404, "BadPath", Transient, False),
    (405, "MethodNotAllowed", Transient, False),
    (410, "ExpiredToken", Permanent, True),
    (410, "Unregistered", Permanent, True),
    (413, "PayloadTooLarge", UnsupportedContent, False),
    (429, "TooManyProviderTokenUpdates", RateLimited, False),
    (429, "TooManyRequests", RateLimited, False),
    (500, "InternalServerError", Transient, False),
    (503, "ServiceUnavailable", Transient, False),
    (503, "Shutdown", Transient, False),
    (400, "SomethingNew", Permanent, False),
    (503, "SomethingNew", Transient, False),
]
"""What Apple answers (its table of error strings), what it means, and whether the token is dead.
`EXPIRED` has tests of its own."""


FOR_OPERATORS = {
    *("BadDeviceToken", "DeviceTokenNotForTopic", "BadPath", "MethodNotAllowed"),
    *("BadTopic", "MissingTopic", "TopicDisallowed"),
    *(word for status, word, *_ in REASONS if status == 403),
}


@pytest.mark.parametrize("said", ["sandbox", "development", "production", "Production"])
async def test_a_token_that_is_bad_where_it_says_it_is_from_is_dead(
    said: str, world: World, world_tools: Tools
):
    world.named2.script(reason(400, reason="BadDeviceToken"))
    error = await sent(world_tools, push(details={"environment": said}))
    assert isinstance(error, Permanent)
    assert (error.dead_address, error.for_operator) == (True, False)


@pytest.mark.parametrize("said", [None, "", "test", 5])
async def test_a_token_that_is_bad_in_the_environment_of_the_settings_may_live(
    said: object, world: World, world_tools: Tools
):
    world.named2.script(reason(400, reason="BadDeviceToken"))
    error = await sent(world_tools, push(details={"environment": said}))
    assert isinstance(error, Permanent)
    assert (error.dead_address, error.for_operator) == (False, True)


@pytest.mark.parametrize(("status", "word", "kind", "dead"), REASONS)
async def test_each_reason_says_what_it_means(
    status: int,
    word: str,
    kind: type[ProviderError],
    dead: bool,
    world: World,
    world_tools: Tools,
):
    world.named2.script(reason(status, reason=word))
    error = await sent(world_tools)
    assert type(error) is kind
    assert isinstance(error, ProviderError)
    assert (error.status, error.provider) == (word, "apns")
    assert error.for_operator is (word in FOR_OPERATORS)
    assert (isinstance(error, Permanent) and error.dead_address) is dead
    assert TOKEN not in f"{error} {error!r} {error.__dict__}"
    assert len(world.named2.requests) == 1


@pytest.mark.parametrize(
    ("timestamp", "since"),
    [
        (NOW * 1000 + 250, START + timedelta(milliseconds=250)),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (None, None),
        ("1772443800000", None),
        (True, None),
        (10**15 * 9, None),
        (10**400, None),
    ],
)
async def test_a_dead_token_is_dead_since_apple_says(
    timestamp: object, since: datetime | None, world: World, world_tools: Tools
):
    world.named2.script(reason(410, reason="Unregistered", timestamp=timestamp))
    error = await sent(world_tools)
    assert isinstance(error, Permanent)
    assert (error.dead_address, error.dead_since) == (True, since)


@pytest.mark.parametrize(
    ("answer", "kind", "status", "dead"),
    [
        (Respond(400, body=b""), Permanent, "400", False),
        (Respond(400, body=b'["BadDeviceToken"]'), Permanent, "400", False),
        (Respond(400, body=b'{"reason": 5}'), Permanent, "400", False),
        (Respond(400, body=b'{"reason": ""}'), Permanent, "400", False),
        (Respond(400, body=f'{{"reason": "{TOKEN}"}}'.encode()), Permanent, "400", False),
        (Respond(400, body=b'{"reason": "no such thing"}'), Permanent, "400", False),
        (Respond(403, body=b"<html>"), Transient, "403", False),
        (Respond(410, body=b"<html>"), Permanent, "410", True),
        (Respond(413, body=b""), UnsupportedContent, "413", False),
        (Respond(302, {"location": "https://api.push.apple.com/"}), Transient, "302", False),
    ],
)
async def test_a_refusal_that_makes_no_sense_goes_by_its_status(
    answer: Respond,
    kind: type[ProviderError],
    status: str,
    dead: bool,
    world: World,
    world_tools: Tools,
):
    world.named2.script(answer)
    error = await sent(world_tools)
    assert type(error) is kind
    assert isinstance(error, ProviderError)
    assert (error.status, isinstance(error, Permanent) and error.dead_address) == (status, dead)
    assert TOKEN not in f"{error} {error!r} {error.__dict__}"


async def test_a_device_that_gets_too_much_waits_as_long_as_apple_says(
    world: World, world_tools: Tools
):
    refusal = reason(429, reason="TooManyRequests")
    world.named2.script(Respond(429, {"retry-after": "7"}, refusal.body))
    error = await sent(world_tools)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 7.0


@pytest.mark.parametrize("to", ["", "xyz", TOKEN + "/../x", "a b", f"{TOKEN}\n", "\uff41"])
async def test_what_is_no_token_of_apples_is_dead_without_a_call(
    to: str, world: World, world_tools: Tools
):
    error = await sent(world_tools, push(to=to))
    assert type(error) is Permanent
    assert (error.status, error.dead_address) == ("BadDeviceToken", True)
    assert world.named2.connections == 0
    assert not to or to not in f"{error} {error!r}"


@pytest.mark.parametrize("to", ["ABCDEF", "0", TOKEN * 3])
async def test_a_token_has_any_length(to: str, world: World, world_tools: Tools):
    assert isinstance(await sent(world_tools, push(to=to)), SendResult)
    [request] = world.named2.requests
    assert request.path == f"/3/device/{to}"


async def test_a_push_that_may_have_arrived_is_not_called_lost(world: World, world_tools: Tools):
    world.named2.script(Do.STALL)
    assert type(await sent(world_tools, seconds=SHORT)) is OutcomeUnknown
    world.named2.script(EXPIRED, Do.STALL)
    assert type(await sent(world_tools, seconds=SHORT)) is OutcomeUnknown


@pytest.mark.parametrize(
    ("options", "headers"),
    [
        ({"priority": 10}, {"apns-priority": "10"}),
        ({"priority": 5.0}, {"apns-priority": "5"}),
        ({"priority": 1}, {"apns-priority": "1"}),
        ({"priority": 7}, {"apns-priority": "10"}),
        ({"priority": "5"}, {"apns-priority": "10"}),
        ({"expiry": 0}, {"apns-expiration": "0"}),
        ({"expiry": -3}, {"apns-expiration": "0"}),
        ({"expiry": 60}, {"apns-expiration": str(NOW + 60)}),
        ({"expiry": 60.9}, {"apns-expiration": str(NOW + 60)}),
        ({"expiry": NOW + 1}, {"apns-expiration": str(NOW + 1)}),
        ({"expiry": 10**400}, {}),
        ({"expiry": float("inf")}, {}),
        ({"expiry": "tomorrow"}, {}),
        ({"collapseId": "x" * 64}, {"apns-collapse-id": "x" * 64}),
        ({"collapseId": "a b"}, {"apns-collapse-id": "a b"}),
        ({"collapseId": ""}, {}),
        ({"collapseId": 7}, {}),
    ],
)
async def test_headers_say_how_it_is_delivered(
    options: Mapping[str, Any], headers: Mapping[str, str], world: World, world_tools: Tools
):
    usual = {"apns-push-type": "alert", "apns-priority": "10"}
    assert (await told(world, world_tools, push(options)))[0] == {**usual, **headers}


@pytest.mark.parametrize("wanted", ["x" * 65, "größe", "a\r\nb", " a", "a ", "\x7f"])
async def test_an_id_that_no_header_holds_is_refused_before_it_is_sent(
    wanted: str, world: World, world_tools: Tools
):
    error = await sent(world_tools, push({"collapseId": wanted}))
    assert type(error) is UnsupportedContent
    assert (error.status, world.named2.connections) == ("collapseId", 0)


@pytest.mark.parametrize(
    ("options", "aps"),
    [
        ({"badge": 0}, {"badge": 0}),
        ({"badge": -1}, {"badge": 0}),
        ({"badge": 2.0}, {"badge": 2}),
        ({"badge": "2"}, {}),
        ({"badge": True}, {}),
        ({"sound": "bell.caf"}, {"sound": "bell.caf"}),
        ({"threadId": "t"}, {"thread-id": "t"}),
        ({"contentAvailable": True}, {"content-available": 1}),
        ({"contentAvailable": False}, {}),
        ({"contentAvailable": "no"}, {}),
    ],
)
async def test_the_payload_says_what_is_shown(
    options: Mapping[str, Any], aps: Mapping[str, Any], world: World, world_tools: Tools
):
    _, payload = await told(world, world_tools, push(options))
    alert = {"title": "Order 7", "body": "It is on its way"}
    assert payload["aps"] == {"alert": alert, "sound": "default", **aps}


async def test_a_sound_of_nothing_is_none(world: World, world_tools: Tools):
    _, payload = await told(world, world_tools, push({"sound": ""}))
    assert set(payload["aps"]) == {"alert"}


async def test_a_push_that_shows_nothing_wakes_the_app_alone(world: World, world_tools: Tools):
    options = {"contentAvailable": True, "priority": 10, "badge": 3, "sound": "bell.caf"}
    silent = push(options, fields={"title": "", "message": ""})
    headers, payload = await told(world, world_tools, silent)
    assert headers == {"apns-push-type": "background", "apns-priority": "5"}
    assert payload == {"aps": {"content-available": 1}, "trackingId": "trk_1"}


async def test_a_push_needs_something_to_say(world: World, world_tools: Tools):
    error = await sent(world_tools, push(fields={"title": "", "message": ""}))
    assert type(error) is UnsupportedContent
    assert world.named2.connections == 0


@pytest.mark.parametrize(
    ("custom", "beside"),
    [
        ({"a": "b"}, {"a": "b"}),
        ({"a": 1, "b": {"c": False}, "d": None}, {"a": "1", "b": '{"c": false}'}),
        ({"aps": "mine", "trackingId": "mine", "url": "mine"}, {}),
        ([], {}),
    ],
)
async def test_the_senders_own_data_goes_along_and_replaces_nothing(
    custom: object, beside: Mapping[str, str], world: World, world_tools: Tools
):
    parcel = push({"customData": custom}, fields={"url": "shop://7"})
    _, payload = await told(world, world_tools, parcel)
    assert set(payload.pop("aps")) == {"alert", "sound"}
    assert payload == {"trackingId": "trk_1", "url": "shop://7", **beside}


@pytest.mark.parametrize("letter", ["x", "ö", "😀"])
async def test_what_is_too_long_is_not_sent(letter: str, world: World, world_tools: Tools):
    empty = {
        "trackingId": "trk_1",
        "aps": {"alert": {"title": "7", "body": ""}, "sound": "default"},
    }
    bare = len(json.dumps(empty, separators=(",", ":")))
    room, rest = divmod(LIMIT - bare, len(letter.encode()))
    fitting = push(fields={"title": "7", "message": letter * room + "x" * rest})
    assert isinstance(await sent(world_tools, fitting), SendResult)
    [request] = world.named2.requests
    assert len(request.body) == LIMIT
    longer = push(fields={"title": "77", "message": fitting.fields["message"]})
    error = await sent(world_tools, longer)
    assert type(error) is UnsupportedContent
    assert error.detail == "The message has 4,097 bytes; 4,096 is the most."
    assert len(world.named2.requests) == 1


async def test_a_key_that_lost_its_line_ends_in_a_form_signs_as_well(
    world: World, world_tools: Tools
):
    pasted = pem(ec_key()).replace("\n", " ").strip()
    assert isinstance(await sent(world_tools, key=pasted), SendResult)
    assert issued(bearers(world)[0]) == NOW


async def test_apple_takes_its_own_tokens_alone():
    provider = registry.provider_named("apns")
    assert (provider.label, provider.kinds) == ("Apple (APNs)", {"APN"})
    assert provider.channels == {Channel.PUSH}


async def test_wrong_settings_are_named():
    for name, value, words in (
        ("key_id", "short", "Key ID: String should match"),
        ("team_id", "DEF123GHI\n", "Team ID: String should match"),
        ("bundle_id", "com example", "Bundle ID: String should match"),
        ("environment", "test", "Environment: Input should be"),
        ("key", CANARY, "Key: Value error, there is no private key in PEM form"),
    ):
        with pytest.raises(InvalidInput) as caught:
            registry.settings_of("apns", settings(**{name: value}))
        assert words in caught.value.message
        assert CANARY not in caught.value.message
