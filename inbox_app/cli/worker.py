"""``inbox worker``: a process that only delivers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Annotated

import typer

from inbox_app.cli.serve import configure_logging
from inbox_app.cli.session import explained, with_runtime
from inbox_app.config import MOST_PARALLEL, Settings
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, health
from inbox_app.worker import Worker, install_signals


def worker(
    parallel: Annotated[
        int | None,
        typer.Option(
            min=1, max=MOST_PARALLEL, help="Batches at a time; default INBOX_WORKER_PARALLEL."
        ),
    ] = None,
) -> None:
    """Delivers what is due until SIGTERM or Ctrl+C; a second one ends it at once."""
    with explained():
        settings = Settings.from_env()
        if parallel is not None:
            settings = replace(settings, worker_parallel=parallel)
        configure_logging()
        asyncio.run(with_runtime(settings, _work))


async def _work(rt: Runtime) -> None:
    stop = asyncio.Event()
    install_signals(stop)
    await health.check(rt)
    await Worker(rt.engine, partial(delivering.work, rt), partial(delivering.sweep, rt)).run(stop)
