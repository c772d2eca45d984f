"""What a browser takes to show the inbox without a network."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from inbox_app.api.kept import PATH
from inbox_app.domain.act import Act
from inbox_app.domain.environment import Environment
from inbox_app.domain.feed import Box
from inbox_app.domain.notification import InAppContent
from inbox_app.lib.clock import iso
from inbox_app.runtime import Runtime
from inbox_app.services import access, inbox
from inbox_app.services.access import SESSION_COOKIE, Viewer
from inbox_app.services.inbox import keeping
from tests.clock import SetClock
from tests.databases import BOTH
from tests.factories import make_environment, send

HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(params=BOTH)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
async def ada(
    client: httpx.AsyncClient, runtime: Runtime, environment: Environment
) -> httpx.AsyncClient:
    """A browser in which ada is signed in."""
    await sign_in(client, runtime, environment)
    client.headers.update(HERE)
    return client


async def sign_in(client: httpx.AsyncClient, rt: Runtime, environment: Environment) -> None:
    url = await access.sign_in_link(rt, environment, "ada")
    await client.get(url.removeprefix(rt.settings.public_url))


async def viewer_of(rt: Runtime, client: httpx.AsyncClient) -> Viewer:
    viewer = await access.viewer(rt, client.cookies[SESSION_COOKIE])
    assert viewer is not None
    return viewer


async def kept(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get(PATH)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


async def test_it_is_what_the_page_shows(
    ada: httpx.AsyncClient, runtime: Runtime, environment: Environment, clock: SetClock
):
    plain = InAppContent("One", body="See https://acme.example/x.", url="https://acme.example/")
    one = await send(runtime, environment, in_app=plain)
    rich = await send(runtime, environment, in_app=InAppContent("Two", html="<p>Hi</p>"))
    viewer = await viewer_of(runtime, ada)
    await inbox.perform(runtime, viewer.user_id, Act.ARCHIVE, [rich])
    talk = await send(runtime, environment, in_app=InAppContent("Three", replies=True))
    await inbox.reply(runtime, viewer.user_id, talk, "Hello")
    found = await kept(ada)
    rows = {row.id: row for row in (await inbox.page(runtime, viewer.user_id, Box.EVERYTHING)).rows}
    items = {item["row"]["id"]: item for item in found["items"]}
    assert {key: item["row"] for key, item in items.items()} == {
        key: asdict(row) for key, row in rows.items()
    }
    assert items[one]["body"] == [
        {"text": "See ", "href": ""},
        {"text": "https://acme.example/x", "href": "https://acme.example/x"},
        {"text": ".", "href": ""},
    ]
    assert items[one]["host"] == "acme.example"
    assert items[rich]["html"] == "<p>Hi</p>"
    opened = await inbox.open_item(runtime, viewer.user_id, talk)
    assert items[talk]["thread"] == [asdict(each) for each in opened.thread]
    assert all(item["whole"] for item in found["items"])
    assert found["viewer"] == asdict(viewer.view)
    assert found["counts"]["archived"] == 1
    assert (found["at"], found["until"]) == (iso(clock.now()), iso(viewer.until))


async def test_the_newest_and_whether_there_are_more(
    ada: httpx.AsyncClient, runtime: Runtime, environment: Environment, clock: SetClock
):
    sent: list[str] = []
    for _ in range(keeping.MOST + 1):
        clock.advance(seconds=1)
        sent.append(await send(runtime, environment))
    found = await kept(ada)
    assert [item["row"]["id"] for item in found["items"]] == sent[:0:-1]
    assert found["more"]


async def test_what_is_too_long_is_kept_as_a_row(
    ada: httpx.AsyncClient,
    runtime: Runtime,
    environment: Environment,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(keeping, "LARGEST", 10)
    await send(runtime, environment, in_app=InAppContent("Long", body="12345678901"))
    found = await kept(ada)
    (item,) = found["items"]
    assert (item["row"]["title"], item["whole"], item["body"]) == ("Long", False, [])


async def test_what_is_known_is_not_sent_again(
    ada: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    item = await send(runtime, environment)
    tag = (await ada.get(PATH)).headers["etag"]
    again = await ada.get(PATH, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    viewer = await viewer_of(runtime, ada)
    await inbox.perform(runtime, viewer.user_id, Act.READ, [item])
    changed = await ada.get(PATH, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


async def test_a_version_that_tells_it_in_another_way_tells_it_anew(
    ada: httpx.AsyncClient,
    runtime: Runtime,
    environment: Environment,
    monkeypatch: pytest.MonkeyPatch,
):
    await send(runtime, environment)
    assert '"whole"' in keeping.SHAPE
    with monkeypatch.context() as earlier:
        earlier.setattr(keeping, "SHAPE", "another")
        tag = (await ada.get(PATH)).headers["etag"]
        assert (await ada.get(PATH, headers={"If-None-Match": tag})).status_code == 304
    assert (await ada.get(PATH, headers={"If-None-Match": tag})).status_code == 200


async def test_only_the_person_s_own_pages_get_it(
    ada: httpx.AsyncClient, client: httpx.AsyncClient
):
    foreign = await ada.get(PATH, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    client.cookies.clear()
    assert (await client.get(PATH)).status_code == 401


async def test_each_session_has_a_name_of_its_own_that_is_not_its_token(
    ada: httpx.AsyncClient, runtime: Runtime
):
    first = await kept(ada)
    assert first["viewer"]["session"] not in ada.cookies[SESSION_COOKIE]
    other = await make_environment(runtime)
    await sign_in(ada, runtime, other)
    second = await kept(ada)
    assert second["viewer"]["session"] != first["viewer"]["session"]
    assert second["items"] == []


@contextmanager
def counted(rt: Runtime) -> Generator[list[str]]:
    """The statements that the database is asked meanwhile."""
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    engines = [each.sync_engine for each in rt.database.engines]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield asked
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


async def test_many_items_take_no_more_statements_than_one(
    ada: httpx.AsyncClient, runtime: Runtime, environment: Environment
):
    viewer = await viewer_of(runtime, ada)
    asked: list[int] = []
    for count in (1, 9):
        for _ in range(count):
            talk = await send(runtime, environment, in_app=InAppContent("A", replies=True))
            await inbox.reply(runtime, viewer.user_id, talk, "Hello")
        with counted(runtime) as statements:
            await inbox.kept(runtime, viewer)
        asked.append(len(statements))
    assert asked[0] == asked[1]
