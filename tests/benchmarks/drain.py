"""Scheduled sends that are all due at one second: how long one worker has, and with what memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings
from tests.benchmarks import hubs
from tests.benchmarks.gateway import Gateway, gateway
from tests.benchmarks.hubs import SetUp
from tests.benchmarks.processes import memory_mib
from tests.benchmarks.table import Figure

SENDS = 20_000
"""A fifth of what was promised, so that `make bench` stays short: ``--sends 100000`` is all."""
FLAT = 1.1
"""Memory in the last quarter of the time, by that in the first."""
BETWEEN_SAMPLES = 0.1
"""Seconds."""


@dataclass(frozen=True)
class Drain:
    """How it went.

    Attributes:
        seconds: From the first call to the last one written down.
        memory: Samples in MiB, evenly over that time.
    """

    seconds: float
    memory: list[float]

    @property
    def growth(self) -> float:
        quarter = max(1, len(self.memory) // 4)
        return max(self.memory[-quarter:]) / max(self.memory[:quarter])


def measure(sends: int = SENDS) -> Iterator[Figure]:
    """Drains the same pile on SQLite, and on PostgreSQL and Redis."""
    with gateway() as taking, hubs.set_ups() as (alone, one, _):
        for each in (alone, one):
            taking.forget()
            with each.fresh() as settings:
                done = asyncio.run(_drain(each, settings, taking, sends))
            rate, peak = sends / done.seconds, max(done.memory)
            yield Figure(
                f"{sends:,} due at one second ({each.name})",
                done.seconds,
                None,
                "s",
                note=f"{rate:,.0f}/s",
            )
            yield Figure(
                f"its memory, last quarter to first ({each.name})",
                done.growth,
                FLAT,
                "times",
                note=f"{done.memory[0]:,.0f} MiB at the first call, {peak:,.0f} MiB at most",
            )


async def _drain(set_up: SetUp, settings: Settings, taking: Gateway, sends: int) -> Drain:
    async with open_runtime(settings) as rt:
        await hubs.fill(rt, taking, sends)
        workers = set_up.start(settings)
        try:
            await workers.started()
            await hubs.let_go(rt)
            [pid] = workers.pids
            watching = asyncio.create_task(_watch(pid, taking))
            seconds = await hubs.drained(rt, taking, sends)
            watching.cancel()
            [memory] = await asyncio.gather(watching)
        finally:
            workers.stop()
    return Drain(seconds, memory)


async def _watch(pid: int, taking: Gateway) -> list[float]:
    """Samples of the memory from the first call on, until it is cancelled."""
    samples: list[float] = []
    try:
        while True:
            if taking.tally().count:
                samples.append(memory_mib(pid))
            await asyncio.sleep(BETWEEN_SAMPLES)
    except asyncio.CancelledError:
        return samples
