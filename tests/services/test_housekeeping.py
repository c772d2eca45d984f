"""Housekeeping: what has expired is forgotten, and nothing else."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from inbox_app.domain.environment import Environment
from inbox_app.domain.receipt import Proof
from inbox_app.runtime import Runtime
from inbox_app.services import access, housekeeping
from inbox_app.storage import proofs
from tests.clock import SetClock
from tests.factories import send

TABLES = ("sessions", "used_tokens", "idempotency_keys", "used_proofs")


async def stored(rt: Runtime) -> list[int]:
    async with rt.database.read() as tx:
        rows = [await tx.scalar(text(f"SELECT COUNT(*) FROM {table}")) for table in TABLES]
    return [count or 0 for count in rows]


async def test_each_thing_is_kept_as_long_as_it_is_of_use(
    runtime: Runtime, environment: Environment, clock: SetClock
):
    link = await access.sign_in_link(runtime, environment, "ada")
    await access.sign_in(runtime, link.partition("token=")[2])
    await send(runtime, environment, key=("key-1", "hash"))
    async with runtime.database.write() as tx:
        await proofs.use(tx, Proof("name", "report", clock.at + timedelta(hours=9)))
    await housekeeping.tidy(runtime)
    assert await stored(runtime) == [1, 1, 1, 1]
    clock.advance(minutes=11)
    await housekeeping.tidy(runtime)
    assert await stored(runtime) == [1, 0, 1, 1]
    clock.advance(hours=9)
    await housekeeping.tidy(runtime)
    assert await stored(runtime) == [1, 0, 1, 0]
    clock.advance(days=7)
    await housekeeping.tidy(runtime)
    assert await stored(runtime) == [1, 0, 0, 0]
    clock.advance(days=runtime.settings.session_days)
    await housekeeping.tidy(runtime)
    assert await stored(runtime) == [0, 0, 0, 0]
