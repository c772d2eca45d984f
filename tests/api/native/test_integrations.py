"""Integrations and suppressions over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from inbox_app.channels import registry
from inbox_app.domain.delivery import Suppression, SuppressionReason
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from inbox_app.runtime import Runtime
from inbox_app.services import delivering
from inbox_app.storage import outbox
from tests.api.calls import assert_refused, ok
from tests.channels.parcels import CANARY
from tests.databases import BOTH as DATABASES
from tests.factories import make_user
from tests.standins.smtp import SmtpStandIn

MAIL = {"subject": "Order 17", "html": "<p>It has shipped</p>"}


@pytest.fixture(params=DATABASES)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


def asked(port: int = 25, **more: object) -> dict[str, object]:
    settings = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "username": "hub",
        "password": CANARY,
        "from_address": "hub@acme.example",
    }
    return {"channel": "EMAIL", "provider": "smtp", "settings": settings, **more}


async def test_an_integration_is_added_changed_and_removed(application: httpx.AsyncClient):
    made = ok(await application.post("/api/integrations", json=asked(rate=5)))
    expected: dict[str, Any] = {
        "channel": "EMAIL",
        "provider": "smtp",
        "name": "SMTP",
        "secrets": ["password"],
        "position": 0,
        "enabled": True,
        "rate": 5,
        "concurrency": 16,
        "problem": None,
    }
    assert {name: made[name] for name in expected} == expected
    path = f"/api/integrations/{made['id']}"
    change = {"name": "Post", "rate": None, "settings": {"from_name": "Acme"}}
    changed = ok(await application.patch(path, json=change))
    assert (changed["name"], changed["rate"], changed["settings"]["host"]) == (
        "Post",
        None,
        "127.0.0.1",
    )
    listed = await application.get("/api/integrations")
    assert ok(listed) == [changed]
    assert CANARY not in f"{made} {changed} {listed.text}"
    assert (await application.delete(path)).status_code == 204
    assert_refused(await application.delete(path), 404)
    assert_refused(await application.patch(path, json={}), 404)
    assert ok(await application.get("/api/integrations")) == []


async def test_what_is_added_over_http_delivers_and_can_be_tried(
    application: httpx.AsyncClient, runtime: Runtime
):
    with SmtpStandIn(login=("hub", CANARY)) as server:
        made = ok(await application.post("/api/integrations", json=asked(server.port)))
        to = {"id": "ada", "email": "ada@acme.example"}
        ok(await application.post("/api/send", json={"type": "order", "to": to, "email": MAIL}))
        while await delivering.work(runtime):
            pass
        body = {"to": "ben@acme.example"}
        tried = ok(await application.post(f"/api/integrations/{made['id']}/test", json=body))
        subjects = [each.parsed["Subject"] for each in server.messages]
    assert subjects == ["Order 17", "Test from Acme"]
    assert (tried["success"], tried["outcome"]) == (True, "sent")


async def test_a_trial_with_a_wrong_password_says_so_without_it(application: httpx.AsyncClient):
    with SmtpStandIn(login=("hub", "another")) as server:
        made = ok(await application.post("/api/integrations", json=asked(server.port)))
        body = {"to": "ben@acme.example"}
        answer = await application.post(f"/api/integrations/{made['id']}/test", json=body)
    assert ok(answer)["success"] is False
    assert CANARY not in answer.text


async def test_keys_that_the_server_makes_are_rotated(application: httpx.AsyncClient):
    asked_for = {"channel": "WEB_PUSH", "provider": "web_push"}
    settings = {"contact": "mailto:ops@acme.example"}
    made = ok(await application.post("/api/integrations", json={**asked_for, "settings": settings}))
    metadata = "/api/users/account-metadata"
    before = ok(await application.get(metadata))["userAccountMetadata"]
    rotated = ok(await application.post(f"/api/integrations/{made['id']}/rotate"))
    after = ok(await application.get(metadata))["userAccountMetadata"]
    assert rotated == made
    assert (before["hasWebPushEnabled"], after["hasWebPushEnabled"]) == (True, True)
    # An uncompressed point of P-256.
    assert len(before["environmentVapidPublicKey"]) == len(after["environmentVapidPublicKey"]) == 87
    assert before["environmentVapidPublicKey"] != after["environmentVapidPublicKey"]
    mail = ok(await application.post("/api/integrations", json=asked(25)))
    refused = await application.post(f"/api/integrations/{mail['id']}/rotate")
    assert refused.status_code == 400
    assert "makes no secrets by itself" in refused.text


async def test_each_provider_says_what_it_needs(application: httpx.AsyncClient):
    found = ok(await application.get("/api/providers"))
    assert [each["name"] for each in found] == list(registry.providers())
    smtp = next(each for each in found if each["name"] == "smtp")
    assert smtp["channels"] == ["EMAIL"]
    assert set(smtp["settings"]["required"]) == {"host", "from_address"}
    assert smtp["settings"]["properties"]["password"]["writeOnly"] is True


@pytest.mark.parametrize(
    ("more", "status", "said"),
    [
        ({"channel": "FAX"}, 400, "channel: "),
        ({"channel": "SMS"}, 400, "smtp does not carry SMS"),
        ({"provider": "pigeon"}, 404, "no provider 'pigeon'"),
        ({"position": -1}, 400, "position: "),
        ({"rate": 0}, 400, "rate: "),
        ({"concurrency": 0}, 400, "concurrency: "),
        ({"name": ""}, 400, "name: "),
        ({"settings": {"password": CANARY}}, 400, "Server: Field required"),
        ({"settings": CANARY}, 400, "settings: "),
    ],
)
async def test_what_is_wrong_is_named_without_its_value(
    application: httpx.AsyncClient, more: dict[str, Any], status: int, said: str
):
    answer = await application.post("/api/integrations", json=asked(**more))
    assert said in assert_refused(answer, status)["message"]
    assert CANARY not in answer.text


@pytest.mark.parametrize("number", ["0", "x", str(2**63)])
async def test_an_id_beyond_any_key_is_refused(application: httpx.AsyncClient, number: str):
    assert_refused(await application.delete(f"/api/integrations/{number}"), 400)


# Suppressions


async def test_a_suppressed_address_is_listed_and_used_again(
    application: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    await make_user(runtime, environment, "a/b", email="ada@acme.example")
    now = runtime.clock.now()
    gone = (Channel.EMAIL, "ada@acme.example", SuppressionReason.COMPLAINT, {"code": "5"}, now)
    async with runtime.database.write() as tx:
        await outbox.suppress(tx, [Suppression(environment.id, *gone)])
    listed = ok(await application.get("/api/suppressions", params={"channel": "EMAIL"}))
    assert listed == {
        "suppressions": [
            {
                "channel": "EMAIL",
                "address": "ada@acme.example",
                "reason": "Complaint",
                "details": {"code": "5"},
                "at": "2026-03-02T09:30:00.000Z",
            }
        ]
    }
    path = "/api/user_suppression/a%2Fb/channel/EMAIL"
    assert_refused(await application.delete(path, params={"envId": "another"}), 404)
    lifted = ok(await application.delete(path, params={"envId": environment.client_id}))
    assert (lifted["user"]["id"], lifted["user"]["email"]) == ("a/b", "ada@acme.example")
    left = ok(await application.get("/api/suppressions", params={"channel": "EMAIL"}))
    assert left == {"suppressions": []}


async def test_lifting_names_a_known_user_and_channel(application: httpx.AsyncClient):
    assert_refused(await application.delete("/api/user_suppression/none/channel/EMAIL"), 404)
    assert_refused(await application.delete("/api/user_suppression/none/channel/FAX"), 400)


async def test_pages_of_suppressions_follow_each_other(
    application: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    now = runtime.clock.now()
    names = ["a@acme.example", "b@acme.example", "c@acme.example"]
    async with runtime.database.write() as tx:
        for name in names:
            where = (environment.id, Channel.EMAIL, name)
            await outbox.suppress(tx, [Suppression(*where, SuppressionReason.BOUNCE, {}, now)])
    first = ok(await application.get("/api/suppressions?channel=EMAIL&limit=2"))
    rest = ok(await application.get(f"/api/suppressions?channel=EMAIL&after={first['next']}"))
    found = [each["address"] for each in first["suppressions"] + rest["suppressions"]]
    assert found == names
    assert "next" not in rest
