"""The hub of one process: readers learn of changes, and miss none."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.live.hub import LocalHub, News, Subscription

ADA, BEN = 1, 2


async def test_a_reader_learns_the_newest_number():
    hub = LocalHub()
    with hub.subscribe(ADA) as reader:
        await hub.publish({ADA: 1})
        await hub.publish({ADA: 2})
        assert await reader.wait(5) == News(2)


async def test_an_earlier_number_that_comes_late_takes_nothing_back():
    hub = LocalHub()
    with hub.subscribe(ADA) as reader:
        await hub.publish({ADA: 7})
        await hub.publish({ADA: 6})
        assert await reader.wait(5) == News(7)


async def test_what_was_told_while_nobody_waited_is_told_at_once():
    hub = LocalHub()
    with hub.subscribe(ADA) as reader:
        waiting = asyncio.create_task(reader.wait())
        await asyncio.sleep(0)
        assert not waiting.done()
        await hub.publish({ADA: 1})
        assert await waiting == News(1)


async def test_news_is_told_once():
    hub = LocalHub()
    with hub.subscribe(ADA) as reader:
        await hub.publish({ADA: 1})
        await reader.wait(5)
        assert await reader.wait(0) is None


async def test_only_the_person_meant_is_told():
    hub = LocalHub()
    with hub.subscribe(ADA) as ada, hub.subscribe(BEN) as ben, hub.subscribe(BEN) as tab:
        await hub.publish({BEN: 1})
        assert await ben.wait(5) == await tab.wait(5) == News(1)
        assert await ada.wait(0) is None


async def test_the_end_of_a_session_reaches_its_tabs_only():
    hub = LocalHub()
    with hub.subscribe(ADA, 10) as tab, hub.subscribe(ADA, 11) as other:
        await hub.end_session(ADA, 10)
        assert await tab.wait(5) == News(0, ended=True)
        assert await other.wait(0) is None


async def test_an_end_is_not_forgotten_when_a_change_follows():
    hub = LocalHub()
    with hub.subscribe(ADA, 10) as tab:
        await hub.end_session(ADA, 10)
        await hub.publish({ADA: 3})
        assert await tab.wait(5) == News(3, ended=True)


async def test_closing_tells_every_reader_that_the_server_stops():
    hub = LocalHub()
    with hub.subscribe(ADA, 10) as ada, hub.subscribe(BEN) as ben:
        await hub.close()
        assert await ada.wait(5) == await ben.wait(5) == News(0, closing=True)


async def test_a_nudge_makes_every_reader_look_again():
    hub = LocalHub()
    with hub.subscribe(ADA) as ada, hub.subscribe(BEN) as ben:
        hub.nudge()
        assert await ada.wait(5) == await ben.wait(5) == News(0)


async def test_readers_are_counted_and_leave_nothing_behind():
    hub = LocalHub()
    with hub.subscribe(ADA), hub.subscribe(ADA), hub.subscribe(BEN):
        assert hub.readers == 3
    assert hub.readers == 0
    with pytest.raises(ZeroDivisionError), hub.subscribe(ADA):
        _ = 1 / 0
    assert hub.readers == 0


class Feed:
    """A stand-in for the database: the number a person is at."""

    def __init__(self) -> None:
        self.change = 0

    async def read(self) -> int:
        await asyncio.sleep(0)
        return self.change


async def follow(feed: Feed, reader: Subscription, last: int) -> list[int]:
    """Reads and follows as every reader does, until it has seen ``last``."""
    seen = [await feed.read()]
    while seen[-1] < last:
        assert await reader.wait(5)
        seen.append(await feed.read())
    return seen


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.integers(0, 12))
async def test_who_subscribes_reads_and_follows_misses_nothing(pauses: list[int], late: int):
    hub, feed = LocalHub(), Feed()

    async def write() -> None:
        for pause in pauses:
            for _ in range(pause):
                await asyncio.sleep(0)
            feed.change += 1
            await hub.publish({ADA: feed.change})

    writing = asyncio.create_task(write())
    for _ in range(late):
        await asyncio.sleep(0)
    with hub.subscribe(ADA) as reader:
        seen = await follow(feed, reader, len(pauses))
    await writing
    assert seen == sorted(seen)
    assert seen[-1] == len(pauses)
