"""Web push on the wire: read by independent code, signed for each service, refused in many ways."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.channels import registry
from inbox_app.channels.adapters.web_push import WebPushSettings
from inbox_app.channels.spec import Parcel, SendResult, Tools
from inbox_app.channels.webpush.browser import LARGEST, body_of
from inbox_app.channels.webpush.vapid import Key, new_key
from inbox_app.domain.errors import (
    InvalidInput,
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
    UnsupportedContent,
)
from inbox_app.domain.notification_type import Channel
from tests.channels.browsers import Subscriber, signed_by
from tests.channels.faults import SHORT
from tests.channels.parcels import make_parcel, outcome
from tests.channels.world import World
from tests.clock import SetClock
from tests.standins.http import Do, Respond

CONTACT = "mailto:ops@acme.example"
OLD, NEW = new_key(), new_key()
YES = Respond(201, {"Location": "https://updates.push.services.mozilla.com/m/1"}, b"")


def settings(*keys: str, **more: Any) -> dict[str, Any]:
    return {"contact": CONTACT, "private_keys": " ".join(keys or (NEW,)), **more}


def push(browser: Subscriber, **more: Any) -> Parcel:
    fields = {"title": "Order 17", "message": "It has shipped", **more.pop("fields", {})}
    given: dict[str, Any] = {"to": browser.endpoint, "details": browser.token}
    given["page"] = "https://hub.example/inbox/"
    return make_parcel(Channel.WEB_PUSH, fields=fields, **given | more)


async def test_a_browser_reads_what_was_sent(world: World, world_tools: Tools, clock: SetClock):
    browser = Subscriber()
    world.named.script(YES)
    result = await outcome("web_push", push(browser), settings(ttl=60, urgency="high"), world_tools)
    assert result == SendResult(message_id="https://updates.push.services.mozilla.com/m/1")
    [request] = world.named.requests
    assert (request.method, request.path) == ("POST", "/wpush/v2/abc")
    assert browser.read(request) == {
        "web_push": 8030,
        "notification": {
            "title": "Order 17",
            "body": "It has shipped",
            "navigate": "https://hub.example/inbox/",
            "tag": "trk_1",
            "data": {"trackingId": "trk_1"},
        },
    }
    headers = request.headers
    assert (headers["ttl"], headers["urgency"]) == ("60", "high")
    assert headers["content-type"] == "application/notification+json"
    # RFC 8030, section 5.4.
    assert 1 <= len(headers["topic"]) <= 32
    key, claims = signed_by(request)
    assert key == Key.of(NEW).public
    assert claims == {
        "aud": "https://updates.push.services.mozilla.com",
        "sub": CONTACT,
        "exp": int((clock.now() + timedelta(hours=12)).timestamp()),
    }


async def test_each_service_has_a_token_of_its_own_until_shortly_before_its_end(
    world: World, world_tools: Tools, clock: SetClock
):
    firefox = Subscriber()
    chrome = Subscriber("https://fcm.googleapis.com/fcm/send/abc")
    for browser in (firefox, chrome, firefox):
        world.named.script(YES)
        await outcome("web_push", push(browser), settings(), world_tools)
    clock.advance(hours=11, minutes=1)
    world.named.script(YES)
    await outcome("web_push", push(firefox), settings(), world_tools)
    told = [signed_by(each) for each in world.named.requests]
    hosts = ["updates.push.services.mozilla.com", "fcm.googleapis.com"]
    places = [f"https://{hosts[n]}" for n in (0, 1, 0, 0)]
    assert [claims["aud"] for _, claims in told] == places
    tokens = [each.headers["authorization"] for each in world.named.requests]
    assert tokens[0] == tokens[2] != tokens[3]
    assert told[3][1]["exp"] - told[0][1]["exp"] == 11 * 3600 + 60


async def test_the_same_delivery_replaces_itself_and_no_other(world: World, world_tools: Tools):
    for key in ("delivery-1", "delivery-1", "delivery-2"):
        world.named.script(YES)
        await outcome("web_push", push(Subscriber(), key=key), settings(), world_tools)
    topics = [each.headers["topic"] for each in world.named.requests]
    assert topics[0] == topics[1] != topics[2]


ICONS = ["", *("https://acme.example/" + "i" * more for more in (2_000, 3_850, 9_000))]
LINKS = ["", *("https://acme.example/" + "語" * more for more in (9, 600, 1_500, 2_048))]
PAGE = "https://hub.example/inbox/?id=trk_1"


@given(
    title=st.text(min_size=1, max_size=1_000),
    message=st.text(min_size=1, max_size=10_000),
    icon=st.sampled_from(ICONS),
    url=st.sampled_from(LINKS),
)
def test_what_is_too_long_is_cut_until_it_fits(title: str, message: str, icon: str, url: str):
    fields = {"title": title, "message": message, "icon": icon, "url": url}
    body = body_of(make_parcel(Channel.WEB_PUSH, fields=fields, page=PAGE))
    assert len(body) <= LARGEST
    shown = json.loads(body)["notification"]
    whole = len(json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")) < LARGEST - 400
    if whole:
        assert shown["body"] == message.encode("utf-8", "replace").decode()
        assert shown.get("icon", "") == icon
        assert shown["navigate"] == (url or PAGE)
    assert shown["title"]
    assert shown["body"]
    assert shown["navigate"] in {url, PAGE}


def shown(**fields: str) -> dict[str, Any]:
    body = body_of(make_parcel(Channel.WEB_PUSH, fields=fields, page=PAGE))
    return json.loads(body)["notification"]


def test_the_icon_goes_before_the_words():
    told = shown(title="Code", message="Your code is 1234", icon=ICONS[2])
    assert (told["body"], "icon" in told) == ("Your code is 1234", False)


def test_a_link_that_leaves_no_room_for_words_gives_way_to_the_page():
    told = shown(title="Code", message="Your code is 1234", url=LINKS[-1])
    assert (told["body"], told["navigate"]) == ("Your code is 1234", PAGE)
    # One that leaves room stays.
    told = shown(title="Code", message="x" * 9_000, url=LINKS[2])
    assert (told["body"][-1], told["navigate"]) == ("…", LINKS[2])


def test_what_does_not_fit_at_all_is_refused():
    endless = make_parcel(Channel.WEB_PUSH, page="https://hub.example/" + "x" * 4_000)
    with pytest.raises(UnsupportedContent, match="3,993 is the most"):
        body_of(endless)


async def test_the_largest_body_that_fits_is_read(world: World, world_tools: Tools):
    browser = Subscriber()
    world.named.script(YES)
    await outcome(
        "web_push", push(browser, fields={"message": "é" * 9_000}), settings(), world_tools
    )
    [request] = world.named.requests
    assert LARGEST - 2 <= len(request.body) - 103 <= LARGEST
    assert len(request.body) <= 4096
    assert browser.read(request)["notification"]["body"].endswith("é…")


Meaning = tuple[type[ProviderError], str, bool]
ANSWERS: list[tuple[int, Meaning]] = [
    (400, (Permanent, "400", False)),
    (401, (Transient, "auth", False)),
    (403, (Transient, "auth", False)),
    (404, (Permanent, "404", True)),
    (410, (Permanent, "410", True)),
    (413, (UnsupportedContent, "", False)),
    (429, (RateLimited, "429", False)),
    (405, (Permanent, "405", False)),
    (500, (Transient, "500", False)),
    (502, (Transient, "502", False)),
    (503, (Transient, "503", False)),
]
"""What push services answer (RFC 8030, 8292), what it means, and whether the browser is gone."""


@pytest.mark.parametrize(("status", "meaning"), ANSWERS)
async def test_what_a_push_service_refuses(
    world: World,
    world_tools: Tools,
    caplog: pytest.LogCaptureFixture,
    status: int,
    meaning: Meaning,
):
    kind, code, dead = meaning
    world.named.script(Respond(status, body=b"because"))
    error = await outcome("web_push", push(Subscriber()), settings(), world_tools)
    assert type(error) is kind
    assert isinstance(error, ProviderError)
    if type(error) is Transient:
        # What one subscription is answered says nothing of the others.
        assert error.about_message
    assert (error.status, getattr(error, "dead_address", False)) == (code, dead)
    alarms = [each for each in caplog.records if each.levelname == "ERROR"]
    assert bool(alarms) is (status in {401, 403})


async def test_subscriptions_of_an_older_key_go_on_until_browsers_change(
    world: World, world_tools: Tools
):
    silent, told = Subscriber(), Subscriber(made_with=Key.of(OLD).public)
    world.named.script(Respond(403), YES, YES, YES)
    both = settings(NEW, OLD)
    for browser in (silent, silent, told):
        assert isinstance(await outcome("web_push", push(browser), both, world_tools), SendResult)
    used = [signed_by(each)[0] for each in world.named.requests]
    # One that did not say is found out once.
    assert used == [Key.of(key).public for key in (NEW, OLD, OLD, OLD)]
    assert silent.read(world.named.requests[1])["notification"]["title"] == "Order 17"


async def test_a_subscription_of_a_key_that_is_gone_is_not_called(world: World, world_tools: Tools):
    browser = Subscriber(made_with=Key.of(OLD).public)
    error = await outcome("web_push", push(browser), settings(NEW), world_tools)
    assert isinstance(error, Permanent)
    # Another integration of the channel may have the key.
    assert (error.status, error.dead_address) == ("key", False)
    assert world.named.requests == []


async def test_a_refused_key_is_no_reason_to_leave_the_service_alone(
    world: World, world_tools: Tools
):
    world.named.script(Respond(403))
    error = await outcome("web_push", push(Subscriber()), settings(), world_tools)
    assert isinstance(error, Transient)
    assert error.about_message


async def test_apple_says_in_words_that_it_wants_another_key(world: World, world_tools: Tools):
    browser = Subscriber("https://web.push.apple.com/abc")
    world.named.script(Respond(400, body=b'{"reason":"VapidPkHashMismatch"}'), YES)
    result = await outcome("web_push", push(browser), settings(NEW, OLD), world_tools)
    assert isinstance(result, SendResult)
    used = [signed_by(each)[0] for each in world.named.requests]
    assert used == [Key.of(NEW).public, Key.of(OLD).public]


@pytest.mark.parametrize(
    "endpoint",
    [
        *(
            "http://fcm.googleapis.com/x",
            "https://fcm.googleapis.com:8443/x",
            "https://evil.example",
        ),
        *("https://fcm.googleapis.com.evil.example/x", "https://evil.example/fcm.googleapis.com"),
        *("https://evil.example#fcm.googleapis.com", "https://fcm.googleapis.com@evil.example/x"),
        *("https://[::1]/x", "https://127.0.0.1/x", "https://[bad", "", "javascript:alert(1)"),
        *("https://push.apple.com.evil.example/x", "https://evilpush.apple.com.example/x"),
    ],
)
async def test_nobody_is_called_but_push_services(world: World, world_tools: Tools, endpoint: str):
    error = await outcome("web_push", push(Subscriber(endpoint)), settings(), world_tools)
    assert isinstance(error, Permanent)
    assert (error.status, error.dead_address) == ("blocked", False)
    assert world.named.connections == 0


async def test_an_operator_may_allow_other_push_services(world: World, world_tools: Tools):
    browser = Subscriber("https://nowhere.example/push/1")
    world.named.script(YES)
    allowed = settings(more_hosts="push.acme.example *.example")
    assert isinstance(await outcome("web_push", push(browser), allowed, world_tools), SendResult)


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"p256dh": "", "auth": ""},
        {"p256dh": "!!", "auth": "!!"},
        {"p256dh": "BA" + "A" * 85, "auth": "A" * 22},
        {"auth": "QUJD"},
        {"p256dh": None},
    ],
)
async def test_wrong_keys_of_a_browser_are_found_before_anything_is_sent(
    world: World, world_tools: Tools, keys: dict[str, Any]
):
    token = Subscriber().token
    sub = {**token["sub"], "keys": {**token["sub"]["keys"], **keys} if keys else {}}
    error = await outcome(
        "web_push", push(Subscriber(), details={"sub": sub}), settings(), world_tools
    )
    assert isinstance(error, Permanent)
    assert (error.status, error.dead_address) == ("address", True)
    assert world.named.connections == 0


def test_keys_are_made_by_the_server_and_rotated_with_overlap():
    provider = registry.provider_named("web_push")
    assert provider.rotated
    assert provider.public
    made = registry.settings_of("web_push", {"contact": CONTACT})
    first = provider.public(made)["vapidPublicKey"]
    assert registry.settings_of("web_push", registry.dump(made)) == made
    current, known = made, [first]
    for _ in range(4):
        current = registry.settings_of(
            "web_push", {**registry.dump(current), **provider.rotated(current)}
        )
        known.insert(0, provider.public(current)["vapidPublicKey"])
    assert isinstance(current, WebPushSettings)
    assert [key.public for key in current.pairs()] == known[:3]
    assert len(set(known)) == 5


@pytest.mark.parametrize("wrong", ["nonsense", "QUJD", "A" * 43, "é"])
def test_what_is_no_key_is_refused_without_being_repeated(wrong: str):
    with pytest.raises(InvalidInput, match="Private keys") as caught:
        registry.settings_of("web_push", {"contact": CONTACT, "private_keys": wrong})
    assert wrong not in caught.value.message


@pytest.mark.parametrize(
    "contact",
    [
        *("mailto:ops@acme.example", "https://acme.example", "https://acme.example/"),
        *("https://acme.example/contact?to=ops", "mailto:ops@münchen.de"),
    ],
)
async def test_whatever_contact_is_saved_signs_pushes(
    contact: str, world: World, world_tools: Tools
):
    world.named.script(YES)
    result = await outcome("web_push", push(Subscriber()), settings(contact=contact), world_tools)
    assert isinstance(result, SendResult)
    assert signed_by(world.named.requests[0])[1]["sub"] == contact


async def test_a_try_with_another_key_gets_the_time_that_is_left(world: World, world_tools: Tools):
    # The first takes all of it for a refusal, so with the other one nothing is sent.
    world.named.script(Respond(403, body=b"because", then=Do.STALL), Do.STALL)
    error = await outcome("web_push", push(Subscriber()), settings(NEW, OLD), world_tools, SHORT)
    assert type(error) is Transient
    assert error.status == "connect"
    assert len(world.named.requests) == 1


@pytest.mark.parametrize(
    "wrong",
    ["ops@acme.example", "mailto:ops", "http://acme.example", "", "https://acme.example:8443/x"],
)
def test_a_contact_is_one_that_push_services_take(wrong: str):
    with pytest.raises(InvalidInput, match="Contact"):
        registry.settings_of("web_push", {"contact": wrong})
