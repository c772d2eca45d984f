"""The engine of one process: wakes coalesce, work is bounded, and nothing that is due is missed."""

from __future__ import annotations

import asyncio
import logging

import pytest

from inbox_app.engine.engine import LocalEngine
from tests.engine.pile import SOON, Pile


async def test_a_wake_delivers_what_is_due():
    pile, engine = Pile(3), LocalEngine()
    await engine.start(pile.work)
    await pile.empty()
    pile.add(2)
    await engine.wake()
    await pile.empty()
    assert pile.done == 5
    await engine.close()


async def test_what_was_due_before_the_start_is_found():
    pile, engine = Pile(1), LocalEngine()
    await engine.wake()
    assert pile.looks == 0
    await engine.start(pile.work)
    await pile.empty()
    await engine.close()


async def test_no_more_batches_than_slots_run_at_a_time():
    pile, engine = Pile(40), LocalEngine(3)
    await engine.start(pile.work)
    await engine.wake(20)
    await pile.empty()
    assert pile.most_at_once == 3
    await engine.close()


async def test_one_wake_brings_all_slots_to_a_full_table():
    pile, engine = Pile(0), LocalEngine(4)
    await engine.start(pile.work)
    await pile.looked(1)
    pile.add(40)
    await engine.wake()
    await pile.empty()
    assert pile.most_at_once == 4
    await engine.close()


async def test_a_burst_of_wakes_makes_a_handful_of_tasks():
    pile, engine = Pile(0), LocalEngine(4)
    await engine.start(pile.work)
    await pile.looked(1)
    pile.hold()
    pile.add(1)
    before = len(asyncio.all_tasks())
    for _ in range(100_000):
        await engine.wake()
    # A slot is a task that waits, and its batch is another.
    assert len(asyncio.all_tasks()) - before <= 8
    pile.let_go()
    await pile.empty()
    assert pile.looks < 20
    await engine.close()


async def test_a_wake_while_every_slot_is_busy_is_answered_by_another_look():
    pile, engine = Pile(1), LocalEngine(1)
    pile.hold()
    await engine.start(pile.work)
    await pile.looked(1)
    # The look under way has read the table already, and will say that there is no more.
    pile.add(1)
    await engine.wake()
    pile.let_go()
    await pile.empty()
    await engine.close()


async def test_a_batch_that_fails_ends_nothing(caplog: pytest.LogCaptureFixture):
    pile, engine = Pile(1), LocalEngine(1)
    pile.fail_next(RuntimeError("the provider's name is Mud"))
    with caplog.at_level(logging.ERROR):
        await engine.start(pile.work)
        await pile.looked(1)
        await engine.wake()
        await pile.empty()
    assert "Mud" in caplog.text
    await engine.close()


async def test_a_stop_waits_for_the_batch_under_way():
    pile, engine = Pile(2), LocalEngine(1)
    pile.hold()
    await engine.start(pile.work)
    await pile.looked(1)
    stopping = asyncio.create_task(engine.stop(SOON))
    await asyncio.sleep(0)
    assert not stopping.done()
    pile.let_go()
    await stopping
    assert (pile.done, pile.left) == (1, 1), "the batch under way ended, and no other began"
    await engine.close()


async def test_a_stop_cancels_what_takes_too_long_and_that_returns_what_it_took(
    caplog: pytest.LogCaptureFixture,
):
    pile, engine = Pile(3), LocalEngine(2)
    pile.hold()
    await engine.start(pile.work)
    await engine.wake(2)
    await pile.looked(2)
    await engine.stop(0.01)
    assert (pile.done, pile.left, pile.cancelled) == (0, 3, 2)
    assert "Cutting 2 batches short" in caplog.text
    await engine.close()


async def test_a_wake_after_the_stop_does_nothing():
    pile, engine = Pile(0), LocalEngine()
    await engine.start(pile.work)
    await engine.stop(SOON)
    looks = pile.looks
    pile.add(1)
    await engine.wake()
    await engine.close()
    assert pile.looks == looks


async def test_a_process_that_never_works_may_close():
    engine = LocalEngine()
    await engine.wake(5)
    await engine.close()
