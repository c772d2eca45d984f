"""The way to Slack and back, as a browser goes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from inbox_app.config import Settings
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel
from inbox_app.runtime import Runtime
from inbox_app.services import access
from inbox_app.storage import users
from tests.clock import SetClock
from tests.services.slack.process import integrate, open_with_slack
from tests.standins.certificate import Authority
from tests.standins.http import Respond
from tests.standins.slack import SlackApp, SlackStandIn

HERE = {"Sec-Fetch-Site": "same-origin"}
PUBLIC = "https://inbox.example"
BACK = "/preferences/?at=address%2FSLACK&slack=connected"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
async def slack(authority: Authority) -> AsyncIterator[SlackStandIn]:
    async with SlackStandIn(tls=authority.server("slack.com")) as server:
        server.app = SlackApp(redirect_uri=f"{PUBLIC}/slack/connected")
        yield server


@pytest.fixture
async def runtime(
    settings: Settings, clock: SetClock, slack: SlackStandIn, authority: Authority
) -> AsyncIterator[Runtime]:
    public = replace(settings, public_url=PUBLIC)
    async with open_with_slack(public, clock, slack, authority) as rt:
        yield rt


@pytest.fixture
async def browser(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
) -> httpx.AsyncClient:
    """A browser in which ada is signed in, where Slack can be connected."""
    await integrate(runtime, environment)
    await sign_in(client, runtime, environment)
    return client


async def sign_in(client: httpx.AsyncClient, rt: Runtime, environment: Environment) -> None:
    client.base_url = PUBLIC
    link = await access.sign_in_link(rt, environment, "ada")
    await client.get(link.removeprefix(PUBLIC))


async def connected(rt: Runtime, environment: Environment) -> bool:
    async with rt.database.read() as tx:
        user = await users.find(tx, environment.id, "ada")
    return user is not None and bool(user.profile.addresses(Channel.SLACK))


async def begun(browser: httpx.AsyncClient) -> str:
    """Slack's page that the browser is led to."""
    answer = await browser.post("/slack/connect", headers=HERE)
    assert answer.status_code == 200
    return answer.headers["refresh"].removeprefix("0; url=")


def path_of(url: str) -> str:
    assert url.startswith(PUBLIC)
    return url.removeprefix(PUBLIC)


def assert_page(answer: httpx.Response, status: int, *words: str) -> None:
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert all(word in answer.text for word in words), answer.text
    assert "<script" not in answer.text


async def test_the_way_there_and_back(
    browser: httpx.AsyncClient, runtime: Runtime, environment: Environment, slack: SlackStandIn
):
    answer = await browser.post("/slack/connect", headers=HERE)
    assert_page(answer, 200, "On to Slack", "Go to Slack")
    url = answer.headers["refresh"].removeprefix("0; url=")
    # Who does not want to be led goes by the link.
    assert f'href="{url}"' in unescape(answer.text)
    assert parse_qs(urlsplit(url).query)["redirect_uri"] == [f"{PUBLIC}/slack/connected"]
    back = await browser.get(path_of(slack.agree(url)))
    assert (back.status_code, back.headers["location"]) == (303, BACK)
    assert back.headers["cache-control"] == "no-store"
    assert await connected(runtime, environment)


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}], ids=str
)
async def test_other_sites_cannot_begin(browser: httpx.AsyncClient, headers: dict[str, str]):
    answer = await browser.post("/slack/connect", headers=headers)
    assert_page(answer, 403, "another site")
    assert "refresh" not in answer.headers


async def test_it_begins_with_a_post(browser: httpx.AsyncClient):
    assert (await browser.get("/slack/connect", headers=HERE)).status_code == 405


async def test_nobody_connects_who_is_not_signed_in(
    browser: httpx.AsyncClient, runtime: Runtime, environment: Environment, slack: SlackStandIn
):
    url = await begun(browser)
    browser.cookies.clear()
    assert_page(await browser.post("/slack/connect", headers=HERE), 401, "signed out", "sign in")
    assert_page(await browser.get(path_of(slack.agree(url))), 401, "signed out", "Connect Slack")
    assert slack.requests == []
    assert not await connected(runtime, environment)


async def test_where_nothing_is_set_up_that_is_told(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    await sign_in(client, runtime, environment)
    answer = await client.post("/slack/connect", headers=HERE)
    assert_page(answer, 404, "cannot be connected here", "whoever runs this server")


async def test_asking_for_the_head_uses_nothing_up(browser: httpx.AsyncClient, slack: SlackStandIn):
    back = path_of(slack.agree(await begun(browser)))
    assert (await browser.head(back)).status_code == 200
    assert (await browser.get(back)).status_code == 303


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "incomplete"),
        ("?code=c", "incomplete"),
        ("?code=c&state=guessed", "did not ask"),
        ("?code=c&state=1.%FF%00", "did not ask"),
        ("?code=c&state=<script>alert(1)</script>", "did not ask"),
    ],
)
async def test_a_wrong_state_gets_a_page_that_says_what_to_do(
    browser: httpx.AsyncClient, slack: SlackStandIn, query: str, title: str
):
    answer = await browser.get(f"/slack/connected{query}")
    assert_page(answer, 400, title, "Connect Slack", 'href="/preferences/"')
    assert "alert" not in answer.text
    assert slack.requests == []


async def test_of_a_reload_the_page_says_what_happened(
    browser: httpx.AsyncClient, runtime: Runtime, environment: Environment, slack: SlackStandIn
):
    back = path_of(slack.agree(await begun(browser)))
    await browser.get(back)
    assert_page(await browser.get(back), 403, "used before", "not connected yet")
    assert await connected(runtime, environment)


async def test_a_session_takes_only_what_it_began(
    browser: httpx.AsyncClient, runtime: Runtime, environment: Environment, slack: SlackStandIn
):
    back = path_of(slack.agree(await begun(browser)))
    await sign_in(browser, runtime, environment)
    assert_page(await browser.get(back), 403, "another session")
    assert slack.requests == []
    assert not await connected(runtime, environment)


async def test_after_ten_minutes_it_has_to_be_begun_anew(
    browser: httpx.AsyncClient, slack: SlackStandIn, clock: SetClock
):
    back = path_of(slack.agree(await begun(browser)))
    clock.advance(minutes=11)
    assert_page(await browser.get(back), 400, "ten minutes")


async def test_who_says_no_is_told_that_nothing_changed(
    browser: httpx.AsyncClient, runtime: Runtime, environment: Environment, slack: SlackStandIn
):
    back = path_of(slack.decline(await begun(browser)))
    assert_page(await browser.get(back), 403, "Slack is not connected", "nothing has changed")
    assert not await connected(runtime, environment)


async def test_when_slack_is_busy_that_is_told_in_the_persons_language(
    browser: httpx.AsyncClient, slack: SlackStandIn
):
    back = path_of(slack.agree(await begun(browser)))
    slack.script(Respond(429, {"Retry-After": "30"}))
    answer = await browser.get(back, headers={"Accept-Language": "de"})
    assert_page(answer, 503, 'lang="de"', "Slack antwortet gerade nicht", "Warten Sie")
