"""The worker: sweeps by itself, survives what fails, and stops without losing anything."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from inbox_app.engine.engine import LocalEngine
from inbox_app.worker import Worker, install_signals, running
from tests.engine.pile import SOON, Pile
from tests.servers import ROOT


class Sweeper:
    """Wakes the engine when the pile holds something; can be told to fail or what to ask for."""

    def __init__(self, engine: LocalEngine, pile: Pile) -> None:
        self._engine = engine
        self._pile = pile
        self.asks_for = 0.0
        self.failures: list[Exception] = []
        self.times: list[float] = []
        self._swept = asyncio.Condition()

    async def sweep(self) -> float:
        self.times.append(asyncio.get_running_loop().time())
        async with self._swept:
            self._swept.notify_all()
        if self.failures:
            raise self.failures.pop()
        if self._pile.left:
            await self._engine.wake(self._pile.left)
        return self.asks_for

    async def swept(self, times: int) -> None:
        """Waits until it was called so often."""
        async with asyncio.timeout(SOON), self._swept:
            await self._swept.wait_for(lambda: len(self.times) >= times)


@asynccontextmanager
async def working(
    pile: Pile, *failures: Exception, asks_for: float = 0.0, grace: float = SOON
) -> AsyncGenerator[Sweeper]:
    engine = LocalEngine(2)
    sweeper = Sweeper(engine, pile)
    sweeper.failures, sweeper.asks_for = list(failures), asks_for
    async with running(Worker(engine, pile.work, sweeper.sweep, grace=grace)):
        yield sweeper
    await engine.close()


async def test_what_nobody_told_of_is_found_by_the_sweep():
    pile = Pile(0)
    async with working(pile) as sweeper:
        await sweeper.swept(1)
        pile.add(5)
        await pile.empty()
    assert pile.done == 5


async def test_sweeps_keep_a_pause_however_soon_they_ask():
    async with working(Pile(0), asks_for=-1) as sweeper:
        await sweeper.swept(4)
    pauses = [later - at for at, later in zip(sweeper.times, sweeper.times[1:], strict=False)]
    assert min(pauses) >= 0.049


@pytest.mark.slow
async def test_a_sweep_comes_within_a_second_however_late_it_is_asked_for():
    async with working(Pile(0), asks_for=1000) as sweeper:
        # One at the start, perhaps one after the first look at the table, then one a second.
        await sweeper.swept(3)


async def test_the_end_of_work_brings_the_next_sweep():
    pile = Pile(0)
    pile.hold()
    async with working(pile, asks_for=1000) as sweeper:
        await sweeper.swept(1)
        pile.add(1)
        await sweeper.swept(2)
        pile.let_go()
        at = asyncio.get_running_loop().time()
        await sweeper.swept(3)
        assert sweeper.times[2] - at < 0.9, "it did not wait for the second to be over"


async def test_a_sweep_that_fails_ends_nothing(caplog: pytest.LogCaptureFixture):
    pile = Pile(0)
    with caplog.at_level(logging.ERROR):
        async with working(pile, OSError("the database is away")) as sweeper:
            await sweeper.swept(1)
            pile.add(1)
            await pile.empty()
    assert "the database is away" in caplog.text


async def test_a_stop_lets_the_batch_under_way_end():
    pile = Pile(1)
    pile.hold()
    async with working(pile):
        await pile.looked(1)
        asyncio.get_running_loop().call_later(0.05, pile.let_go)
    assert pile.done == 1


async def test_a_stop_cuts_short_what_takes_too_long(caplog: pytest.LogCaptureFixture):
    pile = Pile(1)
    pile.hold()
    with caplog.at_level(logging.INFO):
        async with working(pile, grace=0.01):
            await pile.looked(1)
    assert (pile.left, pile.cancelled) == (1, 1)
    assert "has started" in caplog.text
    assert "has stopped" in caplog.text


async def test_nothing_sweeps_after_the_stop():
    async with working(Pile(0)) as sweeper:
        await sweeper.swept(2)
    assert not [task for task in asyncio.all_tasks() if task.get_name() in {"sweeper", "batch"}]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops(number: signal.Signals):
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    stop = asyncio.Event()
    install_signals(stop)
    try:
        os.kill(os.getpid(), number)
        async with asyncio.timeout(SOON):
            await stop.wait()
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])


STUBBORN = """
import asyncio
from inbox_app.worker import install_signals

async def main():
    stop = asyncio.Event()
    install_signals(stop)
    print("ready", flush=True)
    await stop.wait()
    print("stopping", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_a_second_signal_ends_at_once():
    command = [sys.executable, "-c", STUBBORN]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "stopping\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(SOON) == -signal.SIGINT
