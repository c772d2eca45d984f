"""``inbox doctor``: checks the set-up and says what to do."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import typer

from inbox_app.bootstrap import open_runtime
from inbox_app.cli import frontend, serve
from inbox_app.cli.session import sentence
from inbox_app.config import InvalidSettings, Settings
from inbox_app.domain.errors import InboxError
from inbox_app.lib.sealing import CannotUnseal
from inbox_app.live import redis_hub
from inbox_app.services import environments, health, integrations

LEAST_DISK = 500 * 1024 * 1024
OLDEST_PYTHON = (3, 11)


class Wrong(Exception):
    """A check failed; the message says what to do."""


@dataclass(frozen=True)
class Check:
    """Something to look at; ``look`` returns what it found or raises `Wrong`."""

    name: str
    look: Callable[[Settings], Awaitable[str]]


async def _python(_: Settings) -> str:
    if sys.version_info < OLDEST_PYTHON:
        raise Wrong("Install Python 3.11 or newer and run `make run` again.")
    return sys.version.split()[0]


async def _data_folder(settings: Settings) -> str:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    probe = settings.data_dir / ".doctor"
    probe.write_bytes(b"x")
    probe.unlink()
    free = shutil.disk_usage(settings.data_dir).free
    if free < LEAST_DISK:
        raise Wrong(f"Only {free // 1024**2} MiB are free in {settings.data_dir}: free some space.")
    return f"{settings.data_dir}, {free // 1024**3} GiB free"


async def _database(settings: Settings) -> str:
    async with open_runtime(settings) as rt:
        await health.check(rt)
        found = await environments.every(rt)
    kind = settings.database_url.partition("+")[0].partition(":")[0]
    return f"{kind}, {len(found)} environment(s)"


async def _integrations(settings: Settings) -> str:
    async with open_runtime(settings) as rt:
        await health.check(rt)
        wrong = await integrations.troubled(rt)
    if wrong:
        told = (f"{e.integration.channel} by {e.integration.name}: {e.problem}" for e in wrong)
        raise Wrong(" ".join(told))
    return "none needs mending"


async def _redis(settings: Settings) -> str:
    if settings.redis_url is None:
        return "not used (one process)"
    await redis_hub.check(settings.redis_url)
    return "answers"


async def _front_end(_: Settings) -> str:
    if not frontend.is_current(frontend.ROOT):
        raise Wrong("It is not built or out of date: `inbox run` builds it.")
    return "built"


async def _port(settings: Settings) -> str:
    try:
        serve.ensure_port_free(settings.host, settings.port)
    except serve.CannotServe as error:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((settings.host, settings.port)) == 0:
                return f"{settings.port} is in use: the server runs, or another program does"
        raise Wrong(str(error)) from error
    return f"{settings.port} is free"


CHECKS = (
    Check("Python", _python),
    Check("Data folder", _data_folder),
    Check("Database", _database),
    Check("Integrations", _integrations),
    Check("Redis", _redis),
    Check("Front end", _front_end),
    Check("Port", _port),
)


def doctor() -> None:
    """Checks the set-up and says what to do; status 1 when something is wrong."""
    try:
        settings = Settings.from_env()
    except InvalidSettings as error:
        typer.echo(f"✗ Settings     {error}")
        raise typer.Exit(1) from None
    if not all(asyncio.run(_look(settings))):
        raise typer.Exit(1)


async def _look(settings: Settings) -> list[bool]:
    return [await _report(check, settings) for check in CHECKS]


async def _report(check: Check, settings: Settings) -> bool:
    try:
        found = await check.look(settings)
    except (Wrong, InboxError, CannotUnseal, OSError) as error:
        typer.echo(f"✗ {check.name:<12} {sentence(error)}")
        return False
    typer.echo(f"✓ {check.name:<12} {found}")
    return True
