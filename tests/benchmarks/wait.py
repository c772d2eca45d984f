"""How long an accepted send waits for its first call when workers are half busy."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import create_subprocess_exec
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import partial
from statistics import median, quantiles

from sqlalchemy import text

from inbox_app.bootstrap import open_runtime
from inbox_app.cli.frontend import ROOT
from inbox_app.config import Settings
from inbox_app.domain.environment import Environment
from inbox_app.domain.feed import micros
from inbox_app.runtime import Runtime
from inbox_app.services import delivering
from inbox_app.storage import environments
from inbox_app.worker import Worker, running
from tests.benchmarks import deliver, hubs
from tests.benchmarks.gateway import Gateway, gateway
from tests.benchmarks.hubs import SetUp
from tests.benchmarks.table import Figure
from tests.workers import environment_of

LOAD = 0.5
SECONDS = 5.0
WARM_UP = timedelta(seconds=1)
TICK = 0.005
"""Seconds between looks at which sends should have been made by now."""

WAITS = text("""
SELECT attempts.started_at - notifications.accepted_at AS waited
FROM attempts
JOIN deliveries ON deliveries.id = attempts.delivery_id
JOIN notifications ON notifications.tracking_id = deliveries.tracking_id
WHERE attempts.number = 1 AND notifications.accepted_at >= :since
""")


def measure() -> Iterator[Figure]:
    """Offers sends at half of what each set-up was just seen to deliver."""
    with gateway() as taking, hubs.set_ups() as (alone, one, _):
        for each, offered_by in ((alone, "the process that works"), (one, "a process of its own")):
            pace = LOAD * deliver.rate(each, taking, deliver.DELIVERIES)
            taking.forget()
            with each.fresh() as settings:
                waits = asyncio.run(_waits(each, settings, taking, pace))
            yield Figure(
                f"p95 from accept to call at {LOAD:.0%} load ({each.name})",
                quantiles(waits, n=20)[-1],
                None,
                "ms",
                note=f"median {median(waits):,.1f} ms; {len(waits):,} sends, {pace:,.0f}/s, "
                f"accepted by {offered_by}",
            )


async def _waits(set_up: SetUp, settings: Settings, taking: Gateway, pace: float) -> list[float]:
    """Milliseconds from accept to the first call, of each send after the warm-up."""
    async with open_runtime(settings) as rt:
        environment, *_ = await hubs.prepare(rt, taking)
        # Without Redis only the process that accepts hears of it at once: it works as well.
        workers = set_up.start(settings) if settings.redis_url else None
        try:
            if workers:
                await workers.started()
            began = await _offer_elsewhere(settings, environment.id, pace)
            while await hubs.is_open(rt):
                await asyncio.sleep(hubs.LOOK)
        finally:
            if workers:
                workers.stop()
        async with rt.database.read() as tx:
            rows = await tx.execute(WAITS, {"since": micros(began + WARM_UP)})
            return [row.waited / 1000 for row in rows]


async def _offer_elsewhere(settings: Settings, environment_id: int, pace: float) -> datetime:
    """Sends from another process; when it began."""
    offering = await create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.wait", str(environment_id), str(pace)),
        cwd=ROOT,
        env=environment_of(settings, settings.redis_url, hubs.LEASE_SECONDS),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await offering.communicate()
    if offering.returncode:
        raise AssertionError("The sends could not be offered.")
    return datetime.fromisoformat(said.decode().strip())


async def _offer(environment_id: int, pace: float) -> None:
    settings = Settings.from_env()
    async with open_runtime(settings) as rt:
        async with rt.database.read() as tx:
            environment = await environments.by_id(tx, environment_id, rt.sealer)
        assert environment
        work, sweep = partial(delivering.work, rt), partial(delivering.sweep, rt)
        worker = Worker(rt.engine, work, sweep)
        async with nullcontext() if settings.redis_url else running(worker):
            print((await _sends(rt, environment, pace)).isoformat())  # noqa: T201 - for the parent
            while not settings.redis_url and await hubs.is_open(rt):
                await asyncio.sleep(hubs.LOOK)


async def _sends(rt: Runtime, environment: Environment, pace: float) -> datetime:
    """Sends at a steady pace, however long each one takes; when the first was made."""
    loop = asyncio.get_running_loop()
    began, started, many = rt.clock.now(), loop.time(), 0
    async with asyncio.TaskGroup() as group:
        while (passed := loop.time() - started) < SECONDS:
            for number in range(many, int(passed * pace)):
                user = f"user-{number % hubs.PEOPLE}"
                send = hubs.send_to(environment, user, number, rt.clock.now())
                group.create_task(rt.sends.submit(send))
            many = int(passed * pace)
            await asyncio.sleep(TICK)
    return began


if __name__ == "__main__":
    asyncio.run(_offer(int(sys.argv[1]), float(sys.argv[2])))
