"""The composition root: the only place that constructs the parts of a process."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

from inbox_app.channels.spec import Resources, Tools
from inbox_app.config import MIN_SECRET_LENGTH, InvalidSettings, Settings
from inbox_app.engine.engine import Engine, LocalEngine
from inbox_app.engine.limits import Limiter, LocalLimiter
from inbox_app.engine.redis_engine import RedisEngine
from inbox_app.engine.redis_limiter import RedisLimiter
from inbox_app.lib.clock import Clock, SystemClock
from inbox_app.lib.gathering import Gatherer
from inbox_app.lib.http import Http
from inbox_app.lib.http2 import Http2
from inbox_app.lib.memo import Memo
from inbox_app.lib.sealing import Sealer
from inbox_app.live.hub import Hub, LocalHub
from inbox_app.live.redis_hub import RedisHub
from inbox_app.pipeline.accept import Acceptor
from inbox_app.pipeline.changes import ChangeReader
from inbox_app.pipeline.mail_reports import Recorder
from inbox_app.runtime import Runtime
from inbox_app.storage.engine import Database

MEMORY = timedelta(seconds=5)
"""How long what was revoked, ended or changed may still be taken for valid."""
READERS, MOST_READERS = 64, 1_000_000
"""Who are told together what changed, and how many may wait; an open tab waits once."""

KEY_FILE = "secret.key"


@asynccontextmanager
async def open_runtime(settings: Settings, clock: Clock | None = None) -> AsyncGenerator[Runtime]:
    """Makes a process's parts, and closes them in order at the end."""
    database = Database(settings.database_url)
    hub = await _hub(settings)
    clock = clock or SystemClock()
    engine, limiter = _engine(settings), _limiter(settings)
    runtime = Runtime(
        settings=settings,
        clock=clock,
        database=database,
        hub=hub,
        sealer=Sealer(settings.secret_key or _kept_key(settings.data_dir)),
        sends=Gatherer(Acceptor(database, hub, engine)),
        changes=Gatherer(ChangeReader(database, clock), largest=READERS, waiting=MOST_READERS),
        reports=Gatherer(Recorder(database)),
        keys=Memo(MEMORY),
        integrations=Memo(MEMORY),
        visits=Memo(MEMORY),
        engine=engine,
        tools=_tools(settings, clock),
        limiter=limiter,
    )
    try:
        yield runtime
    finally:
        await runtime.sends.drain()
        await runtime.reports.drain()
        await runtime.changes.drain()
        await engine.close()
        await runtime.tools.close()
        if isinstance(limiter, RedisLimiter):
            await limiter.close()
        await hub.close()
        await database.close()


def _tools(settings: Settings, clock: Clock) -> Tools:
    allow, proxy = settings.allow_hosts, settings.proxy
    http, http2 = Http(allow=allow, proxy=proxy), Http2(allow=allow, proxy=proxy)
    return Tools(http, clock.now, resources=Resources(http2))


async def _hub(settings: Settings) -> Hub:
    if settings.redis_url is None:
        return LocalHub()
    return await RedisHub.connect(settings.redis_url)


def _engine(settings: Settings) -> Engine:
    if settings.redis_url is None:
        return LocalEngine(settings.worker_parallel)
    return RedisEngine(settings.redis_url, settings.worker_parallel)


def _limiter(settings: Settings) -> Limiter:
    return LocalLimiter() if settings.redis_url is None else RedisLimiter(settings.redis_url)


def _kept_key(data_dir: Path) -> str:
    """The key in the data folder, made on first start and readable by its owner alone.

    Raises:
        InvalidSettings: the file holds no key.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / KEY_FILE
    if not path.exists():
        _make_key(path)
    key = path.read_text().strip()
    if len(key) < MIN_SECRET_LENGTH:
        raise InvalidSettings(f"{path} holds no usable key: restore it from a backup.")
    return key


def _make_key(path: Path) -> None:
    """Written aside and linked in: of two processes that start together both read one key."""
    handle, aside = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            # The database that depends on it survives a power cut, and so must the key.
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(aside, path)
    finally:
        os.unlink(aside)
