"""Deliveries per second through the engine, as a share of what a bare loop of calls reaches."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from statistics import median

from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings
from inbox_app.domain.delivery import Integration
from tests.benchmarks import bare, hubs
from tests.benchmarks.gateway import Gateway, gateway
from tests.benchmarks.hubs import SetUp
from tests.benchmarks.table import Figure

DELIVERIES = 5_000
ROUNDS = 3
AT_ONCE: int = Integration.concurrency
"""Calls at a time: what an integration has where nothing is set."""


def measure(rounds: int = ROUNDS, many: int = DELIVERIES) -> Iterator[Figure]:
    """Alternates the bare loop with every set-up, round by round."""
    with gateway() as taking, hubs.set_ups() as all_of_them:
        floors: list[float] = []
        rates: dict[str, list[float]] = {each.name: [] for each in all_of_them}
        for _ in range(rounds):
            floors.append(bare.rate(taking.url, many, AT_ONCE))
            for each in all_of_them:
                rates[each.name].append(rate(each, taking, many))
    for name, found in rates.items():
        shares = [one / floor for one, floor in zip(found, floors, strict=True)]
        yield Figure(
            f"deliveries / bare calls ({name})",
            median(shares),
            None,
            "share",
            note=f"{median(found):,.0f}/s of {median(floors):,.0f}/s, "
            f"rounds {min(shares):.2f} to {max(shares):.2f}",
        )


def rate(set_up: SetUp, taking: Gateway, many: int) -> float:
    """Deliveries per second, from the first call to the last one written down."""
    taking.forget()
    with set_up.fresh() as settings:
        return many / asyncio.run(_seconds(set_up, settings, taking, many))


async def _seconds(set_up: SetUp, settings: Settings, taking: Gateway, many: int) -> float:
    async with open_runtime(settings) as rt:
        await hubs.fill(rt, taking, many)
        workers = set_up.start(settings)
        try:
            await workers.started()
            await hubs.let_go(rt)
            return await hubs.drained(rt, taking, many)
        finally:
            workers.stop()
