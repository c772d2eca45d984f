"""What browsers are told to install the inbox as an app."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from PIL import Image

from inbox_app.domain.environment import Environment
from inbox_app.runtime import Runtime
from inbox_app.services import access, environments
from tests.servers import ROOT

PATH = "/manifest.webmanifest"


async def manifest(client: httpx.AsyncClient, language: str = "en") -> dict[str, Any]:
    answer = await client.get(PATH, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/manifest+json"
    assert answer.headers["vary"] == "Cookie, Accept-Language"
    return answer.json()


async def test_without_a_session_it_is_the_plain_one(client: httpx.AsyncClient):
    found = await manifest(client, "de-AT")
    assert (found["name"], found["lang"], found["theme_color"]) == ("Eingang", "de", "#4f46c8")
    assert (found["id"], found["start_url"], found["scope"]) == ("/inbox/", "/inbox/", "/")
    assert [each["name"] for each in found["shortcuts"]] == ["Ungelesen", "Einstellungen"]


async def test_with_a_session_it_has_the_brand_s_name_and_accent(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    await environments.set_look(runtime, environment, "", "#aa3300")
    url = await access.sign_in_link(runtime, environment, "ada")
    await client.get(url.removeprefix(runtime.settings.public_url))
    viewer = await access.viewer(runtime, client.cookies[access.SESSION_COOKIE])
    assert viewer is not None
    found = await manifest(client)
    assert found["name"] == environment.title
    assert found["theme_color"] == viewer.view.look["light"]["accent"]


async def test_every_icon_is_there_in_its_size(client: httpx.AsyncClient):
    found = await manifest(client)
    icons = [*found["icons"], *(each for s in found["shortcuts"] for each in s["icons"])]
    assert {each["purpose"] for each in found["icons"]} == {"any", "maskable", "monochrome"}
    for each in icons:
        with Image.open(ROOT / "assets" / each["src"].lstrip("/")) as picture:
            assert "x".join(map(str, picture.size)) == each["sizes"]


@pytest.mark.parametrize(("name", "size"), [("apple-touch-180", 180), ("badge", 96)])
def test_icons_that_pages_and_notifications_name_are_there(name: str, size: int):
    with Image.open(ROOT / "assets" / "icons" / f"{name}.png") as picture:
        assert picture.size == (size, size)
