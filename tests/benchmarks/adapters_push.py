"""Pushes per second of the adapters for phones, as a share of what a bare client reaches.

``python -m tests.benchmarks.adapters_push [--rounds N]`` measures and prints.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpcore

from inbox_app.channels import registry
from inbox_app.channels.apns.notification import notification
from inbox_app.channels.fcm.message import message
from inbox_app.channels.spec import Parcel
from inbox_app.domain.delivery import Integration
from tests.benchmarks.push_services import Services, services
from tests.benchmarks.table import Figure
from tests.channels.examples import apns, fcm
from tests.clock import START

PUSHES = 2_000
ROUNDS = 3
AT_ONCE: int = Integration.concurrency
"""Calls at a time: what an integration has where nothing is set."""
TIMEOUT = 30.0
BEARER = "x" * 220


@dataclass(frozen=True)
class Pace:
    """How fast calls were made.

    Attributes:
        rate: Calls per second.
        cost: Milliseconds of this process's processor for each.
    """

    rate: float
    cost: float


@dataclass(frozen=True)
class Bare:
    """The same call as an adapter's, made ready before."""

    path: str
    headers: Mapping[str, str]
    body: bytes


def measure(rounds: int = ROUNDS, many: int = PUSHES) -> Iterator[Figure]:
    """Alternates the bare client with each adapter, round by round."""
    with tempfile.TemporaryDirectory() as folder, services(Path(folder)) as there:
        for name, example, bare in (
            ("fcm", fcm.EXAMPLE, _to_fcm(fcm.PARCEL)),
            ("apns", apns.EXAMPLE, _to_apns(apns.PARCEL)),
        ):
            floors: list[Pace] = []
            paces: list[Pace] = []
            for _ in range(rounds):
                floors.append(asyncio.run(_bare_pace(there, bare, many)))
                stored = example.settings(there.port)
                paces.append(asyncio.run(_pace(there, name, example.parcel, stored, many)))
            yield _figure(name, floors, paces)


def _figure(name: str, floors: list[Pace], paces: list[Pace]) -> Figure:
    shares = [one.rate / floor.rate for one, floor in zip(paces, floors, strict=True)]
    rate, floor = median(each.rate for each in paces), median(each.rate for each in floors)
    cost, least = median(each.cost for each in paces), median(each.cost for each in floors)
    return Figure(
        f"pushes / bare calls over HTTP/2 ({name})",
        median(shares),
        None,
        "share",
        note=f"{rate:,.0f}/s of {floor:,.0f}/s, {AT_ONCE} at a time, {cost:.2f} ms of processor "
        f"against {least:.2f}, rounds {min(shares):.2f} to {max(shares):.2f}",
    )


def _to_fcm(parcel: Parcel) -> Bare:
    headers = {"authorization": f"Bearer {BEARER}", "content-type": "application/json"}
    return Bare("/v1/projects/shop-1f2e/messages:send", headers, message(parcel))


def _to_apns(parcel: Parcel) -> Bare:
    told = notification(parcel, "com.example.shop", START)
    headers = {"authorization": f"bearer {BEARER}", **told.headers}
    return Bare(f"/3/device/{parcel.to}", headers, told.body)


async def _bare_pace(there: Services, bare: Bare, many: int) -> Pace:
    trusted, headers = there.trusted(), list(bare.headers.items())
    url = f"https://localhost:{there.port}{bare.path}"
    async with httpcore.AsyncConnectionPool(trusted, http1=False, http2=True) as pool:

        async def call() -> None:
            answer = await pool.request("POST", url, headers=headers, content=bare.body)
            assert answer.status == 200

        return await _timed(call, many)


async def _pace(
    there: Services, name: str, parcel: Parcel, stored: Mapping[str, Any], many: int
) -> Pace:
    provider, tools = registry.provider_named(name), there.tools()

    async def call() -> None:
        # As for every delivery: what is stored is checked before it is used.
        settings = registry.settings_of(name, stored)
        await registry.deliver(provider, parcel, settings, tools, TIMEOUT)

    try:
        return await _timed(call, many)
    finally:
        await tools.close()


async def _timed(call: Callable[[], Awaitable[None]], many: int) -> Pace:
    """Once there is a connection and a token."""
    await call()
    left = iter(range(many))

    async def caller() -> None:
        for _ in left:
            await call()

    started, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
    seconds, busy = time.perf_counter() - started, time.process_time() - used
    return Pace(many / seconds, busy / many * 1000)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--pushes", type=int, default=PUSHES)
    options = parser.parse_args()
    for figure in measure(options.rounds, options.pushes):
        print(figure.line(), flush=True)  # noqa: T201 - what this program is for
    return 0


if __name__ == "__main__":
    sys.exit(main())
