"""The server is killed in the middle of a run, again and again, and nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox_app.cli.frontend import ROOT, ensure_built
from tests.browser.server import Server
from tests.chaos import ledger
from tests.chaos.crowd import Crowd, errands

USERS = [f"user-{n}" for n in range(20)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    ensure_built(ROOT, print)
    running = Server(tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("sends", "clients", "kills"),
    [
        pytest.param(300, 20, 3, id="3-kills"),
        pytest.param(
            1000, 50, 20, id="20-kills", marks=[pytest.mark.matrix, pytest.mark.timeout(900)]
        ),
    ],
)
async def test_a_killed_server_loses_and_doubles_nothing(
    server: Server, sends: int, clients: int, kills: int
) -> None:
    access = server.credentials()
    crowd = Crowd(access["base_url"], access["api_key"])
    work = errands(sends, USERS)
    moments = sorted(random.Random(sends).sample(range(1, sends - 1), kills))
    up = asyncio.Event()
    up.set()

    async def kill_when_due(answered: int) -> None:
        if moments and answered >= moments[0] and up.is_set():
            moments.pop(0)
            up.clear()
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
            up.set()

    await crowd.send(work, clients, kill_when_due, up)
    assert moments == [], "every kill took place"
    ledger.check(server.folder / "inbox.db", crowd, work)
