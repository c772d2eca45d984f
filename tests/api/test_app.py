"""What operators probe, and how the API describes itself."""

from __future__ import annotations

import httpx
from sqlalchemy import text

from inbox_app.runtime import Runtime
from tests.api.calls import ok


async def test_a_process_that_answers_is_alive(client: httpx.AsyncClient):
    assert ok(await client.get("/healthz")) == {"status": "ok"}


async def test_a_process_with_a_migrated_database_is_ready(client: httpx.AsyncClient):
    assert ok(await client.get("/readyz")) == {"status": "ready"}


async def test_a_process_with_an_older_database_is_alive_and_not_ready(
    client: httpx.AsyncClient, runtime: Runtime
):
    async with runtime.database.write() as tx:
        await tx.execute(text("DELETE FROM alembic_version"))
    ok(await client.get("/healthz"))
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert "schema" in answer.json()["message"]


async def test_the_api_describes_every_route_and_body(client: httpx.AsyncClient):
    described = ok(await client.get("/api/openapi.json"))
    routes = {(m.upper(), path) for path, ways in described["paths"].items() for m in ways}
    assert routes >= {
        ("POST", "/send"),
        ("GET", "/users"),
        ("GET", "/users/account-metadata"),
        ("GET", "/users/{user_id}"),
        ("POST", "/users/{user_id}"),
        ("DELETE", "/users/{user_id}"),
        ("GET", "/user/inapp"),
        ("PATCH", "/user/inapp"),
        ("GET", "/user/inapp/unread"),
        ("PATCH", "/user/inapp/unread"),
        ("GET", "/user/inapp/changes"),
        ("GET", "/user/inapp/stream"),
    }
    schemas = described["components"]["schemas"]
    assert {"SendBody", "StatusBody", "SeenBody", "UserInput", "SendResult"} <= schemas.keys()
    assert {"apiKey", "endUser"} == described["components"]["securitySchemes"].keys()


async def test_every_reference_of_the_description_leads_somewhere(client: httpx.AsyncClient):
    answer = await client.get("/api/openapi.json")
    described = ok(answer)
    names = set(described["components"]["schemas"])
    references = {part.split('"')[0] for part in answer.text.split("#/components/schemas/")[1:]}
    assert references
    assert references <= names
