"""Pictures for replies: whose they are, what they belong to, how long they wait."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Conflict, InvalidInput, NotFound, Refused
from inbox_app.domain.notification import InAppContent
from inbox_app.domain.user import User
from inbox_app.runtime import Runtime
from inbox_app.services import attachments, housekeeping, inbox
from inbox_app.services.views import AttachmentView
from tests.clock import SetClock
from tests.factories import make_user, send
from tests.lib.test_images import SVG, picture


@pytest.fixture
async def ada(runtime: Runtime, environment: Environment) -> User:
    return await make_user(runtime, environment, "ada")


@pytest.fixture
async def item(runtime: Runtime, environment: Environment, ada: User) -> str:
    return await send(runtime, environment)


async def address(rt: Runtime, user: User) -> str:
    """Path and query of the first picture in the thread of the newest item."""
    (entry,) = await inbox.entries(rt, user.id, None, 1)
    (url,) = entry.urls.values()
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


async def test_a_picture_is_uploaded_named_by_a_reply_and_shown(
    runtime: Runtime, ada: User, item: str
):
    one, two = [
        await attachments.upload(runtime, ada.id, item, picture(kind)) for kind in ("PNG", "JPEG")
    ]
    assert (two.content_type, two.width, two.height) == ("image/jpeg", 40, 20)
    told = await inbox.reply(runtime, ada.id, item, "", [two.id, one.id])
    assert told.attachments == [two, one]
    view = await inbox.open_item(runtime, ada.id, item)
    (shown,) = view.thread
    assert {each.id for each in shown.attachments} == {one.id, two.id}
    data, content_type = await attachments.fetch(runtime, ada.id, one.id)
    assert (data[:4], content_type) == (b"\x89PNG", "image/png")


async def test_nobody_else_sees_or_uses_it(
    runtime: Runtime, environment: Environment, ada: User, item: str
):
    ben = await make_user(runtime, environment, "ben")
    other = await send(runtime, environment, "ben")
    one = await attachments.upload(runtime, ada.id, item, picture())
    with pytest.raises(NotFound):
        await attachments.fetch(runtime, ben.id, one.id)
    with pytest.raises(NotFound):
        await inbox.reply(runtime, ben.id, other, "Mine", [one.id])
    with pytest.raises(NotFound):
        await attachments.upload(runtime, ben.id, item, picture())


async def test_a_picture_is_for_its_item_and_one_reply(
    runtime: Runtime, environment: Environment, ada: User, item: str
):
    other = await send(runtime, environment)
    one = await attachments.upload(runtime, ada.id, item, picture())
    with pytest.raises(NotFound):
        await inbox.reply(runtime, ada.id, other, "Elsewhere", [one.id])
    tries = (inbox.reply(runtime, ada.id, item, text, [one.id]) for text in ("First", "Second"))
    told = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, NotFound) for each in told) == 1
    assert len((await inbox.open_item(runtime, ada.id, item)).thread) == 1


async def test_limits_are_told_in_words(runtime: Runtime, ada: User, item: str):
    with pytest.raises(InvalidInput):
        await attachments.upload(runtime, ada.id, item, SVG)
    made = [await attachments.upload(runtime, ada.id, item, picture()) for _ in range(5)]
    with pytest.raises(InvalidInput):
        await inbox.reply(runtime, ada.id, item, "Five", [each.id for each in made])


async def test_no_more_wait_for_their_reply_than_may_however_they_come(
    runtime: Runtime, ada: User, item: str
):
    tries = 2 * attachments.MOST_WAITING
    uploads = (attachments.upload(runtime, ada.id, item, picture()) for _ in range(tries))
    told = await asyncio.gather(*uploads, return_exceptions=True)
    assert sum(isinstance(each, AttachmentView) for each in told) == attachments.MOST_WAITING
    assert sum(isinstance(each, Conflict) for each in told) == tries - attachments.MOST_WAITING


async def test_what_takes_no_replies_takes_neither_words_nor_pictures(
    runtime: Runtime, environment: Environment, ada: User
):
    item = await send(runtime, environment, in_app=InAppContent("Read only", replies=False))
    with pytest.raises(Refused):
        await attachments.upload(runtime, ada.id, item, picture())
    with pytest.raises(Refused):
        await inbox.reply(runtime, ada.id, item, "Hello?")
    assert (await inbox.open_item(runtime, ada.id, item)).thread == []


async def test_what_no_reply_names_goes_after_a_day(
    runtime: Runtime, ada: User, item: str, clock: SetClock
):
    used, unused = [await attachments.upload(runtime, ada.id, item, picture()) for _ in range(2)]
    await inbox.reply(runtime, ada.id, item, "Here", [used.id])
    clock.advance(days=1, seconds=1)
    await housekeeping.tidy(runtime)
    assert (await attachments.fetch(runtime, ada.id, used.id))[1] == "image/png"
    with pytest.raises(NotFound):
        await attachments.fetch(runtime, ada.id, unused.id)


async def test_the_api_lists_it_at_an_address_that_holds_for_some_days(
    runtime: Runtime, ada: User, item: str, clock: SetClock, client: httpx.AsyncClient
):
    one = await attachments.upload(runtime, ada.id, item, picture())
    await inbox.reply(runtime, ada.id, item, "Here", [one.id])
    path = await address(runtime, ada)
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "private" in answer.headers["cache-control"]
    forged = [path[:-1] + "!", path.replace("until=1", "until=2"), path.split("&")[0] + "&proof="]
    assert {(await client.get(each)).status_code for each in forged} == {404}
    clock.at += timedelta(days=8)
    assert (await client.get(path)).status_code == 404


async def test_a_reply_that_is_sent_twice_is_stored_once(runtime: Runtime, ada: User, item: str):
    shown = await attachments.upload(runtime, ada.id, item, picture("PNG"))
    first = await inbox.reply(runtime, ada.id, item, "Thanks", [shown.id], "attempt")
    again = await inbox.reply(runtime, ada.id, item, "Thanks", [shown.id], "attempt")
    assert again == first
    assert (await inbox.open_item(runtime, ada.id, item)).thread == [first]
    await inbox.reply(runtime, ada.id, item, "Thanks", attempt="another")
    assert len((await inbox.open_item(runtime, ada.id, item)).thread) == 2


async def test_two_tries_at_the_same_time_are_one_reply(runtime: Runtime, ada: User, item: str):
    async def one() -> None:
        await inbox.reply(runtime, ada.id, item, "Thanks", attempt="attempt")

    await asyncio.gather(one(), one(), one())
    assert len((await inbox.open_item(runtime, ada.id, item)).thread) == 1


async def test_the_name_of_an_attempt_is_of_one_item(
    runtime: Runtime, environment: Environment, ada: User, item: str
):
    other = await send(runtime, environment)
    for each in (item, other):
        await inbox.reply(runtime, ada.id, each, "Thanks", attempt="attempt")
        assert len((await inbox.open_item(runtime, ada.id, each)).thread) == 1
