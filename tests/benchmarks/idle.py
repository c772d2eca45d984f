"""What a worker costs while there is nothing to do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings
from tests.benchmarks import hubs
from tests.benchmarks.gateway import gateway
from tests.benchmarks.hubs import SetUp
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.table import Figure

LATER = 100
"""Deliveries that are not due for a long time."""
SECONDS = 10.0
SETTLE = 2.0
"""Seconds that starting up may take its time after the worker listens."""


def measure() -> Iterator[Figure]:
    """Lets one worker of each set-up stand idle."""
    with hubs.set_ups() as (alone, one, _):
        for each in (alone, one):
            with each.fresh() as settings:
                share = asyncio.run(_share(each, settings))
            yield Figure(
                f"one core for an idle worker ({each.name})",
                share,
                None,
                "share",
                note=f"over {SECONDS:.0f} s, {LATER} deliveries due in a year",
            )


async def _share(set_up: SetUp, settings: Settings) -> float:
    async with open_runtime(settings) as rt:
        with gateway() as taking:
            await hubs.fill(rt, taking, LATER)
    workers = set_up.start(settings)
    try:
        await workers.started()
        await asyncio.sleep(SETTLE)
        [pid] = workers.pids
        before, started = cpu_seconds(pid), time.monotonic()
        await asyncio.sleep(SECONDS)
        return (cpu_seconds(pid) - before) / (time.monotonic() - started)
    finally:
        workers.stop()
