"""A real server process, started the way people start it."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any, Final

import httpx

from inbox_app.cli.frontend import ROOT

READY: Final = "Ready at"
PATIENCE: Final = 60.0
"""Seconds until a start counts as failed."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One data folder and the process that serves it; may be killed and started again.

    Args:
        settings: More of its environment.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._settings = dict(settings or {})
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.lines: list[str] = []
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        process = subprocess.Popen(
            [sys.executable, "-m", "inbox_app", "run"],
            cwd=ROOT,
            env=self._env(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._process = process
        ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(process.stdout, ready))
        self._reader.start()
        if not ready.wait(PATIENCE) or process.poll() is not None:
            raise AssertionError("The server did not start:\n" + "".join(self.lines))
        httpx.get(f"{self.url}/readyz").raise_for_status()

    def kill(self) -> None:
        """As a crash would: no chance to say goodbye."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    @contextmanager
    def hanging(self) -> Generator[None]:
        """Meanwhile it takes connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def database(self) -> sqlite3.Connection:
        """The server's database, to break it and to mend it."""
        return sqlite3.connect(self.folder / "inbox.db")

    def credentials(self) -> dict[str, Any]:
        """What ``inbox demo --json`` prints."""
        command = [sys.executable, "-m", "inbox_app", "demo", "--json"]
        printed = subprocess.run(
            command, cwd=ROOT, env=self._env(), check=True, stdout=subprocess.PIPE, text=True
        )
        return json.loads(printed.stdout)

    def _env(self) -> dict[str, str]:
        return os.environ | {
            "INBOX_PORT": str(self.port),
            "INBOX_HOST": "127.0.0.1",
            "INBOX_DATA_DIR": str(self.folder),
            "INBOX_PUBLIC_URL": self.url,
            **self._settings,
        }

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE)
            self._reader.join(PATIENCE)
            self._process = None

    def _read(self, output: IO[str] | None, ready: threading.Event) -> None:
        with output or nullcontext(()) as lines:
            for line in lines:
                self.lines.append(line)
                if READY in line:
                    ready.set()
        ready.set()
