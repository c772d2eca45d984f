"""``/users``."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from inbox_app.domain.environment import Environment
from inbox_app.runtime import Runtime
from inbox_app.services import users
from tests.api.calls import a_send, as_user, assert_refused, bearer, ok
from tests.factories import make_environment, make_key

PUSH = {
    "type": "FCM",
    "token": "t",
    "device": {"device_id": "d", "model": "m"},
    "environment": "undefined",
}
WEB_PUSH = {"sub": {"endpoint": "https://push.example/1", "keys": {"p256dh": "p", "auth": "a"}}}
EVERYTHING: dict[str, Any] = {
    "email": "ada@acme.example",
    "number": "+491700000",
    "timezone": "Europe/Berlin",
    "pushTokens": [PUSH],
    "webPushTokens": [WEB_PUSH],
    "slackChannel": "#ops",
    "properties": {"name": "Ada", "visits": 3.0, "paying": True},
}


async def test_account_metadata_holds_what_the_sdk_requires(application: httpx.AsyncClient):
    answer = ok(await application.get("/api/users/account-metadata"))
    metadata = answer["userAccountMetadata"]
    assert {name: type(value) for name, value in metadata.items()} == {
        "logo": str,
        "environmentVapidPublicKey": str,
        "hasWebPushEnabled": bool,
    }


async def test_an_identified_user_comes_back_with_everything(application: httpx.AsyncClient):
    made = ok(await application.post("/api/users/ada", json=EVERYTHING))
    assert made.items() >= {"id": "ada", **EVERYTHING}.items()
    assert made.keys() - EVERYTHING.keys() == {"id", "createdAt", "updatedAt", "lastSeenTime"}
    assert ok(await application.get("/api/users/ada")) == made


async def test_identifying_again_merges(application: httpx.AsyncClient):
    await application.post("/api/users/ada", json=EVERYTHING)
    newer = {"email": "new@acme.example", "properties": {"paying": False}, "number": None}
    merged = ok(await application.post("/api/users/ada", json=newer))
    assert (merged["email"], merged["number"]) == ("new@acme.example", "+491700000")
    assert merged["properties"] == {"name": "Ada", "visits": 3.0, "paying": False}


async def test_the_body_may_be_empty_or_name_the_same_id(application: httpx.AsyncClient):
    ok(await application.post("/api/users/ada"))
    ok(await application.post("/api/users/ada", json={}))
    ok(await application.post("/api/users/ada", json={"id": "ada"}))
    assert_refused(await application.post("/api/users/ada", json={"id": "ben"}), 400)


async def test_secrets_of_slack_go_in_and_never_out(application: httpx.AsyncClient):
    token = {
        "ok": True,
        "access_token": "xoxb-secret",
        "refresh_token": "xoxe-secret",
        "team": {"id": "T1", "name": "Acme"},
        "incoming_webhook": {"url": "https://hooks.slack.example/secret"},
    }
    made = await application.post("/api/users/ada", json={"slackToken": token})
    assert ok(made)["slackToken"] == {"ok": True, "team": {"id": "T1", "name": "Acme"}}
    for answer in (made, await application.get("/api/users/ada")):
        assert "secret" not in answer.text


@pytest.mark.parametrize("path", ["/api/users/ada", "/api/send"])
async def test_it_is_kept_when_a_token_of_slack_ends(
    path: str, application: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    now = int(runtime.clock.now().timestamp())
    user = {"id": "U1", "access_token": "xoxp-1", "expires_in": 60, "expires_at": now + 5}
    told = {"ok": True, "access_token": "xoxb-1", "expires_in": 43200, "authed_user": user}
    body = {"slackToken": told} if "users" in path else a_send(to={"id": "ada", "slackToken": told})
    ok(await application.post(path, json=body))
    known = await users.find(runtime, environment, "ada")
    assert known is not None
    stored = json.loads(runtime.sealer.unseal(known.profile.slack_token or ""))
    # What its service says itself is believed.
    assert stored == {**told, "expires_at": now + 43200}


async def test_an_unknown_user_is_only_its_id(application: httpx.AsyncClient):
    assert ok(await application.get("/api/users/nobody")) == {"id": "nobody"}


async def test_a_deleted_user_is_only_its_id_again(
    application: httpx.AsyncClient, ada: httpx.AsyncClient
):
    await application.post("/api/users/ada", json=EVERYTHING)
    await application.post("/api/send", json=a_send())
    assert isinstance(ok(await application.delete("/api/users/ada"))["message"], str)
    assert ok(await application.get("/api/users/ada")) == {"id": "ada"}
    assert ok(await ada.get("/api/user/inapp")) == {"notifications": []}
    assert_refused(await application.delete("/api/users/ada"), 404, "NOT_FOUND")


# Lists


async def test_pages_joined_are_all_users(application: httpx.AsyncClient):
    names = [f"user {n}" for n in range(5)]
    for name in names:
        await application.post(f"/api/users/{quote(name, safe='')}")
    found: list[str] = []
    token = ""
    while True:
        page = ok(await application.get("/api/users", params={"limit": 2.9, "nextToken": token}))
        found += [user["id"] for user in page["users"]]
        if not page["hasMore"]:
            assert "lastEvaluatedKey" not in page
            break
        token = page["lastEvaluatedKey"]
        assert len(page["users"]) == 2
    assert found == names


async def test_a_list_needs_no_arguments(application: httpx.AsyncClient):
    assert ok(await application.get("/api/users")) == {"users": [], "hasMore": False}


@pytest.mark.parametrize("limit", ["0", "1", "1.5", "1e9", "1000000000000"])
async def test_any_number_is_a_limit(application: httpx.AsyncClient, limit: str):
    await application.post("/api/users/ada")
    assert len(ok(await application.get(f"/api/users?limit={limit}"))["users"]) == 1


@pytest.mark.parametrize("limit", ["-1", "x", "nan", "inf", "", "1e999"])
async def test_what_is_no_limit_is_refused(application: httpx.AsyncClient, limit: str):
    assert_refused(await application.get(f"/api/users?limit={limit}"), 400, "INVALID_INPUT")


# Ids that need care in a path


@pytest.mark.parametrize(
    "user_id",
    [
        *("a/b", "a%2Fb", "a%b", "100%", "a?b", "a#b", "a b", "a+b", "é", "\U0001f600", "a;b=c"),
        *("ada@acme.example", "a,b", "a:b", "..", ".", "a//b", "/", "//", "%", "%%", "x" * 256),
        *("a\\b", '"', "'; DROP TABLE users; --", "\u202e"),
    ],
)
async def test_any_text_can_be_an_id(
    application: httpx.AsyncClient, environment: Environment, user_id: str
):
    path = f"/api/users/{quote(user_id, safe='')}"
    path = path.replace("/.", "/%2E").replace("E.", "E%2E")
    assert ok(await application.post(path, json={"email": "x@acme.example"}))["id"] == user_id
    assert ok(await application.get(path))["email"] == "x@acme.example"
    assert ok(await application.get(path, headers=as_user(environment, user_id)))["id"] == user_id
    assert [u["id"] for u in ok(await application.get("/api/users"))["users"]] == [user_id]
    ok(await application.delete(path))
    assert ok(await application.get(path)) == {"id": user_id}


@pytest.mark.parametrize("user_id", ["x" * 257, "%00", "a%00b", "x" * 1_000])
async def test_an_id_that_cannot_be_stored_is_refused(application: httpx.AsyncClient, user_id: str):
    assert_refused(await application.post(f"/api/users/{user_id}", json={}), 400)


async def test_an_id_that_is_too_long_can_still_be_asked_for(application: httpx.AsyncClient):
    assert ok(await application.get(f"/api/users/{'x' * 300}")) == {"id": "x" * 300}


# Environments


async def test_environments_do_not_see_each_other(application: httpx.AsyncClient, runtime: Runtime):
    await application.post("/api/users/ada", json=EVERYTHING)
    other = await make_environment(runtime, "Other")
    key = bearer(await make_key(runtime, other))
    assert ok(await application.get("/api/users/ada", headers=key)) == {"id": "ada"}
    assert ok(await application.get("/api/users", headers=key))["users"] == []
    assert_refused(await application.delete("/api/users/ada", headers=key), 404)
    assert ok(await application.get("/api/users/ada"))["email"] == "ada@acme.example"


async def test_only_the_environment_of_the_key_can_be_named(
    application: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    await application.post("/api/users/ada")
    other = await make_environment(runtime, "Other")
    for client_id in (environment.client_id, ""):
        ok(await application.get("/api/users", params={"envId": client_id}))
    for client_id in (other.client_id, "unknown"):
        params = {"envId": client_id}
        assert_refused(await application.get("/api/users", params=params), 404)
        assert_refused(await application.delete("/api/users/ada", params=params), 404)
    assert "createdAt" in ok(await application.get("/api/users/ada"))


async def test_a_subscription_keeps_the_key_it_was_made_with(application: httpx.AsyncClient):
    sub = {"endpoint": "https://push.example/1", "keys": {"p256dh": "p", "auth": "a"}}
    key = "B" + "A" * 86
    token = {"sub": sub, "applicationServerKey": key}
    answer = ok(await application.post("/api/users/ada", json={"webPushTokens": [token]}))
    assert answer["webPushTokens"] == [token]
    wrong = {"sub": sub, "applicationServerKey": "short"}
    refused = await application.post("/api/users/ada", json={"webPushTokens": [wrong]})
    assert refused.status_code == 400
    assert "applicationServerKey" in refused.text
