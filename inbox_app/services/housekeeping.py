"""Forgetting what has expired."""

from __future__ import annotations

from datetime import timedelta

from inbox_app.runtime import Runtime
from inbox_app.storage import environments, notifications, sessions

IDEMPOTENCY_KEYS = timedelta(days=7)
"""How long a sender may repeat a request under its idempotency key."""


async def tidy(rt: Runtime) -> None:
    """Drops expired sessions, used sign-in links and old idempotency keys."""
    now = rt.clock.now()
    async with rt.database.write() as tx:
        await sessions.forget_expired(tx, now)
        await environments.forget_tokens(tx, now)
        await notifications.forget_keys(tx, now - IDEMPOTENCY_KEYS)
