"""Opening and clicks of an e-mail that arrived: on its timeline, when they were asked for."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from html import escape
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from inbox_app.api.app import build
from inbox_app.api.mail import PIXEL
from inbox_app.domain.environment import Environment
from inbox_app.lib import links
from inbox_app.lib.links import ClickLink, OpenLink
from inbox_app.runtime import Runtime
from inbox_app.storage import inbox, users
from tests.api.calls import ok
from tests.api.mail.mailing import Post, posting
from tests.clock import SetClock
from tests.factories import make_user

SHOP = "https://acme.example/orders/17?a=1&b=%20x;y=~z|{q}#part"
LINKED = {"email": {"subject": "Order 17", "html": f'<p><a href="{escape(SHOP)}">Look</a></p>'}}
ASKED = {"options": {"email": {"openTracking": True, "clickTracking": True}}}


def linking(url: str) -> dict[str, Any]:
    """An e-mail with one link, of which clicks are reported."""
    html = f'<a href="{escape(url)}">Look</a>'
    return ASKED | {"email": {"subject": "Order 17", "html": html}}


def assert_picture(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.content) == (200, PIXEL)
    assert answer.headers["content-type"] == "image/gif"
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers


async def test_nothing_is_reported_unless_it_was_asked_for(post: Post):
    mail = await post.mail(**LINKED)
    assert (mail.pixels, mail.clicks) == ([], [])
    assert SHOP in mail.targets


async def test_opening_stands_on_the_timeline_once(post: Post, reader: httpx.AsyncClient):
    sent = await post.send(**LINKED | ASKED)
    (picture,) = (await post.latest()).pixels
    for _ in range(3):
        assert_picture(await reader.get(picture, headers={"User-Agent": "Mail/1.0"}))
    (event,) = await post.events(sent, "opened")
    assert event["channel"] == "EMAIL"
    assert event["data"]["userAgent"] == "Mail/1.0"
    assert event["data"]["ip"] == "127.0.0.1"


async def test_opening_an_email_does_not_open_the_inbox_item(post: Post, reader: httpx.AsyncClient):
    sent = await post.send(**LINKED | ASKED, inapp={"title": "Order 17"})
    (picture,) = (await post.latest()).pixels
    await reader.get(picture)
    async with post.rt.database.read() as tx:
        state = (await inbox.states(tx, {sent}))[sent]
    assert (state.opened, state.unread) == (None, True)


async def test_a_click_leads_on_and_stands_on_the_timeline_once(
    post: Post, reader: httpx.AsyncClient
):
    sent = await post.send(**LINKED | ASKED)
    (link,) = (await post.latest()).clicks
    for _ in range(2):
        answer = await reader.get(link)
        assert (answer.status_code, answer.headers["location"]) == (302, SHOP)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
    (event,) = await post.events(sent, "clicked")
    assert event["data"]["url"] == SHOP


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("https://acme.example/ü?q=漢", "https://acme.example/%C3%BC?q=%E6%BC%A2"),
        ("https://acme.example/a b", "https://acme.example/a%20b"),
        ("https://acme.example/%2e%2E?next=https%3A%2F%2Fx", None),
        ("HTTP://acme.example", None),
    ],
)
async def test_the_target_stays_what_it_was(
    post: Post, reader: httpx.AsyncClient, url: str, location: str | None
):
    (link,) = (await post.mail(**linking(url))).clicks
    assert (await reader.get(link)).headers["location"] == (location or url)


async def test_a_line_end_in_a_target_begins_no_header(reader: httpx.AsyncClient, runtime: Runtime):
    link = ClickLink(1, "https://acme.example/\r\nSet-Cookie: x")
    token = links.click_token(runtime.sealer, link)
    answer = await reader.get(f"/c/{token}")
    assert "set-cookie" not in answer.headers
    assert answer.headers["location"].startswith("https://acme.example/%0D%0A")


async def test_an_address_that_is_too_long_is_not_led_over_us(post: Post):
    long = "https://acme.example/" + "x" * 3_000
    mail = await post.mail(**linking(long))
    assert mail.clicks == []
    assert long in mail.targets


async def test_each_link_is_reported_by_itself(post: Post, reader: httpx.AsyncClient):
    html = '<a href="https://acme.example/1">1</a><a href="https://acme.example/2">2</a>'
    sent = await post.send(**ASKED | {"email": {"subject": "s", "html": html}})
    for each in (await post.latest()).clicks:
        await reader.get(each)
    told = [each["data"]["url"] for each in await post.events(sent, "clicked")]
    assert told == ["https://acme.example/1", "https://acme.example/2"]


async def test_the_link_to_unsubscribe_is_never_reported(post: Post):
    mail = await post.mail(**LINKED | ASKED)
    assert len(mail.clicks) == 1
    assert mail.unsubscribe in mail.part("html")


async def test_the_head_of_a_link_or_a_picture_records_nothing(
    post: Post, reader: httpx.AsyncClient
):
    sent = await post.send(**LINKED | ASKED)
    mail = await post.latest()
    assert (await reader.head(mail.pixels[0])).status_code == 200
    assert (await reader.head(mail.clicks[0])).headers["location"] == SHOP
    assert await post.events(sent, "opened") + await post.events(sent, "clicked") == []


@pytest.mark.parametrize("token", ["x", "", "%00", "A" * 32])
async def test_a_picture_is_a_picture_even_when_it_is_none_of_ours(
    reader: httpx.AsyncClient, token: str
):
    assert_picture(await reader.get(f"/o/x{token}.gif"))


async def test_a_link_that_was_changed_leads_nowhere(post: Post, reader: httpx.AsyncClient):
    sent = await post.send(**LINKED | ASKED)
    (link,) = (await post.latest()).clicks
    for wrong in (link[:-1], link[:20] + "AAAA" + link[24:], "/c/https:evil.example"):
        answer = await reader.get(wrong)
        assert answer.status_code == 404
        assert "location" not in answer.headers
        assert "<h1>This link does not work</h1>" in answer.text
    assert await post.events(sent, "clicked") == []


async def test_the_link_of_a_deleted_person_leads_on_and_records_nothing(
    post: Post, reader: httpx.AsyncClient
):
    mail = await post.mail(**LINKED | ASKED)
    user = await make_user(post.rt, post.environment, "ada")
    async with post.rt.database.write() as tx:
        await users.remove(tx, user.id)
    assert (await reader.get(mail.clicks[0])).headers["location"] == SHOP
    assert_picture(await reader.get(mail.pixels[0]))
    async with post.rt.database.read() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM events"))).scalar() == 0


@pytest.mark.parametrize("opens", [True, False])
async def test_a_type_asks_for_reports_and_a_send_has_the_last_word(post: Post, opens: bool):
    await post.make_type(track_opens=opens, track_clicks=not opens)
    mail = await post.mail(**LINKED)
    assert (len(mail.pixels), len(mail.clicks)) == (opens, not opens)
    turned = {"openTracking": not opens, "clickTracking": opens}
    mail = await post.mail(**LINKED, options={"email": turned})
    assert (len(mail.pixels), len(mail.clicks)) == (not opens, opens)


@pytest.mark.parametrize("options", [{"email": None}, {"email": {"openTracking": None}}])
async def test_options_that_say_nothing_ask_for_nothing(post: Post, options: dict[str, Any]):
    await post.make_type()
    assert (await post.mail(**LINKED, options=options)).pixels == []


@pytest.mark.parametrize("both", [True, False])
async def test_a_digest_reports_when_all_in_it_may_be_reported(
    post: Post, reader: httpx.AsyncClient, clock: SetClock, both: bool
):
    await post.make_type(track_opens=True)
    await post.make_type("comment", track_opens=both)
    await make_user(post.rt, post.environment, "ada")
    await post.choose({"pausedUntil": "2026-03-02T12:00:00Z"})
    sent = [await post.send(type=name) for name in ("order_shipped", "comment")]
    clock.advance(days=1)
    pictures = (await post.latest()).pixels
    assert len(pictures) == both
    for each in pictures * 2:
        await reader.get(each)
    told = [len(await post.events(each, "opened")) for each in sent]
    assert told == [int(both), int(both)]


async def test_the_sandbox_reports_nothing(
    application: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    body = {
        "type": "order_shipped",
        "to": {"id": "ada", "email": "ada@acme.example"},
        **LINKED,
        **ASKED,
    }
    async with posting(runtime, environment, application) as post:
        async with runtime.database.write() as tx:
            await tx.execute(text("DELETE FROM integrations"))
        ok(await application.post("/api/send", json=body))
        await post.drain()
    (kept,) = ok(await application.get("/api/sandbox/messages"))["messages"]
    assert "/o/" not in kept["content"]["html"]
    assert "/c/" not in kept["content"]["html"]
    assert "/unsubscribe/" in kept["content"]["list_unsubscribe"]


async def test_readers_are_served_while_the_database_cannot_record(
    reader: httpx.AsyncClient, runtime: Runtime, caplog: pytest.LogCaptureFixture
):
    async with runtime.database.write() as tx:
        await tx.execute(text("DROP TABLE events"))
    picture = links.open_token(runtime.sealer, OpenLink(1))
    click = links.click_token(runtime.sealer, ClickLink(1, SHOP))
    async with runtime.database.write() as tx:
        await tx.execute(text("DROP TABLE receipts"))
        await tx.execute(text("DROP TABLE attempts"))
        await tx.execute(text("DROP TABLE captured_messages"))
        await tx.execute(text("DROP TABLE deliveries"))
    assert_picture(await reader.get(f"/o/{picture}.gif"))
    assert (await reader.get(f"/c/{click}")).headers["location"] == SHOP
    assert [each.getMessage() for each in caplog.records if each.name.startswith("inbox_app")] == [
        "What was done with an e-mail could not be recorded."
    ] * 2


async def test_readers_do_not_wait_until_it_is_recorded(post: Post, runtime: Runtime):
    sent = await post.send(**LINKED | ASKED)
    (link,) = (await post.latest()).clicks
    answered = asyncio.Event()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.body":
            answered.set()

    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": link,
        "query_string": b"",
        "headers": [],
        "client": None,
    }
    async with runtime.database.write() as tx:
        # Whoever would write now has to wait; on PostgreSQL for the lock on the table.
        if tx.dialect.name == "postgresql":
            await tx.execute(text("LOCK TABLE events IN EXCLUSIVE MODE"))
        serving = asyncio.create_task(build(lambda: runtime)(scope, receive, send))
        await answered.wait()
        assert not serving.done()
    await serving
    assert len(await post.events(sent, "clicked")) == 1


async def test_many_who_open_at_once_are_one(post: Post, reader: httpx.AsyncClient):
    sent = await post.send(**LINKED | ASKED)
    (picture,) = (await post.latest()).pixels
    await asyncio.gather(*(reader.get(picture) for _ in range(20)))
    assert len(await post.events(sent, "opened")) == 1
