"""Processes of ``inbox worker``."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inbox_app.cli.frontend import ROOT
from inbox_app.config import Settings

STARTED: Final = b"The worker has started."
PATIENCE: Final = 60.0
"""Seconds until a worker that does not start counts as broken."""


@dataclass(frozen=True)
class WorkerProcess:
    """One process, and the file of what it says."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def started(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"A worker ended by itself: {self.log.read_text()}")
        return STARTED in self.log.read_bytes()


class Workers:
    """Worker processes that can be killed.

    Args:
        settings: Of the processes; they may call this machine.
        many: How many there should be.
        redis_url: What carries wakes to them, or None.
        lease_seconds: How soon the others take over from one that is killed.
    """

    def __init__(
        self, settings: Settings, many: int, redis_url: str | None, *, lease_seconds: int = 1
    ) -> None:
        self._environment = environment_of(settings, redis_url, lease_seconds)
        self._folder = settings.data_dir
        self._many = many
        self._running: list[WorkerProcess] = []

    @property
    def pids(self) -> list[int]:
        return [each.process.pid for each in self._running]

    def start(self) -> None:
        """Brings the number of processes back to what it should be."""
        command = [sys.executable, "-m", "inbox_app", "worker"]
        while len(self._running) < self._many:
            handle, log = tempfile.mkstemp(prefix="worker-", suffix=".log", dir=self._folder)
            with open(handle, "wb") as said:
                process = subprocess.Popen(
                    command, cwd=ROOT, env=self._environment, stderr=said.fileno()
                )
            self._running.append(WorkerProcess(process, Path(log)))

    async def started(self) -> None:
        """Waits until all of them listen."""
        async with asyncio.timeout(PATIENCE):
            while not all(each.started for each in self._running):
                # What another process writes cannot be awaited.
                await asyncio.sleep(0.05)

    def kill_one(self, chance: random.Random) -> None:
        """Kills one that listens already, if there is such a one."""
        victim = chance.choice([each for each in self._running if each.started] or self._running)
        self._running.remove(victim)
        victim.process.kill()
        victim.process.wait()

    def stop(self) -> Sequence[int]:
        """Ends them in an orderly way; their exit statuses."""
        for each in self._running:
            each.process.send_signal(signal.SIGTERM)
        stopped = [each.process.wait(timeout=30) for each in self._running]
        self._running.clear()
        return stopped


def environment_of(settings: Settings, redis_url: str | None, lease_seconds: int) -> dict[str, str]:
    """What a process has to be told in order to work with the same settings."""
    url = settings.database_url.replace("+aiosqlite", "").replace("+asyncpg", "")
    return {
        **os.environ,
        "INBOX_DATA_DIR": str(settings.data_dir),
        "INBOX_DATABASE_URL": url,
        "INBOX_SECRET_KEY": settings.secret_key or "",
        "INBOX_REDIS_URL": redis_url or "",
        "INBOX_ALLOW_HOSTS": "127.0.0.1",
        "INBOX_LEASE_SECONDS": str(lease_seconds),
    }
