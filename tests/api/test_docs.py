"""The API's documentation page brings its own files and no inline script."""

from __future__ import annotations

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from inbox_app.api.docs import docs_routes
from inbox_app.ui.headers import script_hashes
from inbox_app.ui.plugins import SWAGGER_FILES, SWAGGER_FOLDER


async def get(path: str) -> str:
    app = Starlette(routes=[Mount("/api", routes=docs_routes("Inbox <API>"))])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://inbox.test") as client:
        return (await client.get(path)).raise_for_status().text


async def test_the_page_names_only_our_own_files():
    page = await get("/api/docs")
    assert "://" not in page
    assert all(f"/{SWAGGER_FOLDER}/{name}" in page for name in SWAGGER_FILES)


async def test_the_page_passes_a_policy_without_inline_scripts():
    assert script_hashes(await get("/api/docs")) == set()


async def test_the_title_is_escaped():
    assert "<title>Inbox &lt;API&gt;</title>" in await get("/api/docs")


async def test_the_start_script_names_the_schema():
    assert '"/api/openapi.json"' in await get("/api/docs/start.js")
