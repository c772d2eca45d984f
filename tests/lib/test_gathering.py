"""The gatherer: groups share a commit, and each submitter gets an outcome of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.lib.gathering import Gatherer, Overloaded


class Refused(Exception):
    """What the work answers for a negative item."""


class Works:
    """Doubles each item of a group, once it is let go; remembers the groups."""

    def __init__(self, *, held: bool = False) -> None:
        self.groups: list[list[int]] = []
        self.started = asyncio.Event()
        self.go = asyncio.Event()
        if not held:
            self.go.set()

    async def __call__(self, items: Sequence[int]) -> Sequence[int | Exception]:
        self.groups.append(list(items))
        self.started.set()
        await self.go.wait()
        return [item * 2 if item >= 0 else Refused(item) for item in items]


async def outcomes(gatherer: Gatherer[int, int], items: Sequence[int]) -> list[int | BaseException]:
    return await asyncio.gather(*map(gatherer.submit, items), return_exceptions=True)


async def held_up(work: Works, gatherer: Gatherer[int, int]) -> asyncio.Task[int]:
    """A submission whose group is being worked on, so that later ones queue behind it."""
    first = asyncio.create_task(gatherer.submit(0))
    await work.started.wait()
    return first


@given(st.lists(st.integers(), max_size=40), st.integers(1, 7))
async def test_each_submitter_gets_its_own_outcome(items: list[int], largest: int):
    work = Works()
    found = await outcomes(Gatherer(work, largest=largest), items)
    for item, outcome in zip(items, found, strict=True):
        if item >= 0:
            assert outcome == item * 2
        else:
            assert isinstance(outcome, Refused)
            assert outcome.args == (item,)
    assert sorted(item for group in work.groups for item in group) == sorted(items)
    assert all(len(group) <= largest for group in work.groups)


async def test_who_comes_a_turn_after_another_joins_and_nobody_waits_for_more():
    work = Works()
    gatherer = Gatherer(work)

    async def come(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await gatherer.submit(turns)

    await asyncio.gather(*map(come, (0, 1, 2, 3, 9)))
    assert work.groups == [[0, 1, 2, 3], [9]]


async def test_who_comes_while_a_group_is_written_joins_the_next_one():
    work = Works(held=True)
    gatherer = Gatherer(work)
    first = await held_up(work, gatherer)
    later = asyncio.gather(*(gatherer.submit(n) for n in (1, 2, 3)))
    work.go.set()
    assert (await first, await later) == (0, [2, 4, 6])
    assert work.groups == [[0], [1, 2, 3]]


async def test_a_lone_submission_starts_at_once():
    work = Works()
    assert await Gatherer(work).submit(4) == 8
    assert work.groups == [[4]]


async def test_work_that_fails_as_a_whole_tells_everyone_and_goes_on_with_the_next_group():
    async def work(items: Sequence[int]) -> Sequence[int | Exception]:
        if 13 in items:
            raise OSError("the disk is full")
        return list(items)

    gatherer = Gatherer(work, largest=2)
    found = await outcomes(gatherer, [1, 13, 2, 3])
    assert [type(each) for each in found] == [OSError, OSError, int, int]


async def test_a_caller_that_goes_away_does_not_stop_the_others():
    work = Works(held=True)
    gatherer = Gatherer(work)
    callers = [asyncio.create_task(gatherer.submit(n)) for n in (1, 2, -3)]
    await work.started.wait()
    callers[0].cancel()
    callers[2].cancel()
    work.go.set()
    found = await asyncio.gather(*callers, return_exceptions=True)
    assert found[1] == 4
    assert [type(found[0]), type(found[2])] == [asyncio.CancelledError] * 2
    assert work.groups == [[1, 2, -3]]


async def test_a_caller_that_goes_away_while_it_queues_is_still_worked_for():
    work = Works(held=True)
    gatherer = Gatherer(work)
    first = await held_up(work, gatherer)
    gone = asyncio.create_task(gatherer.submit(5))
    stays = asyncio.create_task(gatherer.submit(6))
    await asyncio.sleep(0)
    gone.cancel()
    work.go.set()
    assert (await first, await stays) == (0, 12)
    assert work.groups == [[0], [5, 6]]


async def test_a_full_queue_refuses_and_takes_more_once_it_is_empty():
    work = Works(held=True)
    gatherer = Gatherer(work, waiting=2)
    first = await held_up(work, gatherer)
    queued = [asyncio.create_task(gatherer.submit(n)) for n in (1, 2)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await gatherer.submit(3)
    work.go.set()
    assert await asyncio.gather(first, *queued) == [0, 2, 4]
    assert await gatherer.submit(3) == 6


async def test_draining_waits_for_everything_submitted():
    work = Works(held=True)
    gatherer = Gatherer(work, largest=1)
    callers = [asyncio.create_task(gatherer.submit(n)) for n in range(5)]
    await work.started.wait()
    draining = asyncio.create_task(gatherer.drain())
    await asyncio.sleep(0)
    assert not draining.done()
    work.go.set()
    await draining
    assert len(work.groups) == 5
    assert await asyncio.gather(*callers) == [0, 2, 4, 6, 8]


async def test_draining_an_idle_gatherer_ends_at_once():
    gatherer = Gatherer(Works())
    await gatherer.drain()
    await gatherer.submit(1)
    await gatherer.drain()


async def test_work_that_answers_too_few_is_an_error_for_each_and_not_a_silence():
    async def forgetful(items: Sequence[int]) -> Sequence[int | Exception]:
        return []

    async with asyncio.timeout(5):
        found = await outcomes(Gatherer(forgetful), [1, 2])
    assert all(isinstance(each, Exception) for each in found)
