"""Pictures of replies in a browser: who may upload and see them, how they are served."""

from __future__ import annotations

import httpx
import pytest

from inbox_app.domain.environment import Environment
from inbox_app.runtime import Runtime
from tests.api.test_visits import HERE, browser, link
from tests.factories import send
from tests.lib.test_images import SVG, picture

__all__ = ["browser"]


async def upload(
    client: httpx.AsyncClient, item: str, data: bytes, **headers: str
) -> httpx.Response:
    path = f"/inbox/attachments/{item}"
    return await client.post(path, content=data, headers=HERE | headers)


@pytest.fixture
async def item(runtime: Runtime, environment: Environment) -> str:
    return await send(runtime, environment)


async def test_a_picture_goes_up_and_comes_back(browser: httpx.AsyncClient, item: str) -> None:
    stored = await upload(browser, item, picture("PNG"))
    assert (stored.status_code, stored.json()["width"]) == (201, 40)
    shown = await browser.get(f"/inbox/attachments/{stored.json()['id']}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["cache-control"].startswith("private")
    assert "sandbox" in shown.headers["content-security-policy"]


async def test_nobody_else_sees_it(
    browser: httpx.AsyncClient, runtime: Runtime, environment: Environment, item: str
) -> None:
    stored = (await upload(browser, item, picture("PNG"))).json()
    await browser.get(await link(runtime, environment, "ben"))
    answer = await browser.get(f"/inbox/attachments/{stored['id']}")
    assert (answer.status_code, answer.content) == (404, b"")
    assert (await upload(browser, item, picture("PNG"))).status_code == 404


async def test_without_a_session_nothing_goes_up(client: httpx.AsyncClient, item: str) -> None:
    answer = await upload(client, item, picture("PNG"))
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
    assert (await client.get("/inbox/attachments/x")).status_code == 401


@pytest.mark.parametrize(
    "foreign", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
async def test_another_site_cannot_upload(
    browser: httpx.AsyncClient, item: str, foreign: dict[str, str]
) -> None:
    assert (await upload(browser, item, picture("PNG"), **foreign)).status_code == 403


async def test_what_is_too_large_is_refused_while_it_is_read(
    browser: httpx.AsyncClient, item: str
) -> None:
    answer = await upload(browser, item, b"x" * (6 * 1024 * 1024))
    assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")


async def test_what_is_no_picture_is_refused_in_words(
    browser: httpx.AsyncClient, item: str
) -> None:
    answer = await upload(browser, item, SVG)
    assert answer.status_code == 400
    assert "PNG" in answer.json()["fix"]
