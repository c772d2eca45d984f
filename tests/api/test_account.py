"""Server pages in the person's language, their data, and the farewell."""

from __future__ import annotations

import json

import httpx
import pytest

from inbox_app.domain.environment import Environment
from inbox_app.lib.catalogue import LANGUAGE_COOKIE
from inbox_app.runtime import Runtime
from inbox_app.services import access, account, users
from tests.factories import send

GERMAN = {"Accept-Language": "de-AT, en;q=0.5"}
SAME_SITE = {"sec-fetch-site": "same-origin"}


async def sign_in(client: httpx.AsyncClient, rt: Runtime, environment: Environment) -> None:
    link = await access.sign_in_link(rt, environment, "ada")
    await client.get(link.removeprefix(rt.settings.public_url))


@pytest.mark.parametrize("path", ["/signed-out/", "/farewell/"])
async def test_pages_speak_what_the_browser_asks_for(client: httpx.AsyncClient, path: str) -> None:
    english = await client.get(path)
    german = await client.get(path, headers=GERMAN)
    assert '<html lang="en" dir="ltr">' in english.text
    assert '<html lang="de" dir="ltr">' in german.text
    assert english.text != german.text


async def test_what_the_person_chose_comes_first(client: httpx.AsyncClient) -> None:
    client.cookies.set(LANGUAGE_COOKIE, "en")
    assert '<html lang="en"' in (await client.get("/signed-out/", headers=GERMAN)).text
    client.cookies.set(LANGUAGE_COOKIE, "x' onload=alert(1)")
    assert '<html lang="de"' in (await client.get("/signed-out/", headers=GERMAN)).text


async def test_signing_in_brings_the_language_along(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
) -> None:
    await sign_in(client, runtime, environment)
    assert LANGUAGE_COOKIE not in client.cookies
    user = await users.find(runtime, environment, "ada")
    assert user is not None
    await account.set_language(runtime, user.id, "de")
    await sign_in(client, runtime, environment)
    assert client.cookies[LANGUAGE_COOKIE] == "de"


@pytest.mark.parametrize(
    ("token", "language", "said"),
    [
        ("nonsense", "de", "Dieser Anmeldelink ist ungültig."),
        ("nonsense", "en", "This sign-in link is not valid."),
    ],
)
async def test_errors_are_told_in_the_language(
    client: httpx.AsyncClient, token: str, language: str, said: str
) -> None:
    answer = await client.get(
        "/sign-in", params={"token": token}, headers={"Accept-Language": language}
    )
    assert answer.status_code == 401
    assert said in answer.text


async def test_a_link_to_unsubscribe_that_is_none_is_told_in_german(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/unsubscribe/nonsense", headers=GERMAN)
    assert answer.status_code == 404
    assert "Dieser Link funktioniert nicht mehr" in answer.text


async def test_data_is_downloaded_by_its_owner(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
) -> None:
    await send(runtime, environment, "ada", title="Grüße")
    nobody = await client.get("/account/export.json")
    assert nobody.headers["location"] == "/signed-out/"
    await sign_in(client, runtime, environment)
    answer = await client.get("/account/export.json", headers=SAME_SITE)
    assert answer.headers["content-disposition"] == 'attachment; filename="inbox-data.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert json.loads(answer.text)["notifications"][0]["item"]["title"] == "Grüße"


async def test_no_other_site_can_have_it_fetched(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
) -> None:
    await sign_in(client, runtime, environment)
    answer = await client.get("/account/export.json", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert "ada" not in answer.text


async def test_the_farewell_ends_a_cookie_that_is_of_no_use(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
) -> None:
    await sign_in(client, runtime, environment)
    await client.get("/farewell/")
    assert access.SESSION_COOKIE in client.cookies
    user = await users.find(runtime, environment, "ada")
    assert user is not None
    await users.remove(runtime, environment, "ada")
    await client.get("/farewell/")
    assert access.SESSION_COOKIE not in client.cookies
