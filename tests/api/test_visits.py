"""A person's browser: sign in, sign out, follow a link."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from inbox_app.api.app import build
from inbox_app.api.visits import INBOX, SIGNED_OUT
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification import Action, InAppContent
from inbox_app.lib import signing
from inbox_app.runtime import Runtime
from inbox_app.services import access, inbox, users
from inbox_app.services.access import SESSION_COOKIE
from tests.clock import SetClock
from tests.factories import make_environment, send

CONTENT = InAppContent(
    "Approve?", url="https://acme.example/go", actions=(Action("Yes", "/yes"), Action("No"))
)
HERE = {"Sec-Fetch-Site": "same-origin"}


async def link(rt: Runtime, environment: Environment, user_id: str = "ada") -> str:
    """Path and query of a fresh sign-in link."""
    url = await access.sign_in_link(rt, environment, user_id)
    return url.removeprefix(rt.settings.public_url)


@pytest.fixture
async def browser(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
) -> httpx.AsyncClient:
    """A browser in which ada is signed in."""
    await client.get(await link(runtime, environment))
    assert SESSION_COOKIE in client.cookies
    return client


async def item_of(rt: Runtime, environment: Environment, user_id: str = "ada") -> str:
    return await send(rt, environment, user_id, in_app=CONTENT)


def assert_page(answer: httpx.Response, status: int, *words: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert all(word in answer.text for word in words), answer.text
    assert "<script" not in answer.text


def assert_sent_to(answer: httpx.Response, url: str) -> None:
    assert (answer.status_code, answer.headers["location"]) == (303, url)


# Sign in


async def test_a_link_signs_in_and_leads_to_the_inbox(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    answer = await client.get(await link(runtime, environment))
    assert_sent_to(answer, INBOX)
    assert answer.headers["cache-control"] == "no-store"
    session, _language = answer.headers.get_list("set-cookie")
    token, *flags = session.split("; ")
    assert token.startswith(f"{SESSION_COOKIE}=")
    assert {flag.lower() for flag in flags} == {
        "httponly",
        "samesite=lax",
        "path=/",
        f"max-age={30 * 86_400}",
    }
    viewer = await access.viewer(runtime, client.cookies[SESSION_COOKIE])
    assert viewer is not None
    assert viewer.view.name == "ada"


async def test_behind_https_the_cookie_is_secure(runtime: Runtime, environment: Environment):
    secure = replace(
        runtime, settings=replace(runtime.settings, public_url="https://inbox.example")
    )
    transport = httpx.ASGITransport(build(lambda: secure))
    async with httpx.AsyncClient(transport=transport, base_url="https://inbox.example") as client:
        answer = await client.get(await link(runtime, environment))
    assert "; Secure" in answer.headers["set-cookie"]


async def test_a_link_works_once(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    path = await link(runtime, environment)
    await client.get(path)
    client.cookies.clear()
    answer = await client.get(path)
    assert_page(answer, 403, "used before")
    assert "set-cookie" not in answer.headers


async def test_a_link_clicked_twice_by_the_person_still_leads_to_the_inbox(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    path = await link(runtime, environment)
    await client.get(path)
    assert_sent_to(await client.get(path), INBOX)


async def test_asking_for_the_head_of_a_link_does_not_use_it_up(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    path = await link(runtime, environment)
    await client.head(path)
    client.cookies.clear()
    assert_sent_to(await client.get(path), INBOX)


async def test_an_expired_link_is_told(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment, clock: SetClock
):
    path = await link(runtime, environment)
    clock.advance(minutes=11)
    assert_page(await client.get(path), 401, "has expired")


async def test_a_link_that_lives_too_long_is_refused(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment, clock: SetClock
):
    token = signing.sign_in_token(
        environment.client_id,
        environment.client_secret,
        "ada",
        "jti-1",
        clock.now(),
        timedelta(days=1),
    )
    assert_page(await client.get(f"/sign-in?token={token}"), 403, "lives too long")


async def test_a_link_signed_with_another_environments_secret_is_refused(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    other = await make_environment(runtime, "Other")
    forged = await link(runtime, replace(environment, client_secret=other.client_secret))
    assert_page(await client.get(forged), 401, "not valid")
    assert await users.find(runtime, environment, "ada") is None


@pytest.mark.parametrize("query", ["", "?token=", "?token=x", "?token=%00", "?token=%FF", "?x=y"])
async def test_what_is_no_link_is_refused(client: httpx.AsyncClient, query: str):
    assert_page(await client.get(f"/sign-in{query}"), 401, "not valid")


async def test_the_page_repeats_nothing_of_the_link(client: httpx.AsyncClient):
    answer = await client.get("/sign-in?token=<script>alert(1)</script>")
    assert_page(answer, 401)
    assert "alert" not in answer.text


# Sign out


async def test_signing_out_ends_the_session_and_drops_the_cookie(
    browser: httpx.AsyncClient, runtime: Runtime
):
    token = browser.cookies[SESSION_COOKIE]
    answer = await browser.post("/sign-out", headers=HERE)
    assert_sent_to(answer, SIGNED_OUT)
    assert SESSION_COOKIE not in browser.cookies
    assert await access.viewer(runtime, token) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://inbox.test.evil.example"},
        {"Origin": "http://inbox.test", "Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
async def test_another_site_cannot_sign_a_person_out(
    browser: httpx.AsyncClient, runtime: Runtime, headers: dict[str, str]
):
    assert_page(await browser.post("/sign-out", headers=headers), 403, "another site")
    assert await access.viewer(runtime, browser.cookies[SESSION_COOKIE]) is not None


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://inbox.test"}, HERE], ids=str)
async def test_pages_of_this_server_can(browser: httpx.AsyncClient, headers: dict[str, str]):
    assert_sent_to(await browser.post("/sign-out", headers=headers), SIGNED_OUT)


async def test_signing_out_has_the_browser_forget_what_no_script_of_ours_did(
    browser: httpx.AsyncClient,
):
    by_script = await browser.post("/sign-out?wiped=1", headers=HERE)
    assert by_script.headers["clear-site-data"] == '"cache"'
    without = await browser.post("/sign-out", headers=HERE)
    assert without.headers["clear-site-data"] == '"cache", "storage"'
    refused = await browser.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    assert "clear-site-data" not in refused.headers


async def test_following_a_link_to_sign_out_does_nothing(browser: httpx.AsyncClient):
    assert (await browser.get("/sign-out")).status_code == 405


async def test_signing_out_without_a_session_is_no_error(client: httpx.AsyncClient):
    assert_sent_to(await client.post("/sign-out"), SIGNED_OUT)


async def test_the_signed_out_page_leads_who_is_signed_in_back(browser: httpx.AsyncClient):
    assert_sent_to(await browser.get(SIGNED_OUT), INBOX)
    browser.cookies.clear()
    assert_page(await browser.get(SIGNED_OUT), 200, "You are signed out")
    browser.cookies.set(SESSION_COOKIE, "expired")
    assert_page(await browser.get("/signed-out"), 200, "You are signed out")


# Following links


@pytest.mark.parametrize(
    ("path", "url", "mark"),
    [
        ("", "https://acme.example/go", "clicked"),
        ("/0", "https://acme.example/go", "clicked"),
        ("/1", "/yes", "actioned1"),
    ],
)
async def test_a_link_is_recorded_on_the_way(
    browser: httpx.AsyncClient,
    runtime: Runtime,
    environment: Environment,
    path: str,
    url: str,
    mark: str,
):
    item = await item_of(runtime, environment)
    answer = await browser.get(f"/go/{item}{path}")
    assert_sent_to(answer, url)
    assert answer.headers["cache-control"] == "no-store"
    user = await users.find(runtime, environment, "ada")
    assert user is not None
    (entry,) = await inbox.entries(runtime, user.id, None, 10)
    assert getattr(entry.item.state, mark) == runtime.clock.now()


async def test_asking_for_the_head_of_a_link_records_no_click(
    browser: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    item = await item_of(runtime, environment)
    await browser.head(f"/go/{item}")
    user = await users.find(runtime, environment, "ada")
    assert user is not None
    (entry,) = await inbox.entries(runtime, user.id, None, 10)
    assert entry.item.state.clicked is None


@pytest.mark.parametrize("path", ["/2", "/3", "/99999999999999999999"])
async def test_a_button_without_a_link_leads_nowhere(
    browser: httpx.AsyncClient, runtime: Runtime, environment: Environment, path: str
):
    item = await item_of(runtime, environment)
    assert_page(await browser.get(f"/go/{item}{path}"), 404, "This link is gone")


@pytest.mark.parametrize("item", ["unknown", "%00", "%FF", "x" * 5_000, "<script>"])
async def test_an_unknown_item_leads_nowhere(browser: httpx.AsyncClient, item: str):
    answer = await browser.get(f"/go/{item}")
    assert_page(answer, 404, "This link is gone")


async def test_anothers_item_leads_nowhere(
    browser: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    item = await item_of(runtime, environment, user_id="ben")
    assert_page(await browser.get(f"/go/{item}"), 404, "This link is gone")
    user = await users.find(runtime, environment, "ben")
    assert user is not None
    (entry,) = await inbox.entries(runtime, user.id, None, 10)
    assert entry.item.state.clicked is None


async def test_without_a_session_no_link_is_followed(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    item = await item_of(runtime, environment)
    assert_sent_to(await client.get(f"/go/{item}"), SIGNED_OUT)


async def test_signing_in_as_somebody_else_ends_the_first_session(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    await client.get(await link(runtime, environment, "ada"))
    first = client.cookies[SESSION_COOKIE]
    await client.get(await link(runtime, environment, "ben"))
    assert await access.viewer(runtime, first) is None
    assert await access.viewer(runtime, client.cookies[SESSION_COOKIE]) is not None


async def test_trouble_with_the_database_is_a_page(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    await client.get(await link(runtime, environment))
    async with runtime.database.write() as tx:
        await tx.execute(text("DROP TABLE sessions"))
    runtime.visits.forget(signing.digest(client.cookies[SESSION_COOKIE]))
    for path in ("/signed-out/", "/go/x"):
        assert_page(await client.get(path), 503, "The database cannot be used right now.")
