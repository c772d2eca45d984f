"""Whether reading an inbox costs the same however much is in it."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings
from inbox_app.domain.feed import Box, Cursor, micros
from inbox_app.domain.user import Profile
from inbox_app.runtime import Runtime
from inbox_app.services import environments, inbox, users
from inbox_app.storage import migrate
from tests.benchmarks.table import Figure

SMALL, LARGE = 10_000, 1_000_000
BUDGET = 2.0
ROUNDS = 200
OTHERS = 10
"""Other people share the tables; each has a hundredth of the items."""
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
STEP = timedelta(seconds=20)

NOTIFICATION = """
INSERT INTO notifications (tracking_id, user_id, type_id, request, accepted_at)
VALUES (?, ?, ?, '{}', ?)
"""
ITEM = """
INSERT INTO inbox_items (tracking_id, user_id, type_id, at, change, title, body, html, url, image,
  can_reply, replies, seen, opened, archived)
VALUES (?, ?, ?, ?, ?, ?, 'Some words about it', '', '', '', 1, 0, ?, ?, ?)
"""
STATE = """
INSERT OR REPLACE INTO inbox_states (user_id, change, active, unread, unseen, archived)
SELECT user_id, max(change), sum(archived IS NULL), sum(archived IS NULL AND opened IS NULL),
  sum(seen IS NULL), sum(archived IS NOT NULL) FROM inbox_items GROUP BY user_id
"""

Read = Callable[[Runtime, int], Awaitable[object]]


def measure(items: int = LARGE) -> Iterator[Figure]:
    """Reads a small and a large inbox in turns and compares."""
    with tempfile.TemporaryDirectory(prefix="inbox-bench-") as folder:
        yield from asyncio.run(_compare(Path(folder), items))


async def _compare(folder: Path, items: int) -> list[Figure]:
    small, large = Settings(data_dir=folder / "small"), Settings(data_dir=folder / "large")
    async with open_runtime(small) as one, open_runtime(large) as other:
        few, many = await _fill(one, SMALL), await _fill(other, items)
        middle = Cursor(FIRST + STEP * (SMALL // 2)), Cursor(FIRST + STEP * (items // 2))
        return [
            await _figure(
                name, items, [(one, few, make(middle[0])), (other, many, make(middle[1]))]
            )
            for name, make in READS.items()
        ]


def _page(box: Box) -> Callable[[Cursor], Read]:
    return lambda _: lambda rt, user_id: inbox.page(rt, user_id, box)


def _deep_page(box: Box) -> Callable[[Cursor], Read]:
    return lambda middle: lambda rt, user_id: inbox.page(rt, user_id, box, middle.encode())


READS: dict[str, Callable[[Cursor], Read]] = {
    "unread count": lambda _: inbox.state,
    **{f"first page, {box}": _page(box) for box in Box},
    **{f"page from the middle, {box}": _deep_page(box) for box in Box},
}


async def _figure(name: str, items: int, reads: list[tuple[Runtime, int, Read]]) -> Figure:
    times: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        for kept, (rt, user_id, read) in zip(times, reads, strict=True):
            started = time.perf_counter()
            await read(rt, user_id)
            kept.append(time.perf_counter() - started)
    small, large = (median(kept) * 1000 for kept in times)
    note = f"{small:.2f} and {large:.2f} ms"
    return Figure(f"{name}: {items:,} items to {SMALL:,}", large / small, BUDGET, "times", note)


async def _fill(rt: Runtime, items: int) -> int:
    """Makes an inbox past the application; the internal key of its owner."""
    await migrate.upgrade(rt.database)
    environment = await environments.create(rt, "Bench")
    people = [
        (await users.identify(rt, environment, f"user-{n}", Profile())).id
        for n in range(1 + OTHERS)
    ]
    await asyncio.to_thread(insert, rt.settings.data_dir / "inbox.db", people, items)
    return people[0]


def insert(path: Path, people: list[int], items: int) -> None:
    """Stores items, those of the first person and a hundredth of them for each other."""
    with closing(sqlite3.connect(path)) as connection, connection:
        environment = connection.execute("SELECT id FROM environments").fetchone()[0]
        connection.execute(
            "INSERT INTO notification_types"
            " (id, environment_id, name, title, channels, enabled, created_at)"
            " VALUES (1, ?, 'bench', 'Bench', '[]', 1, 0)",
            [environment],
        )
        for place, user_id in enumerate(people):
            count = items if place == 0 else items // 100
            connection.executemany(NOTIFICATION, _notifications(user_id, place, count))
            connection.executemany(ITEM, _items(user_id, place, count))
        connection.execute(STATE)
        connection.execute("ANALYZE")


def _notifications(user_id: int, place: int, count: int) -> Iterator[tuple[Any, ...]]:
    for n in range(count):
        yield _id(n, place), user_id, 1, _at(n)


def _items(user_id: int, place: int, count: int) -> Iterator[tuple[Any, ...]]:
    """A third is archived, half of the rest is read, a tenth was never seen."""
    for n in range(count):
        at = _at(n)
        archived = at if n % 3 == 0 else None
        opened = at if archived or n % 2 == 0 else None
        seen = None if opened is None and n % 5 == 0 else at
        yield _id(n, place), user_id, 1, at, n + 1, f"Number {n}", seen, opened, archived


def _id(n: int, place: int) -> str:
    return f"{n:08x}-0000-7000-8000-{place:012x}"


def _at(n: int) -> int:
    return micros(FIRST + STEP * n)
