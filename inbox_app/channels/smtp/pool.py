"""Connections to mail servers, kept for the next message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import cast

import aiosmtplib

from inbox_app.channels.smtp.settings import Security, SmtpSettings
from inbox_app.lib.mailbox import mailbox

MOST_CONNECTIONS = 16
"""To one server with one set of settings."""

IDLE_SECONDS = 30.0
"""Servers hang up after some minutes at the earliest (RFC 5321, 4.5.3.2.7)."""

FRESH_SECONDS = 1.0

REFUSALS = range(400, 600)
CHECK_SECONDS = 5.0
QUIT_SECONDS = 2.0


@dataclass(eq=False)
class Line:
    """One open connection.

    Attributes:
        reused: It carried a message before, so the server may have hung up unseen.
        needs_reset: The server still holds the envelope of a message it refused.
    """

    client: aiosmtplib.SMTP
    reused: bool = False
    needs_reset: bool = False
    idle_since: float = 0.0
    expiry: asyncio.TimerHandle | None = None


@dataclass(eq=False)
class _Pool:
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_CONNECTIONS))
    idle: list[Line] = field(default_factory=list[Line])


class SmtpPools:
    """A pool for each set of settings; one instance per process.

    Args:
        idle_seconds: How long a connection is kept that nobody uses.
        fresh_seconds: How long after its last use it is trusted without asking the server.
    """

    def __init__(
        self, idle_seconds: float = IDLE_SECONDS, fresh_seconds: float = FRESH_SECONDS
    ) -> None:
        self._idle_seconds = idle_seconds
        self._fresh_seconds = fresh_seconds
        self._pools: dict[SmtpSettings, _Pool] = {}
        self._ending: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def line(self, settings: SmtpSettings, *, fresh: bool = False) -> AsyncGenerator[Line]:
        """A connection that is signed in, nobody else's until the block ends.

        A block that raises ends the connection, for what state it is in is not known; unless it
        raises the server's refusal: the next message then begins with a reset.

        Args:
            fresh: A new one, not one that was kept.

        Raises:
            aiosmtplib.SMTPException, OSError, ValueError: no connection came about.
        """
        pool = self._pools.setdefault(settings, _Pool())
        async with pool.slots:
            line = None if fresh else await self._kept(pool)
            line = line or Line(await _connected(settings))
            try:
                yield line
            except aiosmtplib.SMTPResponseException as error:
                line.needs_reset = True
                if error.code in REFUSALS:
                    self._keep(pool, line)
                else:
                    _drop(line)
                raise
            except BaseException:
                _drop(line)
                raise
            line.needs_reset = False
            self._keep(pool, line)

    async def _kept(self, pool: _Pool) -> Line | None:
        while pool.idle:
            line = pool.idle.pop()
            if line.expiry is not None:
                line.expiry.cancel()
            try:
                alive = await _answers(line, self._fresh_seconds)
            except BaseException:
                # Nobody knows of it any more but this send, which ends here.
                _drop(line)
                raise
            if alive:
                line.reused = True
                return line
            _drop(line)
        return None

    def _keep(self, pool: _Pool, line: Line) -> None:
        if not line.client.is_connected:
            return
        loop = asyncio.get_running_loop()
        line.idle_since = loop.time()
        line.expiry = loop.call_later(self._idle_seconds, self._expire, pool, line)
        pool.idle.append(line)

    def _expire(self, pool: _Pool, line: Line) -> None:
        pool.idle.remove(line)
        task = asyncio.get_running_loop().create_task(_quit(line))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """Says goodbye on every idle connection."""
        lines = [line for pool in self._pools.values() for line in pool.idle]
        self._pools.clear()
        for line in lines:
            if line.expiry is not None:
                line.expiry.cancel()
        await asyncio.gather(*self._ending, *(_quit(line) for line in lines))


async def _connected(settings: SmtpSettings) -> aiosmtplib.SMTP:
    client = aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port,
        username=settings.username or None,
        password=settings.password.get_secret_value() if settings.username else None,
        local_hostname=settings.helo_name or mailbox(settings.from_address).domain,
        timeout=settings.timeout,
        use_tls=settings.security is Security.TLS,
        start_tls=settings.security is Security.STARTTLS,
        validate_certs=settings.verify_certificates,
    )
    await client.connect()
    return client


async def _answers(line: Line, fresh_seconds: float) -> bool:
    if not line.client.is_connected:
        return False
    idle = asyncio.get_running_loop().time() - line.idle_since
    if not line.needs_reset and idle < fresh_seconds:
        return True
    try:
        if line.needs_reset:
            await line.client.rset(timeout=CHECK_SECONDS)
        else:
            await line.client.noop(timeout=CHECK_SECONDS)
    except (aiosmtplib.SMTPException, OSError):
        return False
    return line.client.is_connected


def _drop(line: Line) -> None:
    """Ends it at once: a plain close would first wait until all that is written has left."""
    if line.client.transport is not None:
        cast("asyncio.Transport", line.client.transport).abort()
    line.client.close()


async def _quit(line: Line) -> None:
    with suppress(aiosmtplib.SMTPException, OSError):
        await line.client.quit(timeout=QUIT_SECONDS)
    _drop(line)
