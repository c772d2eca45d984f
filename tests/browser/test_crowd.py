"""A thousand notifications from fifty applications at once, under an open tab."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.server import Server
from tests.chaos import ledger
from tests.chaos.crowd import Crowd, Errand, errands

SENDS, CLIENTS, USERS = 1_000, 50, 20


@pytest.mark.sdk
@pytest.mark.slow
def test_an_open_tab_keeps_up_with_a_crowd(
    own_server: Server, own_person: Person, open_inbox: OpenInbox
) -> None:
    people = [own_person.host.person() for _ in range(USERS)]
    access = own_server.credentials()
    crowd = Crowd(access["base_url"], access["api_key"])
    work = errands(SENDS, [person.id for person in people])
    inbox = open_inbox(people[7])
    with ThreadPoolExecutor(1) as sending:
        sending.submit(_send, crowd, work).result()
    mine = [errand for errand in work if errand.user_id == people[7].id]
    inbox.expect_unread(len(mine))
    ledger.check(own_server.folder / "inbox.db", crowd, work)
    assert people[7].items().keys() == {crowd.answers[errand.key][0] for errand in mine}
    assert people[7].counts()["unread"] == len(mine)
    inbox.scroll_to_end()
    expect(inbox.rows).to_have_count(len(mine))
    assert {row["id"] for row in inbox.snapshot()} == people[7].items().keys()


def _send(crowd: Crowd, work: Sequence[Errand]) -> None:
    async def nothing(_answered: int) -> None: ...

    async def run() -> None:
        up = asyncio.Event()
        up.set()
        await crowd.send(work, CLIENTS, nothing, up)

    asyncio.run(run())
