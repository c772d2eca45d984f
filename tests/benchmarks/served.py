"""The server under test, in a process of its own, with an empty handler beside the real ones.

``python -m tests.benchmarks.served DATA_DIR PORT full|api`` serves with the launcher's settings and
prints one JSON line when it is ready: address, API key, and the like.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import secrets
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.routing import Router
from starlette.types import ASGIApp

from inbox_app.api.app import build
from inbox_app.bootstrap import open_runtime
from inbox_app.cli import frontend, serve
from inbox_app.config import Settings
from inbox_app.lib import signing
from inbox_app.runtime import Runtime
from inbox_app.services import access, demo, first_start
from inbox_app.storage import migrate
from tests.browser.server import free_port

FLOOR = "/api/floor"
USAGE = "/api/floor/usage"

floor = APIRouter()


@floor.post("/floor")
async def empty() -> dict[str, str]:
    """What any request costs at least in this stack."""
    return {"status": "ok"}


floor.get("/floor")(empty)


@floor.get("/floor/usage")
async def usage() -> dict[str, float]:
    """Processor seconds and memory this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "cpu": used.ru_utime + used.ru_stime,
        "memory": pages * resource.getpagesize(),
    }


@dataclass(frozen=True)
class Served:
    """A running server under test."""

    port: int
    api_key: str
    client_id: str
    client_secret: str
    sign_in: str
    database: str
    whole: bool
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def sign_in_url(self, user_id: str) -> str:
        """A fresh link; each works once."""
        token = signing.sign_in_token(
            *(self.client_id, self.client_secret, user_id, secrets.token_hex(11)),
            *(datetime.now(UTC), timedelta(minutes=5)),
        )
        return f"{self.url}/sign-in?token={token}"


def is_built() -> bool:
    """Whether there is a front end, so that the whole app can be served."""
    return (frontend.ROOT / frontend.STAMP).exists()


@contextmanager
def served(data_dir: Path, *, whole: bool) -> Generator[Served]:
    """Starts the server and stops it at the end.

    Args:
        data_dir: Its data folder.
        whole: The app with its pages and headers; else the API alone.
    """
    port = free_port()
    command = [
        *(sys.executable, "-m", "tests.benchmarks.served"),
        *(str(data_dir), str(port), "full" if whole else "api"),
    ]
    with subprocess.Popen(command, cwd=frontend.ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            ready = json.loads(process.stdout.readline())
            yield Served(port=port, whole=whole, process=process, **ready)
        finally:
            process.terminate()


def whole_app() -> ASGIApp:
    """The real app, with the empty handler."""
    from inbox_app import inbox_app  # noqa: PLC0415 - reads the settings at import

    transformers: Any = inbox_app.app.api_transformer
    _add_floor(transformers[0])
    return inbox_app.app()


def api_app(settings: Settings) -> Starlette:
    """The API alone, with the empty handler."""
    opened: list[Runtime] = []

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        async with open_runtime(settings) as rt:
            opened.append(rt)
            yield

    app = build(lambda: opened[0])
    app.router.lifespan_context = lifespan
    _add_floor(app)
    return app


def _add_floor(app: Starlette) -> None:
    """Puts the empty handler first of FastAPI's."""
    mounted: Any = next(route for route in app.routes if getattr(route, "path", "") == "/api")
    inner: Any = mounted.app
    while not isinstance(inner, FastAPI):
        inner = inner.default if isinstance(inner, Router) else inner.app
    known = list(inner.router.routes)
    inner.include_router(floor)
    added = [route for route in inner.router.routes if route not in known]
    inner.router.routes[:] = [*added, *known]


async def _prepare(settings: Settings) -> dict[str, Any]:
    async with open_runtime(settings) as rt:
        await migrate.upgrade(rt.database)
        await first_start.ensure(rt)
        found = await demo.open_access(rt)
        assert found
        return {
            "api_key": found.api_key,
            "client_id": found.environment.client_id,
            "client_secret": found.environment.client_secret,
            "sign_in": await access.sign_in_link(rt, found.environment, "bench", access.DEMO_LINK),
            "database": settings.database_url,
        }


def main(data_dir: str, port: str, which: str) -> None:
    settings = Settings(
        port=int(port), data_dir=Path(data_dir), database_url=os.environ.get("BENCH_DATABASE", "")
    )
    line = json.dumps(asyncio.run(_prepare(settings)))
    serve.configure_logging()
    logging.getLogger().setLevel(logging.ERROR)
    if which == "full":
        serve.hand_to_reflex(settings)
    config = serve._uvicorn_config(settings)  # pyright: ignore[reportPrivateUsage]
    config.app = whole_app if which == "full" else lambda: api_app(settings)
    server = serve._Server(  # pyright: ignore[reportPrivateUsage]
        config,
        settings.public_url,
        lambda: print(line, flush=True),  # noqa: T201 - read by the parent
    )
    server.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
