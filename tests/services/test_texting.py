"""Texting by Twilio from end to end: sent, reported, answered, stopped and started again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from inbox_app.api.app import build
from inbox_app.config import Settings
from inbox_app.domain.environment import Environment
from inbox_app.runtime import Runtime
from inbox_app.services import delivering
from tests.api.calls import as_user, bearer, ok
from tests.channels.world import World, open_world, runtime_in
from tests.clock import SetClock
from tests.standins.certificate import Authority
from tests.standins.http import HttpStandIn, Respond
from tests.standins.twilio import HEADER, signed

TOKEN = "t0ken"
PUBLIC = "https://hub.example"
NUMBER, FROM = "+34600000001", "+15005550006"
TWILIO = {"account_sid": f"AC{17:032x}", "auth_token": TOKEN, "from_number": FROM}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, public_url=PUBLIC)


@dataclass(frozen=True)
class Hub:
    """The hub with an integration, and the Twilio it knows.

    Attributes:
        application: Calls the native API as the sender.
        person: Calls it as ada.
        outside: Calls as anybody on the Internet.
        places: Path where each channel's integration is reported to; the last is used.
    """

    runtime: Runtime
    twilio: HttpStandIn
    application: httpx.AsyncClient
    person: httpx.AsyncClient
    outside: httpx.AsyncClient
    places: list[str] = field(default_factory=list[str])

    @property
    def place(self) -> str:
        return self.places[-1]

    async def integrate(self, channel: str) -> str:
        """Lets Twilio carry a channel; the path where it reports."""
        body = {"channel": channel, "provider": "twilio", "settings": TWILIO}
        made = ok(await self.application.post("/api/integrations", json=body))
        self.places.append(f"/callbacks/twilio/{made['id']}")
        return self.place

    async def send(self, **more: Any) -> str:
        """Sends an in-app message and a text to ada; its tracking id."""
        body = {
            "type": "order_shipped",
            "to": {"id": "ada", "number": NUMBER},
            "inapp": {"title": "Shipped"},
            "sms": {
                "message": "Order {{order}} has shipped",
                "autoReply": {"message": "Thanks <{{order}}>"},
            },
            "parameters": {"order": 17},
            **more,
        }
        answer = ok(await self.application.post("/api/send", json=body))
        while await delivering.work(self.runtime):
            pass
        return answer["trackingId"]

    async def status(self, tracking_id: str) -> str:
        [delivery] = (await self._story(tracking_id))["deliveries"]
        return delivery["status"]

    async def told(self, tracking_id: str, channel: str = "SMS") -> list[str]:
        """What the timeline tells of a channel, in words."""
        return [
            each["sentence"]
            for each in (await self._story(tracking_id))["timeline"]
            if each.get("channel") == channel
        ]

    async def _story(self, tracking_id: str) -> dict[str, Any]:
        return ok(await self.application.get(f"/api/notifications/{tracking_id}/timeline"))

    async def replies(self) -> list[str]:
        items = ok(await self.person.get("/api/user/inapp"))["notifications"]
        return [reply["message"] for item in items for reply in item.get("replies", [])]

    async def suppressed(self) -> list[tuple[str, str]]:
        answer = ok(await self.application.get("/api/suppressions", params={"channel": "SMS"}))
        return [(each["address"], each["reason"]) for each in answer["suppressions"]]

    async def report(
        self, fields: Mapping[str, str], query: str = "", token: str = TOKEN
    ) -> httpx.Response:
        """Twilio calls this server."""
        url = f"{PUBLIC}{self.place}{query}"
        headers = {HEADER: signed(url, fields, token)}
        return await self.outside.post(self.place + query, data=dict(fields), headers=headers)

    async def write(self, sid: str, body: str) -> str:
        """Ada writes a text; what she is answered."""
        fields = {"MessageSid": sid, "From": NUMBER, "To": FROM, "Body": body, "NumMedia": "0"}
        answer = await self.report(fields)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/xml")
        return answer.text


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def world(authority: Authority) -> AsyncIterator[World]:
    async with open_world(authority, ("api.twilio.com",)) as world:
        yield world


@pytest.fixture
async def runtime(
    settings: Settings, clock: SetClock, authority: Authority, world: World
) -> AsyncIterator[Runtime]:
    """A runtime for which Twilio is on this machine."""
    async with runtime_in(world, authority, settings, clock) as rt:
        yield rt


@pytest.fixture
async def hub(
    runtime: Runtime, environment: Environment, api_key: str, world: World
) -> AsyncIterator[Hub]:
    transport = httpx.ASGITransport(build(lambda: runtime))

    def client(**headers: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=transport, base_url="http://inbox.test", headers=headers)

    async with (
        client(**bearer(api_key)) as application,
        client(**as_user(environment)) as person,
        client() as outside,
    ):
        made = Hub(runtime, world.named, application, person, outside)
        await made.integrate("SMS")
        yield made


def taken(sid: str) -> Respond:
    return Respond(201, body=json.dumps({"sid": sid, "status": "queued"}).encode())


async def test_a_text_is_reported_by_the_url_it_was_sent_with(hub: Hub):
    hub.twilio.usual = taken("SM1")
    tracking_id = await hub.send(sms={"message": "Look", "mediaUrls": ["https://a.example/1.png"]})
    [request] = hub.twilio.requests
    form = request.form()
    assert (form["To"], form["From"], form["Body"]) == (NUMBER, FROM, "Look")
    assert form["MediaUrl"] == "https://a.example/1.png"
    assert await hub.status(tracking_id) == "sent"
    callback = urlsplit(form["StatusCallback"])
    assert f"{callback.scheme}://{callback.netloc}{callback.path}" == PUBLIC + hub.place
    query = f"?{callback.query}"
    forged = {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "30005"}
    assert (await hub.report(forged, query, token="guessed")).status_code == 401
    assert await hub.status(tracking_id) == "sent"
    assert await hub.suppressed() == []
    for status in ("queued", "sent", "delivered", "delivered", "sent"):
        answer = await hub.report({"MessageSid": "SM1", "MessageStatus": status}, query)
        assert answer.status_code == 200
    assert await hub.status(tracking_id) == "delivered"
    assert (await hub.told(tracking_id)).count("It arrived on the phone.") == 1
    for _ in range(2):
        await hub.report({"MessageSid": "SM1", "MessageStatus": "read"}, query)
    assert (await hub.told(tracking_id)).count("SMS was opened.") == 1


async def test_a_report_is_matched_though_the_answer_told_no_name(hub: Hub):
    hub.twilio.usual = Respond(201, body=b"")
    tracking_id = await hub.send()
    query = f"?{urlsplit(hub.twilio.requests[0].form()['StatusCallback']).query}"
    dead = {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30005"}
    assert (await hub.report(dead, query)).status_code == 200
    assert await hub.status(tracking_id) == "failed"
    assert "SMS did not arrive: No telephone has this number." in await hub.told(tracking_id)
    assert await hub.suppressed() == [(NUMBER, "Bounce")]


async def test_a_reply_is_kept_once_and_the_first_one_answered(hub: Hub):
    hub.twilio.usual = taken("SM1")
    tracking_id = await hub.send()
    expected = "<Response><Message>Thanks &lt;17&gt;</Message></Response>"
    for _ in range(2):
        assert await hub.write("SM8", "  When?  ") == expected
    assert await hub.replies() == ["When?"]
    # Their phone may answer by itself too, and would go on for ever.
    assert await hub.write("SM9", "YES") == "<Response/>"
    # Of the first one the answer may not have come through.
    assert await hub.write("SM8", "  When?  ") == expected
    assert sorted(await hub.replies()) == ["When?", "YES"]
    told = await hub.told(tracking_id)
    assert told.count("They answered by SMS: When?") == 1
    assert await hub.status(tracking_id) == "delivered"


async def test_who_writes_back_is_known_however_their_number_was_told(hub: Hub):
    hub.twilio.usual = taken("SM1")
    await hub.send(to={"id": "ada", "number": "+34 (600) 000-001"})
    await hub.write("SM8", "Hi")
    assert await hub.replies() == ["Hi"]
    await hub.write("SM9", "STOP")
    await hub.send(to={"id": "ada", "number": "+34 600 000 001"})
    assert len(hub.twilio.requests) == 1


@pytest.mark.parametrize(
    ("told", "writes"), [("+4407911123456", "+447911123456"), ("+49015112345678", "+4915112345678")]
)
async def test_who_was_told_with_a_trunk_prefix_is_known_when_they_stop(
    hub: Hub, told: str, writes: str
):
    hub.twilio.usual = taken("SM1")
    await hub.send(to={"id": "ada", "number": told})
    fields = {"MessageSid": "SM9", "From": writes, "To": FROM, "Body": "STOP", "NumMedia": "0"}
    await hub.report(fields)
    await hub.send(to={"id": "ada", "number": told})
    assert len(hub.twilio.requests) == 1


async def test_a_reply_without_a_wanted_answer_is_answered_with_silence(hub: Hub):
    hub.twilio.usual = taken("SM1")
    await hub.send(sms={"message": "Hello"})
    assert await hub.write("SM8", "Hi") == "<Response/>"
    assert await hub.replies() == ["Hi"]


async def test_stop_ends_texts_until_start(hub: Hub):
    hub.twilio.usual = taken("SM1")
    await hub.send()
    assert await hub.write("SM7", "Stop ") == "<Response/>"
    assert await hub.suppressed() == [(NUMBER, "Unsubscribe")]
    await hub.send()
    assert len(hub.twilio.requests) == 1
    assert await hub.write("SM8", "HELP") == "<Response/>"
    # What was said before comes again.
    assert await hub.write("SM8", "start") == "<Response/>"
    assert await hub.suppressed() == []
    assert await hub.write("SM7", "Stop ") == "<Response/>"
    assert await hub.suppressed() == []
    await hub.send()
    assert len(hub.twilio.requests) == 2
    assert await hub.replies() == []


async def test_yes_takes_a_stop_back_and_is_an_answer_else(hub: Hub):
    hub.twilio.usual = taken("SM1")
    await hub.send()
    await hub.write("SM7", "STOP")
    for _ in range(2):
        # However often it is told.
        assert await hub.write("SM8", "Yes") == "<Response/>"
        assert await hub.suppressed() == []
    assert await hub.replies() == []
    await hub.write("SM9", "Yes")
    await hub.write("SM10", "STOP")
    # What was an answer stays one.
    await hub.write("SM9", "Yes")
    assert await hub.replies() == ["Yes"]
    assert await hub.suppressed() == [(NUMBER, "Unsubscribe")]


@pytest.mark.parametrize("word", ["START", "YES"])
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_stop_that_only_twilio_has_heard_ends_with_start_too(
    hub: Hub, at_once: bool, word: str
):
    refused = {"code": 21610, "message": "Attempt to send to unsubscribed recipient"}
    answer = Respond(400, body=json.dumps(refused).encode()) if at_once else taken("SM1")
    hub.twilio.usual = answer
    tracking_id = await hub.send()
    if not at_once:
        query = f"?{urlsplit(hub.twilio.requests[0].form()['StatusCallback']).query}"
        failed = {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "21610"}
        assert (await hub.report({**failed, "To": NUMBER}, query)).status_code == 200
    assert await hub.status(tracking_id) == "failed"
    assert await hub.suppressed() == [(NUMBER, "Unsubscribe")]
    await hub.write("SM8", word)
    assert await hub.suppressed() == []


@pytest.mark.parametrize(
    ("status", "stands", "told"),
    [
        ("completed", "delivered", "The call was answered."),
        ("busy", "failed", "Call did not arrive: The line was busy."),
        ("no-answer", "failed", "Call did not arrive: Nobody answered."),
    ],
)
async def test_a_call_is_reported(hub: Hub, status: str, stands: str, told: str):
    place = await hub.integrate("CALL")
    hub.twilio.usual = taken("CA1")
    tracking_id = await hub.send(sms=None, call={"message": "Your order {{order}} has shipped"})
    [request] = hub.twilio.requests
    fields = parse_qs(request.body.decode())
    said = "<Response><Say>Your order 17 has shipped</Say></Response>"
    assert (fields["Twiml"], fields["StatusCallbackEvent"]) == (
        *([said], ["initiated", "ringing", "answered", "completed"]),
    )
    [callback] = fields["StatusCallback"]
    assert callback.startswith(f"{PUBLIC}{place}?")
    query = f"?{urlsplit(callback).query}"
    for each in ("initiated", "ringing", *(["in-progress"] if stands == "delivered" else [])):
        await hub.report({"CallSid": "CA1", "CallStatus": each}, query)
    answer = await hub.report({"CallSid": "CA1", "CallStatus": status}, query)
    assert answer.status_code == 200
    assert await hub.status(tracking_id) == stands
    assert (await hub.told(tracking_id, "CALL")).count(told) == 1
