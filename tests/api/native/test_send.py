"""``POST /send``."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from inbox_app.runtime import Runtime
from inbox_app.storage import notifications
from tests.api.calls import a_send, assert_refused, ok


async def listed(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    return ok(await client.get("/api/user/inapp"))["notifications"]


async def test_an_accepted_send_answers_with_its_tracking_id(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    answer = ok(await application.post("/api/send", json=a_send()))
    assert answer == {"trackingId": answer["trackingId"], "messages": []}
    (item,) = await listed(ada)
    assert item["id"] == answer["trackingId"]


async def test_parameters_are_merged(application: httpx.AsyncClient, ada: httpx.AsyncClient):
    body = a_send(
        title="Order {{order.id}} for {{name}}",
        parameters={"order": {"id": 17}, "name": "Ada"},
    )
    ok(await application.post("/api/send", json=body))
    (item,) = await listed(ada)
    assert item["title"] == "Order 17 for Ada"
    assert item["parameters"] == {"order": {"id": 17}, "name": "Ada"}


async def test_names_without_a_value_are_told_to_the_sender(application: httpx.AsyncClient):
    answer = ok(await application.post("/api/send", json=a_send(title="Hi {{who}}")))
    assert answer["messages"] == ["No value for {{who}}."]


async def test_what_the_sdk_cannot_say_goes_into_a_parameter(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    extras = {
        "body": "More",
        "html": "<b>More</b><script>alert(1)</script>",
        "actions": [{"label": "Yes", "url": "/yes"}, {"label": "No"}],
    }
    ok(await application.post("/api/send", json=a_send(parameters={"inapp": extras, "x": 1})))
    (item,) = await listed(ada)
    assert (item["body"], item["html"]) == ("More", "<b>More</b>")
    assert item["actions"] == [{"label": "Yes", "url": "/yes"}, {"label": "No"}]
    assert item["parameters"] == {"x": 1}


@pytest.mark.parametrize(
    ("renamed", "old"), [("type", "notificationId"), ("to", "user"), ("parameters", "mergeTags")]
)
async def test_the_names_of_older_sdks_are_understood(
    application: httpx.AsyncClient, ada: httpx.AsyncClient, renamed: str, old: str
):
    body = a_send(title="{{x}}", parameters={"x": "Hello"})
    body[old] = body.pop(renamed)
    ok(await application.post("/api/send", json=body))
    assert [item["title"] for item in await listed(ada)] == ["Hello"]


async def test_replacements_of_older_sdks_are_made(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    ok(await application.post("/api/send", json=a_send(title="Hi NAME", replace={"NAME": "Ada"})))
    assert [item["title"] for item in await listed(ada)] == ["Hi Ada"]


async def test_what_a_send_says_of_a_person_is_kept(application: httpx.AsyncClient):
    body = a_send()
    body["to"] |= {"email": "ada@acme.example", "number": "+491700000"}
    ok(await application.post("/api/send", json=body))
    user = ok(await application.get("/api/users/ada"))
    assert (user["email"], user["number"]) == ("ada@acme.example", "+491700000")


async def test_other_channels_are_planned_and_told(application: httpx.AsyncClient):
    body = a_send(
        email={"subject": "s", "html": "h"},
        sms={"message": "m"},
        call={"message": "m"},
        web_push={"title": "t", "message": "m"},
        mobile_push={"title": "t", "message": "m"},
        slack={"text": "t", "blocks": [{}]},
    )
    body["to"] |= {"email": "ada@acme.example"}
    messages = ok(await application.post("/api/send", json=body))["messages"]
    assert [each.partition(":")[0] for each in messages] == [
        *("SMS", "CALL", "PUSH", "WEB_PUSH", "SLACK")
    ]
    assert all("no address" in each for each in messages)


async def test_unknown_keys_are_ignored(application: httpx.AsyncClient):
    ok(await application.post("/api/send", json=a_send(future={"x": 1}, options={"apn": {}})))


async def test_a_text_can_have_pictures_and_a_sender(application: httpx.AsyncClient):
    sms: dict[str, Any] = {
        "message": "Look",
        "mediaUrls": ["https://a.example/{{n}}.png"],
        "from": "Shop",
        "autoReply": {"message": "Thanks"},
    }
    to = {"id": "ada", "number": "+34600000001"}
    body = a_send(to=to, sms=sms, parameters={"n": 17})
    dry = ok(await application.post("/api/send?dryRun=true", json=body))
    assert dry["rendered"]["SMS"] == {
        "message": "Look",
        "media_urls": ["https://a.example/17.png"],
        "from": "Shop",
    }
    for wrong in (["https://a.example/"] * 11, "https://a.example/", ["x" * 3_000]):
        sms["mediaUrls"] = wrong
        answer = await application.post("/api/send", json=a_send(to=to, sms=sms))
        assert "sms.mediaUrls" in assert_refused(answer, 400, "INVALID_INPUT")["message"]


async def test_null_says_nothing(application: httpx.AsyncClient):
    ok(await application.post("/api/send", json=a_send(email=None, schedule=None, templateId=None)))


async def test_options_are_kept_as_they_came_whatever_else_is_in_them(
    application: httpx.AsyncClient, runtime: Runtime
):
    options = {
        "email": {
            "ccAddresses": ["ben@acme.example"],
            "attachments": [{"filename": "a.txt", "content": "YQ==", "inline": True}],
            "condition": "old",
        },
        "apn": {"badge": 1},
        "fcm": {"android": {"ttl": 5}},
        "future": ["x"],
    }
    body = a_send(email={"subject": "s", "html": "h"}, options=options)
    body["to"] |= {"email": "ada@acme.example"}
    tracking_id = ok(await application.post("/api/send", json=body))["trackingId"]
    async with runtime.database.read() as tx:
        kept = await notifications.get_many(tx, [tracking_id])
    assert kept[tracking_id].payload["options"] == options


@pytest.mark.parametrize("schedule", ["2036-03-03T09:30:01Z", "9999-12-31T23:59:59Z"])
async def test_a_schedule_is_at_most_ten_years_ahead(application: httpx.AsyncClient, schedule: str):
    answer = await application.post("/api/send", json=a_send(schedule=schedule))
    assert "10 years" in assert_refused(answer, 400, "INVALID_INPUT")["message"]


async def test_a_schedule_within_ten_years_is_taken(application: httpx.AsyncClient):
    ok(await application.post("/api/send", json=a_send(schedule="2036-03-02T09:30:00Z")))


@pytest.mark.parametrize("asked", ["=true", "=True", "=1", "=yes", "=ON", "=", ""])
async def test_a_rehearsal_in_any_spelling_stores_nothing(
    application: httpx.AsyncClient, ada: httpx.AsyncClient, asked: str
):
    answer = ok(await application.post(f"/api/send?dryRun{asked}", json=a_send()))
    assert [each["channel"] for each in answer["decisions"]] == ["INAPP_WEB"]
    assert await listed(ada) == []


@pytest.mark.parametrize("asked", ["dryRun=false", "dryRun=0", "dryRun=No", "dryRun=off", "x=1"])
async def test_what_is_no_rehearsal_is_sent(
    application: httpx.AsyncClient, ada: httpx.AsyncClient, asked: str
):
    ok(await application.post(f"/api/send?{asked}", json=a_send()))
    assert len(await listed(ada)) == 1


@pytest.mark.parametrize("asked", ["perhaps", "2", "tru"])
async def test_a_rehearsal_that_is_not_clear_is_refused(
    application: httpx.AsyncClient, ada: httpx.AsyncClient, asked: str
):
    answer = await application.post(f"/api/send?dryRun={asked}", json=a_send())
    assert "dryRun" in assert_refused(answer, 400, "INVALID_INPUT")["message"]
    assert await listed(ada) == []


@pytest.mark.parametrize(
    ("place", "content"),
    [
        ("email.html", {"email": {"subject": "s", "html": "{% if x %}"}}),
        ("email.subject", {"email": {"subject": "{{ x | nope }}", "html": "h"}}),
        ("sms.message", {"sms": {"message": "Hi {{ name"}}),
        ("slack.blocks.0.text", {"slack": {"text": "t", "blocks": [{"text": "{% for %}"}]}}),
    ],
)
async def test_wrong_liquid_is_refused_when_the_send_comes_in(
    application: httpx.AsyncClient, place: str, content: dict[str, Any]
):
    for _ in range(2):
        answer = await application.post("/api/send", json=a_send(**content))
        assert assert_refused(answer, 400, "INVALID_INPUT")["message"].startswith(f"{place}: ")


async def test_liquid_that_is_right_is_taken(application: httpx.AsyncClient):
    email = {"subject": "{{ x | upcase }} NAME", "html": "{% for a in b %}{{ a.c }}{% endfor %}"}
    ok(await application.post("/api/send", json=a_send(email=email, replace={"NAME": "{{ y }}"})))


# Idempotency


def under(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


async def test_the_same_request_under_a_key_gets_the_first_answer(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    body = a_send(title="Hi {{who}}")
    first = ok(await application.post("/api/send", json=body, headers=under("k1")))
    answers = await asyncio.gather(
        *(application.post("/api/send", json=body, headers=under("k1")) for _ in range(10))
    )
    assert [ok(each) for each in answers] == [first] * 10
    assert len(await listed(ada)) == 1


async def test_the_same_request_is_the_same_in_another_spelling(application: httpx.AsyncClient):
    body = a_send(parameters={"é": 1.0})
    spellings = [
        json.dumps(body, indent=2),
        json.dumps(dict(reversed(body.items())), separators=(",", ":")),
        json.dumps(body, ensure_ascii=False),
    ]
    answers = [
        ok(await application.post("/api/send", content=each.encode(), headers=under("k1")))
        for each in spellings
    ]
    assert len({each["trackingId"] for each in answers}) == 1


async def test_another_request_under_a_key_is_a_conflict(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    ok(await application.post("/api/send", json=a_send(), headers=under("k1")))
    other = await application.post("/api/send", json=a_send(title="Other"), headers=under("k1"))
    assert_refused(other, 409, "CONFLICT")
    assert len(await listed(ada)) == 1


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_has_1_to_255_characters(application: httpx.AsyncClient, key: str):
    answer = await application.post("/api/send", json=a_send(), headers=under(key))
    assert_refused(answer, 400, "INVALID_INPUT")


async def test_a_longest_key_is_taken(application: httpx.AsyncClient):
    ok(await application.post("/api/send", json=a_send(), headers=under("x" * 255)))


async def test_a_refused_send_does_not_use_its_key_up(application: httpx.AsyncClient):
    refused = await application.post("/api/send", json=a_send(title=""), headers=under("k1"))
    assert_refused(refused, 400)
    ok(await application.post("/api/send", json=a_send(), headers=under("k1")))


async def test_no_secret_of_a_user_is_kept_with_the_request(
    application: httpx.AsyncClient, runtime: Runtime
):
    token = {"ok": True, "access_token": "xoxb-very-secret", "scope": "chat:write"}
    ok(await application.post("/api/send", json=a_send(to={"id": "ada", "slackToken": token})))
    async with runtime.database.read() as tx:
        (request,) = (await tx.execute(text("SELECT request FROM notifications"))).scalars()
    assert json.loads(request)["to"] == {"id": "ada"}
