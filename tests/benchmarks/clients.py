"""Many open inboxes on one server: what an idle one costs, and how fast news reach all of them."""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import aiohttp
from playwright.sync_api import WebSocket, expect, sync_playwright

from inbox_app.cli.frontend import ROOT, ensure_built
from tests.benchmarks.processes import MIB, cpu_seconds, memory_mib
from tests.benchmarks.served import Served, served
from tests.benchmarks.table import Figure
from tests.browser_setup import find_browser

CLIENTS = 500
SECONDS = 10.0
RATES = (0.2, 1.0, 2.0, 5.0)
"""Arrivals per second at each client."""
SENDERS = 20
NAMESPACE = "/_event"
SETTLE = 3.0
"""Seconds without a message after which a client counts as idle."""
TITLE = re.compile(r"Bench (\d+)")


def measure() -> Iterator[Figure]:
    """Opens many inboxes, looks at the memory, then sends at growing rates."""
    ensure_built(ROOT, print)
    with (
        tempfile.TemporaryDirectory(prefix="inbox-bench-") as folder,
        served(Path(folder), whole=True) as server,
    ):
        yield from asyncio.run(_measure(server, _greeting(server)))


def _greeting(server: Served) -> str:
    """What a browser's tab says first; every client says the same."""
    said: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: said.append(str(frame)))

    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_page()
        page.on("websocket", listen)
        page.goto(server.sign_in)
        expect(page.locator("[role=feed], [data-empty]").first).to_be_visible()
        browser.close()
    return next(frame for frame in said if frame.startswith(f"40{NAMESPACE},"))


@dataclass
class Post:
    """When each notification was answered, and how long it then took to its reader."""

    answered: dict[int, float] = field(default_factory=dict[int, float])
    came: dict[int, float] = field(default_factory=dict[int, float])
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def read(self, text: str) -> None:
        now = time.perf_counter()
        for number in map(int, TITLE.findall(text)):
            self.came.setdefault(number, now)

    def delays(self, numbers: range) -> list[float]:
        """Milliseconds from the answer, which follows the commit; news may overtake it."""
        return [
            max(0.0, self.came[n] - self.answered[n]) * 1000
            for n in numbers
            if n in self.came and n in self.answered
        ]


@dataclass
class Client:
    """One open tab, as the server sees it."""

    name: str
    socket: aiohttp.ClientWebSocketResponse
    post: Post
    last: float = 0.0

    async def listen(self) -> None:
        async for message in self.socket:
            text = str(message.data)
            self.last = time.perf_counter()
            if text == "2":
                await self.socket.send_str("3")
            else:
                self.post.read(text)


async def _measure(server: Served, greeting: str) -> list[Figure]:
    post = Post()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        before = memory_mib(server.process.pid)
        async with _open(server, session, greeting, post) as clients:
            grown = (memory_mib(server.process.pid) - before) * MIB / len(clients) / 1000
            note = f"of {len(clients)} open inboxes, each with its page loaded"
            figures = [Figure("memory of an idle open inbox", grown, None, "kB", note)]
            for rate in RATES:
                figures += await _send(server, session, clients, post, rate)
    return figures


@asynccontextmanager
async def _open(
    server: Served, session: aiohttp.ClientSession, greeting: str, post: Post
) -> AsyncGenerator[list[Client]]:
    clients: list[Client] = []
    async with asyncio.TaskGroup() as group:
        for number in range(CLIENTS):
            clients.append(await _connect(server, session, greeting, post, f"client-{number}"))
            group.create_task(clients[-1].listen())
        await _settled(clients)
        yield clients
        for client in clients:
            await client.socket.close()


async def _connect(
    server: Served, session: aiohttp.ClientSession, greeting: str, post: Post, name: str
) -> Client:
    async with session.get(server.sign_in_url(name), allow_redirects=False) as answer:
        cookies = "; ".join(f"{each.key}={each.value}" for each in answer.cookies.values())
    session.cookie_jar.clear()
    socket = await session.ws_connect(
        f"{server.url}{NAMESPACE}/?token={secrets.token_hex(16)}&EIO=4&transport=websocket",
        headers={"Cookie": cookies, "Origin": server.url},
        compress=15,
    )
    await socket.receive()
    await socket.send_str(greeting)
    return Client(name, socket, post, time.perf_counter())


async def _settled(clients: list[Client]) -> None:
    while max(client.last for client in clients) > time.perf_counter() - SETTLE:
        await asyncio.sleep(0.1)


async def _send(
    server: Served, session: aiohttp.ClientSession, clients: list[Client], post: Post, rate: float
) -> list[Figure]:
    """Sends to everybody in turns at a rate, and waits until all of it has come."""
    first, used = next(post.numbers), cpu_seconds(server.process.pid)
    total = int(rate * len(clients) * SECONDS)
    readers, began = itertools.cycle(clients), time.perf_counter()
    due = iter([began + n / (rate * len(clients)) for n in range(total)])

    async def work() -> None:
        for at in due:
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            await _one(server, session, next(readers).name, post)

    async with asyncio.TaskGroup() as group:
        for _ in range(SENDERS):
            group.create_task(work())
    took = time.perf_counter() - began
    await _settled(clients)
    numbers = range(first + 1, next(post.numbers))
    delays = post.delays(numbers)
    each = (cpu_seconds(server.process.pid) - used) / len(numbers) * 1000
    note = (
        f"{len(delays) / took:,.0f}/s reached, median {median(delays):.0f} ms, "
        f"{len(delays):,} of {len(numbers):,} came by name, "
        f"{each:.2f} ms of processor to accept and show one"
    )
    name = f"commit to client, 95th percentile, {len(clients)} with {rate:g}/s each"
    return [Figure(name, quantiles(delays, n=20)[-1], None, "ms", note)]


async def _one(server: Served, session: aiohttp.ClientSession, name: str, post: Post) -> None:
    number = next(post.numbers)
    body: dict[str, Any] = {
        "type": "bench",
        "to": {"id": name},
        "inapp": {"title": f"Bench {number}"},
    }
    async with session.post(
        f"{server.url}/api/send",
        json=body,
        headers={"Authorization": f"Bearer {server.api_key}"},
    ) as answer:
        assert answer.status == 200, await answer.text()
    post.answered[number] = time.perf_counter()
