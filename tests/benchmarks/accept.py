"""Accepted sends per second, as a share of what an empty handler answers per second."""

from __future__ import annotations

import itertools
import json
import sqlite3
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from sqlalchemy.engine import make_url

from tests.benchmarks import load
from tests.benchmarks.served import FLOOR, USAGE, Served, is_built, served
from tests.benchmarks.table import Figure

BUDGET = 0.45
CONNECTIONS = 50
ROUNDS = 7
SECONDS = 3.0
USERS = 200
WARM_UP = 1.0


def measure(rounds: int = ROUNDS) -> Iterator[Figure]:
    """Alternates both loads on one server, round by round."""
    with (
        tempfile.TemporaryDirectory(prefix="inbox-bench-") as folder,
        served(Path(folder), whole=is_built()) as server,
    ):
        yield from _rounds(server, rounds)


def _rounds(server: Served, rounds: int) -> Iterator[Figure]:
    where = "whole app" if server.whole else "API app alone: the front end is not built"
    sends, empty = _sends(server), itertools.repeat(load.post(FLOOR, _body(1)))
    _load(server, empty, WARM_UP)
    accepted = _load(server, sends, WARM_UP).answers
    rates: list[tuple[float, float]] = []
    costs: list[tuple[float, float]] = []
    for _ in range(rounds):
        (floor, floor_cost), (sent, send_cost) = (_costed(server, each) for each in (empty, sends))
        accepted += sent.answers
        rates.append((sent.rate, floor.rate))
        costs.append((send_cost, floor_cost))
    stored = _stored(server)
    if stored != accepted:
        raise AssertionError(f"{accepted} sends were accepted and {stored} are stored.")
    yield Figure(
        f"accepted sends / empty handler ({where})",
        median(send / floor for send, floor in rates),
        BUDGET,
        "share",
        note=f"{median(r[0] for r in rates):,.0f}/s of {median(r[1] for r in rates):,.0f}/s, "
        f"rounds {min(s / f for s, f in rates):.2f} to {max(s / f for s, f in rates):.2f}",
        at_least=True,
    )
    yield Figure(
        "the same by processor time",
        median(floor / send for send, floor in costs),
        None,
        "share",
        note=f"{median(c[0] for c in costs) * 1e6:,.0f} µs a send, "
        f"{median(c[1] for c in costs) * 1e6:,.0f} µs an empty answer",
    )


def _load(server: Served, requests: Iterator[bytes], seconds: float = SECONDS) -> load.Measured:
    done = load.run(server.port, requests, connections=CONNECTIONS, seconds=seconds)
    if done.refused:
        raise AssertionError(f"{done.refused} requests failed: {done.first_refusal.decode()}")
    return done


def _costed(server: Served, requests: Iterator[bytes]) -> tuple[load.Measured, float]:
    """A stretch of load, and the server's processor seconds per answer."""
    before = _cpu(server)
    done = _load(server, requests)
    return done, (_cpu(server) - before) / done.answers


def _cpu(server: Served) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{USAGE}") as answer:
        return json.load(answer)["cpu"]


def _sends(server: Served) -> Iterator[bytes]:
    return itertools.cycle(
        load.post("/api/send", _body(number), Authorization=f"Bearer {server.api_key}")
        for number in range(USERS)
    )


def _body(number: int) -> bytes:
    return json.dumps(
        {
            "type": "order_shipped",
            "to": {"id": f"user-{number}", "email": f"user-{number}@example.com"},
            "inapp": {
                "title": "Order {{order}} has shipped",
                "body": "It should be with you on {{day}}.",
                "url": f"https://shop.example.com/orders/{number}",
            },
            "parameters": {"order": str(number), "day": "Thursday"},
        }
    ).encode()


def _stored(server: Served) -> int:
    """How many of our sends are in the database."""
    path = make_url(server.database).database
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        row = database.execute(
            "SELECT count(*) FROM inbox_items JOIN users ON users.id = user_id"
            " WHERE external_id LIKE 'user-%'"
        ).fetchone()
    return row[0]
