"""Schedules, the sandbox, timelines, dead letters and preferences over HTTP."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from inbox_app.lib.clock import iso
from inbox_app.runtime import Runtime
from inbox_app.services import delivering
from tests.api.calls import assert_refused, bearer, ok
from tests.clock import SetClock
from tests.factories import make_environment, make_key

EVERYWHERE: dict[str, Any] = {
    "type": "order_shipped",
    "to": {
        "id": "ada",
        "email": "ada@acme.example",
        "number": "+4917012345",
        "pushTokens": [{"type": "FCM", "token": "t1", "device": {"device_id": "d"}}],
        "webPushTokens": [
            {"sub": {"endpoint": "https://push.example/1", "keys": {"p256dh": "p", "auth": "a"}}}
        ],
        "slackChannel": "#ops",
    },
    "parameters": {"order": "17"},
    "inapp": {"title": "Order {{order}} has shipped"},
    "email": {"subject": "Order {{order}}", "html": "<p>Order {{order}} has shipped</p>"},
    "sms": {"message": "Order {{order}} has shipped"},
    "call": {"message": "Order {{order}} has shipped"},
    "web_push": {"title": "Order {{order}}", "message": "It has shipped"},
    "mobile_push": {"title": "Order {{order}}", "message": "It has shipped"},
    "slack": {"text": "Order {{order}} has shipped"},
}
OFF_APP = {"EMAIL", "SMS", "CALL", "PUSH", "WEB_PUSH", "SLACK"}


async def drain(runtime: Runtime) -> None:
    while await delivering.work(runtime):
        pass


async def sandbox(application: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    found = ok(await application.get("/api/sandbox/messages", params=query))
    return found["messages"]


def without_links(messages: dict[str, Any]) -> str:
    """The messages without the one thing that differs: only what is sent has links that work."""
    tokens = r"(/unsubscribe/|/preferences/\?key=)[\w-]+"
    return re.sub(tokens, r"\1", json.dumps(messages, sort_keys=True))


async def test_one_send_with_all_channels_is_in_the_sandbox(
    application: httpx.AsyncClient, runtime: Runtime
):
    sent = ok(await application.post("/api/send", json=EVERYWHERE))
    assert sent["messages"] == []
    await drain(runtime)
    found = {each["channel"]: each for each in await sandbox(application)}
    assert set(found) == OFF_APP
    assert found["EMAIL"]["content"]["subject"] == "Order 17"
    assert found["SMS"]["content"]["message"] == "Order 17 has shipped"
    assert found["WEB_PUSH"]["to"] == "https://push.example/1"
    assert {each["trackingId"] for each in found.values()} == {sent["trackingId"]}


async def test_the_sandbox_is_read_page_by_page(application: httpx.AsyncClient, runtime: Runtime):
    ok(await application.post("/api/send", json=EVERYWHERE))
    await drain(runtime)
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 4}
    while True:
        page = ok(await application.get("/api/sandbox/messages", params=query))
        seen += [each["id"] for each in page["messages"]]
        if page.get("next") is None:
            break
        query["before"] = page["next"]
    assert len(seen) == len(set(seen)) == len(OFF_APP)
    assert [each["channel"] for each in await sandbox(application, channel="SMS")] == ["SMS"]


@pytest.mark.parametrize("change", [{}, {"forceChannels": ["EMAIL"]}, {"email": None}])
async def test_a_dry_run_equals_what_then_happens(
    application: httpx.AsyncClient, runtime: Runtime, change: dict[str, Any]
):
    body = EVERYWHERE | change
    assert_refused(await application.patch("/api/users/ada/preferences", json={}), 404)
    dry = ok(await application.post("/api/send?dryRun=true", json=body))
    assert await sandbox(application) == []
    assert (await application.get("/api/users/ada")).json() == {"id": "ada"}
    tracking_id = ok(await application.post("/api/send", json=body))["trackingId"]
    await drain(runtime)
    then = {each["channel"]: each["content"] for each in await sandbox(application)}
    rendered = {c: each for c, each in dry["rendered"].items() if c != "INAPP_WEB"}
    assert without_links(then) == without_links(rendered)
    story = ok(await application.get(f"/api/notifications/{tracking_id}/timeline"))
    decided = [each for each in story["timeline"] if each["what"] == "decided"]
    rules = {each["channel"]: (each["data"]["rule"], each["sentence"]) for each in decided}
    assert rules == {each["channel"]: (each["rule"], each["sentence"]) for each in dry["decisions"]}


async def test_a_timeline_tells_the_story_in_order(
    application: httpx.AsyncClient, runtime: Runtime
):
    sent = ok(await application.post("/api/send", json=EVERYWHERE))
    await drain(runtime)
    story = ok(await application.get(f"/api/notifications/{sent['trackingId']}/timeline"))
    whats = [each["what"] for each in story["timeline"] if each.get("channel") in (None, "EMAIL")]
    assert whats == ["accepted", "decided", "attempt_sent", "sent"]
    assert {each["status"] for each in story["deliveries"]} == {"sent"}


async def test_a_timeline_tells_what_the_person_did(
    application: httpx.AsyncClient, clock: SetClock
):
    sent = ok(await application.post("/api/send", json=EVERYWHERE))
    clock.advance(minutes=1)
    did = {
        "trackingIds": [sent["trackingId"]],
        "clicked": iso(clock.now()),
        "archived": iso(clock.now() + timedelta(minutes=1)),
        "replies": [{"message": "Thanks!", "date": iso(clock.now()), "author": "Mara"}],
    }
    clock.advance(minutes=1)
    ok(await application.patch("/api/user/inapp", params={"userId": "ada"}, json=did))
    story = ok(await application.get(f"/api/notifications/{sent['trackingId']}/timeline"))
    inbox = [each for each in story["timeline"] if each.get("channel") == "INAPP_WEB"]
    whats = [each["what"] for each in inbox]
    assert whats == ["decided", "seen", "opened", "clicked", "replied", "archived"]
    assert inbox[4]["sentence"] == "Mara replied."
    assert inbox[4]["data"] == {"message": "Thanks!"}


async def test_a_schedule_can_be_moved_and_taken_back(
    application: httpx.AsyncClient, runtime: Runtime, clock: SetClock
):
    later = clock.now() + timedelta(hours=1)
    sent = ok(await application.post("/api/send", json=EVERYWHERE | {"schedule": iso(later)}))
    path = f"/api/sender/scheduler/{sent['trackingId']}"
    moved = {"schedule": iso(later + timedelta(hours=1)), "sms": {"message": "Another text"}}
    ok(await application.put(path, json=moved))
    clock.advance(hours=1)
    await drain(runtime)
    assert await sandbox(application) == []
    clock.advance(hours=1)
    await drain(runtime)
    (sms,) = await sandbox(application, channel="SMS")
    assert sms["content"]["message"] == "Another text"
    assert len(await sandbox(application)) == len(OFF_APP)
    assert_refused(await application.delete(path), 404)


async def test_what_was_cancelled_never_goes_out(
    application: httpx.AsyncClient, runtime: Runtime, clock: SetClock
):
    later = iso(clock.now() + timedelta(hours=1))
    sent = ok(await application.post("/api/send", json=EVERYWHERE | {"schedule": later}))
    path = f"/api/sender/scheduler/{sent['trackingId']}"
    ok(await application.delete(path))
    assert_refused(await application.delete(path), 404)
    clock.advance(hours=2)
    await drain(runtime)
    assert await sandbox(application) == []


async def test_preferences_are_kept_and_obeyed(application: httpx.AsyncClient, runtime: Runtime):
    ok(await application.post("/api/send", json=EVERYWHERE))
    path = "/api/users/ada/preferences"
    chosen = {"types": {"order_shipped": {"channels": {"SMS": "off"}}}, "channels": {"CALL": False}}
    assert ok(await application.patch(path, json=chosen)) == chosen
    assert ok(await application.get(path)) == chosen
    dry = ok(await application.post("/api/send?dryRun=true", json=EVERYWHERE))
    rules = {each["channel"]: each["rule"] for each in dry["decisions"]}
    assert rules["SMS"] == rules["CALL"] == "preference_off"
    assert rules["EMAIL"] == "allowed"
    assert ok(await application.patch(path, json={"types": None, "channels": None})) == {}


async def test_a_choice_that_is_not_offered_is_refused(application: httpx.AsyncClient):
    ok(await application.post("/api/send", json=EVERYWHERE))
    change = {"types": {"order_shipped": {"channels": {"SMS": "daily"}}}}
    answer = await application.patch("/api/users/ada/preferences", json=change)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"schedule": "tomorrow"}'])
async def test_a_change_that_cannot_be_read_is_refused(application: httpx.AsyncClient, body: bytes):
    assert_refused(await application.put("/api/sender/scheduler/x", content=body), 400)


async def test_numbers_beyond_any_key_name_nothing(application: httpx.AsyncClient):
    assert await sandbox(application, before="9" * 19) == []
    answer = await application.post("/api/deliveries/replay", json={"ids": ["9" * 19, "1"]})
    assert ok(answer) == {"replayed": 0}


async def test_dead_letters_are_read_page_by_page(
    application: httpx.AsyncClient, runtime: Runtime, clock: SetClock
):
    # Each of them fails when it is rendered, all at the same moment.
    wrong = {"type": "order_shipped", "to": EVERYWHERE["to"], "sms": {"message": "{{ nothing }}"}}
    for _ in range(5):
        ok(await application.post("/api/send", json=wrong))
    await drain(runtime)
    clock.advance(minutes=1)
    ok(await application.post("/api/send", json=wrong))
    await drain(runtime)
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while page := ok(await application.get("/api/deliveries/dead", params=query)):
        seen += [each["id"] for each in page]
        query["before"] = seen[-1]
    assert len(seen) == len(set(seen)) == 6
    everything = ok(await application.get("/api/deliveries/dead"))
    assert [each["id"] for each in everything] == seen
    assert_refused(await application.get("/api/deliveries/dead", params={"before": "1"}), 404)


async def test_what_is_another_environments_is_not_found(
    application: httpx.AsyncClient, client: httpx.AsyncClient, runtime: Runtime
):
    sent = ok(await application.post("/api/send", json=EVERYWHERE))
    other = await make_environment(runtime, "Other")
    stranger = bearer(await make_key(runtime, other))
    path = f"/api/notifications/{sent['trackingId']}/timeline"
    assert_refused(await client.get(path, headers=stranger), 404)
    assert ok(await client.get("/api/sandbox/messages", headers=stranger))["messages"] == []
