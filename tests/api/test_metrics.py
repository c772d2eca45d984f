"""Metrics: what was asked and how it ended, without personal data."""

from __future__ import annotations

import httpx

from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from inbox_app.runtime import Runtime
from inbox_app.services import integrations
from inbox_app.storage import outbox
from tests.api.calls import a_send, ok
from tests.factories import make_user


async def measured(client: httpx.AsyncClient) -> str:
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


async def test_requests_are_counted_by_route_and_status(application: httpx.AsyncClient):
    for _ in range(2):
        ok(await application.post("/api/send", json=a_send()))
    await application.post("/api/send", json={})
    ok(await application.get("/api/users/a%2Fb"))
    await application.get("/api/nothing/secret-path")
    found = await measured(application)

    def count(method: str, route: str, status: int) -> str:
        labels = f'method="{method}",route="{route}",status="{status}"'
        return f"inbox_http_requests_total{{{labels}}}"

    assert f"{count('POST', '/send', 200)} 2.0" in found
    assert f"{count('POST', '/send', 400)} 1.0" in found
    assert f"{count('GET', '/users/{user_id}', 200)} 1.0" in found
    assert f"{count('GET', '/api', 404)} 1.0" in found
    assert "secret-path" not in found
    assert 'inbox_http_request_seconds_count{method="POST",route="/send"} 3.0' in found


async def test_metrics_hold_no_personal_data(application: httpx.AsyncClient):
    ok(await application.post("/api/users/ada.diaz", json={"email": "ada@acme.example"}))
    found = await measured(application)
    assert "ada" not in found
    assert application.headers["authorization"].split()[1] not in found


async def test_open_readers_are_counted(
    application: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    user = await make_user(runtime, environment)
    with runtime.hub.subscribe(user.id), runtime.hub.subscribe(user.id):
        assert "inbox_live_readers 2.0" in await measured(application)
    assert "inbox_live_readers 0.0" in await measured(application)


async def test_integrations_that_need_an_operator_are_counted(
    application: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    settings = {"url": "https://sms.example/send"}
    made = await integrations.add(
        runtime, environment, Channel.SMS, "http_sms", {"settings": settings}
    )
    name = 'inbox_integration_problems{channel="SMS",provider="http_sms"}'
    assert name not in await measured(application)
    for problem, shown in [("It refuses the secret.", True), ("", False)]:
        async with runtime.database.write() as tx:
            await outbox.note_problems(tx, {made.integration.id: problem})
        assert (f"{name} 1.0" in await measured(application)) is shown
