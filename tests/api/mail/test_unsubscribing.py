"""Unsubscribing from an e-mail that arrived: by the mail program, and on the page."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption
from inbox_app.domain.notification_type import Channel
from inbox_app.lib import links
from inbox_app.lib.links import ClickLink, OpenLink
from inbox_app.runtime import Runtime
from inbox_app.storage import preferences as history
from inbox_app.storage import types, users
from tests.api.calls import bearer, ok
from tests.api.mail.mailing import ONE_CLICK, Post
from tests.clock import SetClock
from tests.factories import make_environment, make_key, make_user

DAILY = {"types": {"order_shipped": {"channels": {"EMAIL": "daily"}}}}
OFF = {"types": {"order_shipped": {"channels": {"EMAIL": "off"}}}}
WEEKLY = {"types": {"order_shipped": {"channels": {"EMAIL": "weekly"}}}}


def assert_page(answer: httpx.Response, status: int, title: str, *buttons: str) -> None:
    """Checks that a page says this, offers exactly these buttons and keeps to itself."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert f"<h1>{title}</h1>" in answer.text
    assert tuple(re.findall(r"<button[^>]*>([^<]*)<", answer.text)) == buttons
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert 'name="robots" content="noindex"' in answer.text
    own = r"/favicon\.svg|http://localhost:8000/preferences/\?key=[\w-]+"
    assert not re.search(rf'<script|(?:src|href)="(?!(?:{own})")', answer.text)
    assert "set-cookie" not in answer.headers


async def press(reader: httpx.AsyncClient, path: str, action: str) -> httpx.Response:
    return await reader.post(path, data={"action": action})


async def test_a_sent_email_offers_one_click(post: Post):
    mail = await post.mail()
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.message["List-Unsubscribe"].startswith("<http://localhost:8000/unsubscribe/")
    assert mail.unsubscribe in mail.part("html")
    assert mail.unsubscribe in mail.part("plain")


async def test_looking_changes_nothing(post: Post, reader: httpx.AsyncClient):
    mail = await post.mail()
    page = await reader.get(mail.unsubscribe)
    assert_page(page, 200, "Stop e-mail about “Order shipped”?", "Unsubscribe")
    head = await reader.head(mail.unsubscribe)
    assert (head.status_code, head.content) == (200, b"")
    assert await post.chosen() == {}
    assert await post.decision() == "allowed"


@pytest.mark.parametrize(
    "form", [{"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}]
)
async def test_one_click_unsubscribes(post: Post, reader: httpx.AsyncClient, form: dict[str, Any]):
    sent = await post.send()
    mail = await post.latest()
    agent = {"User-Agent": "Mail/1.0 " + "x" * 999}
    answer = await reader.post(mail.unsubscribe, headers=agent, **form)
    assert (answer.status_code, answer.history) == (200, [])
    assert await post.chosen() == OFF
    assert await post.decision() == "preference_off"
    (event,) = await post.events(sent, "unsubscribed")
    assert event["channel"] == "EMAIL"
    assert event["data"]["userAgent"].startswith("Mail/1.0 xxx")
    assert len(event["data"]["userAgent"]) == 300
    assert event["data"]["ip"] == "127.0.0.1"


@pytest.mark.parametrize("before", [{}, DAILY])
async def test_undo_restores_the_choice_before(
    post: Post, reader: httpx.AsyncClient, clock: SetClock, before: dict[str, object]
):
    await post.make_type()
    await make_user(post.rt, post.environment, "ada")
    await post.choose(before)
    sent = await post.send()
    clock.advance(days=1)
    path = (await post.latest()).unsubscribe
    for _ in range(2):
        page = await press(reader, path, "stop")
        assert_page(page, 200, "You are unsubscribed", "Undo", "Make it weekly instead")
    assert await post.chosen() == OFF
    assert_page(
        await reader.get(path), 200, "You are unsubscribed", "Undo", "Make it weekly instead"
    )
    for _ in range(2):
        assert_page(await press(reader, path, "undo"), 200, "All as it was", "Unsubscribe")
    assert await post.chosen() == before
    assert len(await post.events(sent, "unsubscribed")) == 1
    assert len(await post.events(sent, "resubscribed")) == 1


async def test_the_history_says_that_it_was_the_link(
    post: Post, reader: httpx.AsyncClient, runtime: Runtime
):
    path = (await post.mail()).unsubscribe
    await reader.post(path, data=ONE_CLICK)
    await press(reader, path, "undo")
    user = await make_user(runtime, post.environment, "ada")
    async with runtime.database.read() as tx:
        kept = await history.latest(tx, user.id, 10)
    assert [each.by for each in kept] == ["undo of the unsubscribe link", "unsubscribe link"]


async def test_weekly_instead(post: Post, reader: httpx.AsyncClient):
    await post.make_type()
    sent = await post.send()
    path = (await post.latest()).unsubscribe
    title = "Stop e-mail about “Order shipped”?"
    page = await reader.get(path)
    assert_page(page, 200, title, "Unsubscribe", "Make it weekly instead")
    await press(reader, path, "stop")
    page = await press(reader, path, "weekly")
    assert_page(page, 200, "Once a week from now on", "Undo", "Unsubscribe")
    assert await post.chosen() == WEEKLY
    assert await post.decision() == "digest"
    assert len(await post.events(sent, "resubscribed")) == 1
    assert_page(await reader.get(path), 200, title, "Unsubscribe")
    await press(reader, path, "undo")
    assert await post.chosen() == {}


async def test_weekly_is_refused_where_it_is_not_offered(post: Post, reader: httpx.AsyncClient):
    path = (await post.mail()).unsubscribe
    await press(reader, path, "weekly")
    assert await post.chosen() == {}


async def test_an_unknown_button_does_nothing(post: Post, reader: httpx.AsyncClient):
    path = (await post.mail()).unsubscribe
    assert_page(await press(reader, path, "explode"), 400, "Nothing was changed")
    assert await post.chosen() == {}


async def test_a_choice_made_elsewhere_since_is_not_taken_back(
    post: Post, reader: httpx.AsyncClient
):
    await post.make_type()
    path = (await post.mail()).unsubscribe
    await press(reader, path, "stop")
    await post.choose(DAILY)
    await press(reader, path, "undo")
    assert await post.chosen() == DAILY


async def test_what_the_person_switched_off_otherwise_offers_no_undo(
    post: Post, reader: httpx.AsyncClient
):
    path = (await post.mail()).unsubscribe
    await post.choose(OFF)
    assert_page(await reader.get(path), 200, "You are unsubscribed")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("kind", ["forged", "cut", "empty", "odd", "click", "picture", "example"])
async def test_a_link_that_is_not_ours_says_so_and_does_nothing(
    post: Post, reader: httpx.AsyncClient, runtime: Runtime, kind: str, method: str
):
    token = (await post.mail()).unsubscribe.rpartition("/")[2]
    wrong = {
        "forged": ("B" if token[0] != "B" else "C") + token[1:],
        "cut": token[:-4],
        "empty": "x",
        "odd": "%F0%9F%92%A9%00",
        "click": links.click_token(runtime.sealer, ClickLink(1, "https://acme.example")),
        "picture": links.open_token(runtime.sealer, OpenLink(1)),
        "example": "example",
    }[kind]
    answer = await reader.request(method, f"/unsubscribe/{wrong}")
    assert_page(answer, 404, "This link no longer works")
    assert "Order" not in answer.text
    assert "Acme" not in answer.text
    assert await post.chosen() == {}


async def test_the_link_of_a_deleted_user_is_dead(post: Post, reader: httpx.AsyncClient):
    path = (await post.mail()).unsubscribe
    user = await make_user(post.rt, post.environment, "ada")
    async with post.rt.database.write() as tx:
        await users.remove(tx, user.id)
    assert_page(await reader.get(path), 404, "This link no longer works")
    assert_page(await reader.post(path, data=ONE_CLICK), 404, "This link no longer works")


async def test_the_link_works_years_later_when_the_email_itself_is_forgotten(
    post: Post, reader: httpx.AsyncClient, clock: SetClock, runtime: Runtime
):
    kind = await post.make_type()
    path = (await post.mail()).unsubscribe
    clock.advance(days=3_650)
    user = await make_user(runtime, post.environment, "ada")
    link = links.read_unsubscribe(runtime.sealer, path.rpartition("/")[2])
    forgotten = links.UnsubscribeLink(post.environment.id, user.id, kind.id, 12)
    assert link == links.UnsubscribeLink(post.environment.id, user.id, kind.id, link.delivery_id)
    token = links.unsubscribe_token(runtime.sealer, forgotten)
    assert (await reader.post(f"/unsubscribe/{token}", data=ONE_CLICK)).status_code == 200
    assert await post.chosen() == OFF


async def test_a_required_type_offers_no_link(post: Post):
    await post.make_type(required=True)
    mail = await post.mail()
    assert "List-Unsubscribe" not in mail.message
    assert "List-Unsubscribe-Post" not in mail.message
    assert "/unsubscribe/" not in mail.part("html") + mail.part("plain")


async def test_a_type_without_off_offers_no_link(post: Post):
    only = ChannelOptions(offered=frozenset({DeliveryOption.DAILY}))
    await post.make_type(options={Channel.EMAIL: only})
    assert "List-Unsubscribe" not in (await post.mail()).message


async def test_the_link_of_what_became_required_says_why(post: Post, reader: httpx.AsyncClient):
    kind = await post.make_type()
    path = (await post.mail()).unsubscribe
    await post.change_type(kind, required=True)
    title = "“Order shipped” cannot be switched off"
    assert_page(await reader.get(path), 200, title)
    assert_page(await reader.post(path, data=ONE_CLICK), 403, title)
    assert await post.chosen() == {}


async def test_the_link_of_a_deleted_type_still_stops_what_bears_its_name(
    post: Post, reader: httpx.AsyncClient
):
    kind = await post.make_type()
    user = await make_user(post.rt, post.environment, "ada")
    link = links.UnsubscribeLink(post.environment.id, user.id, kind.id, 1)
    path = f"/unsubscribe/{links.unsubscribe_token(post.rt.sealer, link)}"
    async with post.rt.database.write() as tx:
        await types.bury(tx, kind.id)
    assert (await reader.get(path)).status_code == 200
    assert (await reader.post(path, data=ONE_CLICK)).status_code == 200
    assert (await post.chosen())["types"]["order_shipped"]["channels"] == {"EMAIL": "off"}


async def test_a_mixed_digest_switches_all_email_off(
    post: Post, reader: httpx.AsyncClient, clock: SetClock
):
    await make_user(post.rt, post.environment, "ada")
    await post.choose({"pausedUntil": "2026-03-02T12:00:00Z"})
    sent = [await post.send(type=name) for name in ("order_shipped", "comment")]
    clock.advance(days=1)
    path = (await post.latest()).unsubscribe
    (before,) = [await post.chosen()]
    assert_page(await reader.get(path), 200, "Stop all e-mail from Acme?", "Unsubscribe")
    await reader.post(path, data=ONE_CLICK)
    assert (await post.chosen())["channels"] == {"EMAIL": False}
    assert await post.decision() == "preference_off"
    for each in sent:
        assert len(await post.events(each, "unsubscribed")) == 1
    assert_page(await press(reader, path, "undo"), 200, "All as it was", "Unsubscribe")
    assert await post.chosen() == before


async def test_a_summary_of_one_type_switches_that_type_off(
    post: Post, reader: httpx.AsyncClient, clock: SetClock
):
    await make_user(post.rt, post.environment, "ada")
    await post.choose({"pausedUntil": "2026-03-02T12:00:00Z"})
    for _ in range(2):
        await post.send()
    clock.advance(days=1)
    path = (await post.latest()).unsubscribe
    await reader.post(path, data=ONE_CLICK)
    assert (await post.chosen())["types"] == OFF["types"]


async def test_a_link_is_for_its_own_person_alone(
    post: Post, reader: httpx.AsyncClient, runtime: Runtime
):
    path = (await post.mail()).unsubscribe
    await post.send(to={"id": "ben", "email": "ben@acme.example"})
    other = await make_environment(runtime, "Other")
    await make_user(runtime, other, "ada")
    await reader.post(path, data=ONE_CLICK)
    assert ok(await post.api.get("/api/users/ben/preferences")) == {}
    stranger = bearer(await make_key(runtime, other))
    assert ok(await reader.get("/api/users/ada/preferences", headers=stranger)) == {}


async def test_titles_are_text_on_the_page(post: Post, reader: httpx.AsyncClient):
    kind = await post.make_type()
    await post.change_type(kind, title="<b>Bold</b> & co")
    page = await reader.get((await post.mail()).unsubscribe)
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; co" in page.text
    assert "<b>" not in page.text


async def test_a_dry_run_shows_a_link_that_does_nothing(post: Post, reader: httpx.AsyncClient):
    body = {
        "type": "order_shipped",
        "to": {"id": "ada", "email": "ada@acme.example"},
        "email": {"subject": "s", "html": "<a href='https://acme.example'>a</a>"},
        "options": {"email": {"openTracking": True, "clickTracking": True}},
    }
    dry = ok(await post.api.post("/api/send?dryRun=true", json=body))
    shown = dry["rendered"]["EMAIL"]
    assert shown["list_unsubscribe"] == "http://localhost:8000/unsubscribe/example"
    assert "/c/" not in shown["html"]
    assert "/o/" not in shown["html"]
