"""The web application: Reflex's pages, our HTTP routes and headers, on one port."""

# pyright: standard
# Reflex's own types are partly unknown to strict mode.

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

import reflex as rx

from inbox_app import bootstrap
from inbox_app.api.app import build
from inbox_app.cli.frontend import ROOT, SITE
from inbox_app.config import Settings
from inbox_app.runtime import Runtime
from inbox_app.services import delivering, housekeeping
from inbox_app.ui import application, bridge
from inbox_app.ui.headers import SecurityHeaders
from inbox_app.worker import Worker, running

TIDY_EVERY = 3600.0
"""Seconds."""

log = logging.getLogger(__name__)
settings = Settings.from_env()


@asynccontextmanager
async def opened() -> AsyncGenerator[None]:
    """Opens the runtime before the first request and closes it after the last one."""
    async with bootstrap.open_runtime(settings) as runtime:
        bridge.install(runtime)
        tidying = asyncio.create_task(_tidy_for_ever(runtime), name="housekeeping")
        try:
            async with _delivering(runtime):
                yield
        finally:
            tidying.cancel()
            await asyncio.wait([tidying])


@asynccontextmanager
async def _delivering(runtime: Runtime) -> AsyncGenerator[None]:
    """Delivers in this process, unless Redis is there to tell `inbox worker` processes."""
    if runtime.settings.redis_url is not None:
        yield
        return
    work, sweep = partial(delivering.work, runtime), partial(delivering.sweep, runtime)
    async with running(Worker(runtime.engine, work, sweep)):
        yield


async def _tidy_for_ever(runtime: Runtime) -> None:
    while True:
        try:
            await housekeeping.tidy(runtime)
        except Exception:
            log.exception("Housekeeping failed; it is tried again in an hour.")
        await asyncio.sleep(TIDY_EVERY)


headers = partial(
    SecurityHeaders, site=ROOT / SITE, https=settings.public_url.startswith("https://")
)

# Plain HTTP routes go in front; Reflex answers what they leave. Headers wrap everything.
app = rx.App(**application.OPTIONS, api_transformer=[build(bridge.runtime), headers])
application.install(app)
app.register_lifespan_task(opened)
