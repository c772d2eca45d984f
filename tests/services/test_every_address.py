"""One send to a person with every kind of address; only the services themselves are played."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest

from inbox_app.config import Settings
from inbox_app.domain.environment import Environment
from inbox_app.runtime import Runtime
from inbox_app.services import delivering
from tests.api.calls import as_user, bearer, ok
from tests.channels.browsers import Subscriber
from tests.channels.examples import Example, examples
from tests.channels.world import World, open_world, runtime_in
from tests.clock import SetClock
from tests.standins.certificate import Authority
from tests.standins.http import Request, Respond
from tests.standins.twilio import HEADER, signed

PUBLIC = "https://hub.example"
NUMBER = "+34600000001"
APPLE = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0"
GOOGLE = "d3v1ce:APA91b"
DISCORD = "https://discord.com/api/webhooks/123/secret-part"
FIREFOX = Subscriber("https://updates.push.services.mozilla.com/wpush/v2/abc")
CHROME = Subscriber("https://fcm.googleapis.com/fcm/send/abc")
CARRIED: list[tuple[str, str]] = [
    *(("EMAIL", "ses"), ("SMS", "twilio"), ("CALL", "twilio"), ("PUSH", "fcm"), ("PUSH", "apns")),
    *(("WEB_PUSH", "web_push"), ("SLACK", "slack")),
]


def of(provider: str) -> Example:
    return examples()[provider]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, public_url=PUBLIC)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def world(authority: Authority) -> AsyncIterator[World]:
    hosts = sorted({host for _, name in CARRIED for host in of(name).hosts})
    async with open_world(authority, tuple(hosts)) as world:
        world.named.of_hosts = {
            "email.us-east-1.amazonaws.com": of("ses").yes,
            "api.twilio.com": of("twilio").yes,
            "slack.com": of("slack").yes,
            "oauth2.googleapis.com": of("fcm").before[0],
            "updates.push.services.mozilla.com": of("web_push").yes,
            "fcm.googleapis.com": of("web_push").yes,
        }
        world.named2.usual = of("fcm").yes
        yield world


@pytest.fixture
async def runtime(
    settings: Settings, clock: SetClock, authority: Authority, world: World
) -> AsyncIterator[Runtime]:
    """A runtime for which the services are on this machine."""
    async with runtime_in(world, authority, settings, clock) as rt:
        yield rt


@pytest.fixture
async def application(client: httpx.AsyncClient, api_key: str) -> httpx.AsyncClient:
    """Calls with the API key; the paths begin with /api."""
    client.headers.update(bearer(api_key))
    return client


@pytest.fixture
async def integrated(application: httpx.AsyncClient) -> dict[str, str]:
    """Every channel has an integration; their ids by channel and provider."""
    made: dict[str, str] = {}
    for channel, provider in CARRIED:
        body = {"channel": channel, "provider": provider, "settings": of(provider).settings(0)}
        answer = ok(await application.post("/api/integrations", json=body))
        made[f"{channel} {provider}"] = answer["id"]
    return made


async def sent(rt: Runtime, application: httpx.AsyncClient) -> str:
    """One send to all addresses of ada, each told with it; its tracking id."""
    body = {
        "type": "order_shipped",
        "to": {
            "id": "ada",
            "email": "ada@acme.example",
            "number": NUMBER,
            "pushTokens": [
                {"type": "FCM", "token": GOOGLE, "device": {"device_id": "pixel"}},
                {"type": "APN", "token": APPLE, "device": {"device_id": "iphone"}},
            ],
            "webPushTokens": [FIREFOX.token, CHROME.token],
            "slackChannel": "C0ORDERS",
        },
        "parameters": {"order": 17},
        "inapp": {"title": "Order {{order}} has shipped"},
        "email": {"subject": "Order {{order}}", "html": "<p>It has shipped</p>"},
        "sms": {"message": "Order {{order}} has shipped"},
        "call": {"message": "Order {{order}} has shipped"},
        "mobile_push": {"title": "Order {{order}}", "message": "It has shipped"},
        "web_push": {"title": "Order {{order}}", "message": "It has shipped"},
        "slack": {"text": "Order {{order}} has shipped"},
    }
    answer = ok(await application.post("/api/send", json=body))
    while await delivering.work(rt):
        pass
    return answer["trackingId"]


async def story(application: httpx.AsyncClient, tracking_id: str) -> dict[str, Any]:
    return ok(await application.get(f"/api/notifications/{tracking_id}/timeline"))


def asked(world: World, host: str, path: str = "") -> list[Request]:
    """What a service was asked."""
    return [
        each
        for each in (*world.named.requests, *world.named2.requests)
        if host in {each.headers.get("host"), each.headers.get(":authority")}
        and each.path.startswith(path)
    ]


async def test_each_service_gets_exactly_what_it_should(
    runtime: Runtime, application: httpx.AsyncClient, integrated: Mapping[str, str], world: World
):
    tracking_id = await sent(runtime, application)
    told = await story(application, tracking_id)
    assert {(e["channel"], e["status"], e["attempts"]) for e in told["deliveries"]} == {
        (channel, "sent", 1) for channel, _ in CARRIED
    }
    # Two phones, two browsers, one of everything else, and Google's token.
    assert (len(world.named.requests), len(world.named2.requests)) == (7, 2)

    [mail] = asked(world, "email.us-east-1.amazonaws.com", "/v2/email/outbound-emails")
    raw = base64.b64decode(mail.json()["Content"]["Raw"]["Data"])
    parsed = message_from_bytes(raw, policy=default)
    assert (parsed["To"], parsed["Subject"]) == ("ada@acme.example", "Order 17")

    [text] = asked(world, "api.twilio.com", f"/2010-04-01/Accounts/AC{17:032x}/Messages.json")
    assert (text.form()["To"], text.form()["Body"]) == (NUMBER, "Order 17 has shipped")
    [call] = asked(world, "api.twilio.com", f"/2010-04-01/Accounts/AC{17:032x}/Calls.json")
    assert call.form()["To"] == NUMBER
    assert "Order 17 has shipped" in call.form()["Twiml"]
    back = integrated["SMS twilio"]
    assert text.form()["StatusCallback"].startswith(f"{PUBLIC}/callbacks/twilio/{back}?")

    [android] = asked(world, "fcm.googleapis.com", "/v1/projects/")
    assert android.json()["message"]["token"] == GOOGLE
    [iphone] = asked(world, "api.push.apple.com", "/3/device/")
    assert iphone.path == f"/3/device/{APPLE}"
    assert iphone.json()["aps"]["alert"] == {"title": "Order 17", "body": "It has shipped"}

    for browser, host in (
        (FIREFOX, "updates.push.services.mozilla.com"),
        (CHROME, "fcm.googleapis.com"),
    ):
        [push] = [each for each in asked(world, host) if "content-encoding" in each.headers]
        shown = browser.read(push)["notification"]
        assert (shown["title"], shown["body"]) == ("Order 17", "It has shipped")

    [chat] = asked(world, "slack.com", "/api/chat.postMessage")
    assert {"channel": "C0ORDERS", "text": "Order 17 has shipped"}.items() <= chat.json().items()


async def test_its_timeline_reads_like_a_story(
    runtime: Runtime,
    environment: Environment,
    application: httpx.AsyncClient,
    integrated: Mapping[str, str],
    world: World,
):
    assert integrated
    world.named2.script(Respond(410, body=json.dumps({"reason": "Unregistered"}).encode()))
    tracking_id = await sent(runtime, application)
    [text] = asked(world, "api.twilio.com", f"/2010-04-01/Accounts/AC{17:032x}/Messages.json")
    callback = text.form()["StatusCallback"]
    for fields in (
        {"MessageSid": "SM1", "MessageStatus": "delivered"},
        {"MessageSid": "SM1", "MessageStatus": "sent"},
    ):
        headers = {HEADER: signed(callback, fields, of("twilio").secret)}
        place = callback.removeprefix(PUBLIC)
        assert (await application.post(place, data=fields, headers=headers)).status_code == 200
    ok(
        await application.patch(
            "/api/user/inapp",
            json={"trackingIds": [tracking_id], "opened": runtime.clock.now().isoformat()},
            headers=as_user(environment, "ada"),
        )
    )
    told = await story(application, tracking_id)
    lines = [f"{e.get('channel') or ''}: {e['sentence']}" for e in told["timeline"]]
    for line in (
        ": Accepted.",
        "EMAIL: To be sent by E-mail.",
        "EMAIL: Amazon SES took it.",
        "SMS: Twilio took it: 1 segment, GSM-7.",
        "EMAIL: Sent by E-mail.",
        "SMS: It arrived on the phone.",
        "INAPP_WEB: Read in the inbox.",
    ):
        assert line in lines, lines
    statuses = {(e["channel"], e["to"]): e["status"] for e in told["deliveries"]}
    assert statuses["SMS", NUMBER] == "delivered"
    dead = [e for e in told["deliveries"] if e["status"] == "failed"]
    assert [each["channel"] for each in dead] == ["PUSH"]
