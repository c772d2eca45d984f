"""How long a search takes in a large inbox, and how long making its index holds up others."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy import insert

from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings, sqlite_url
from inbox_app.domain.feed import Box
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.domain.item_state import Counters
from inbox_app.domain.notification_type import NotificationType
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import environments, inbox, users
from inbox_app.storage import inbox as stored
from inbox_app.storage import migrate, types
from inbox_app.storage.item_rows import ITEMS, NOTIFICATIONS
from tests.benchmarks.depth import FIRST, STEP
from tests.benchmarks.table import Figure
from tests.databases import postgres_server

ITEMS_OF_ONE = 50_000
OTHERS, ITEMS_OF_OTHERS = 40, 1_000
VOCABULARY = 5_000
BUDGET = 50.0
ROUNDS = 30
PORTION = 1_000

_chance = random.Random(7)
WORDS = [
    "".join(_chance.choices("abcdefghijklmnoprstuvwz", k=_chance.randint(3, 9)))
    for _ in range(VOCABULARY)
]
QUERIES = {
    "a rare word": f'"{WORDS[4711]}"',
    "a word in every item": "always",
    "a first letter": WORDS[20][:1],
    "three letters": WORDS[20][:3],
    "two frequent words": f"{WORDS[1]} {WORDS[2]}",
    "a phrase": '"always here"',
    "a word and not another": f"{WORDS[30]} -{WORDS[10]}",
    "nothing": "nowhere",
    "a word among the unread": f"{WORDS[2]} is:unread",
    "no word, unread since a day": "is:unread after:2025-01-10",
    "a type": "type:bench",
}


def measure(items: int = ITEMS_OF_ONE) -> Iterator[Figure]:
    """Searches an inbox of so many items, with many others in the same index."""
    with tempfile.TemporaryDirectory(prefix="inbox-bench-") as folder:
        yield from asyncio.run(_measure("SQLite", sqlite_url(Path(folder) / "inbox.db"), items))
    # Outside the event loop: starting the server has one of its own.
    with (
        tempfile.TemporaryDirectory(prefix="inbox-bench-") as folder,
        postgres_server(Path(folder) / "server") as server,
        server.database() as url,
    ):
        yield from asyncio.run(_measure("PostgreSQL", url, items))


async def _measure(name: str, url: str, items: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="inbox-bench-") as folder:
        settings = Settings(data_dir=Path(folder), database_url=url)
        async with open_runtime(settings) as rt:
            person, *others = await _fill(rt, items)
            figures = [await _indexing(name, rt, person, items)]
            for other in others:
                await inbox.prepare(rt, other)
            figures += [await _search(name, rt, person, what) for what in QUERIES]
            return figures


async def _indexing(name: str, rt: Runtime, person: int, items: int) -> Figure:
    """Makes the index while another asks for the writer all the time."""
    ended = asyncio.Event()
    waits: list[float] = []

    async def write() -> None:
        while not ended.is_set():
            started = time.perf_counter()
            async with rt.database.write() as tx:
                await stored.advance(tx, {person: (0, Counters())})
            waits.append(time.perf_counter() - started)
            await asyncio.sleep(0.005)

    writer = asyncio.create_task(write())
    started = time.perf_counter()
    await inbox.prepare(rt, person, 600)
    took = time.perf_counter() - started
    ended.set()
    await writer
    longest = max(waits) * 1000
    note = f"index of {items:,} items made in {took:.1f} s; median {median(waits) * 1000:.1f} ms"
    return Figure(f"{name}: longest wait of a writer meanwhile", longest, 1000.0, "ms", note)


async def _search(name: str, rt: Runtime, person: int, what: str) -> Figure:
    wanted = InboxFilter(Box.EVERYTHING, query=QUERIES[what])
    found = await inbox.find(rt, person, wanted)
    times: list[float] = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await inbox.find(rt, person, wanted)
        times.append((time.perf_counter() - started) * 1000)
    note = f"{len(found.rows)} rows; of ten the slowest {quantiles(times, n=10)[-1]:.1f} ms"
    return Figure(f"{name}: search for {what}", median(times), BUDGET, "ms", note)


async def _fill(rt: Runtime, items: int) -> list[int]:
    """Makes inboxes past the application; the internal keys of their owners."""
    await migrate.upgrade(rt.database)
    environment = await environments.create(rt, "Bench")
    people = [
        (await users.identify(rt, environment, f"user-{n}", Profile())).id
        for n in range(1 + OTHERS)
    ]
    kind = NotificationType(ids.row_id(), environment.id, "bench", "Bench", ())
    async with rt.database.write() as tx:
        await types.add_missing(tx, [kind], FIRST)
    chance = random.Random(7)
    for place, person in enumerate(people):
        await _fill_one(rt, person, kind.id, items if place == 0 else ITEMS_OF_OTHERS, chance)
    return people


async def _fill_one(
    rt: Runtime, person: int, type_id: int, items: int, chance: random.Random
) -> None:
    for first in range(0, items, PORTION):
        rows = [_item(person, type_id, n, chance) for n in range(first, first + PORTION)]
        told = [
            {
                **{key: row[key] for key in ("tracking_id", "user_id", "type_id")},
                "request": "{}",
                "accepted_at": row["at"],
            }
            for row in rows
        ]
        unread = sum(row["opened"] is None for row in rows)
        counters = Counters(active=len(rows), unread=unread)
        async with rt.database.write() as tx:
            await stored.advance(tx, {person: (len(rows), counters)})
            await tx.execute(insert(NOTIFICATIONS), told)
            await tx.execute(insert(ITEMS), rows)


def _item(person: int, type_id: int, n: int, chance: random.Random) -> dict[str, Any]:
    # Few words are frequent and most are rare, as in any language.
    said = [WORDS[int(VOCABULARY ** chance.random())] for _ in range(40)]
    at = FIRST + STEP * n + timedelta(microseconds=person % 1000)
    return {
        "tracking_id": ids.tracking_id(),
        "user_id": person,
        "type_id": type_id,
        "at": at,
        "change": n + 1,
        "title": " ".join(["Always here", *said[:5]]),
        "body": " ".join(said[5:]),
        **dict.fromkeys(("html", "url", "image"), ""),
        "can_reply": True,
        "replies": 0,
        "seen": at,
        "opened": at if n % 10 else None,
    }
