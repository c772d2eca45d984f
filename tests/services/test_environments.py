"""Environments and their keys."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from inbox_app.domain.errors import NotFound
from inbox_app.runtime import Runtime
from inbox_app.services import environments
from tests.clock import SetClock
from tests.factories import make_environment, make_key


async def test_an_environment_comes_back_as_it_was_made(runtime: Runtime):
    made = await make_environment(runtime, "Acme")
    assert await environments.every(runtime) == [made]
    assert made.client_id.startswith("client_")


async def test_the_client_secret_is_stored_sealed(runtime: Runtime):
    made = await make_environment(runtime)
    async with runtime.database.read() as tx:
        row = (await tx.execute(text("SELECT * FROM environments"))).mappings().one()
    assert made.client_secret not in str(dict(row))
    assert made.client_secret not in repr(made)


async def test_of_a_key_only_a_hash_and_a_hint_are_stored(runtime: Runtime):
    secret = await make_key(runtime, await make_environment(runtime))
    async with runtime.database.read() as tx:
        row = (await tx.execute(text("SELECT * FROM api_keys"))).mappings().one()
    assert secret not in str(dict(row))
    assert row["hint"] == secret[-4:]


async def test_without_a_name_the_oldest_environment_is_meant(runtime: Runtime, clock: SetClock):
    oldest = await make_environment(runtime, "First")
    clock.advance(days=1)
    newer = await make_environment(runtime, "Second")
    assert await environments.named(runtime, None) == oldest
    assert await environments.named(runtime, newer.client_id) == newer


@pytest.mark.parametrize("client_id", [None, "client_unknown", ""])
async def test_an_environment_that_is_not_there_is_told(runtime: Runtime, client_id: str | None):
    with pytest.raises(NotFound):
        await environments.named(runtime, client_id)


async def test_secure_mode_is_switched_on_and_off(runtime: Runtime):
    made = await make_environment(runtime)
    for secure in (True, False):
        await environments.set_secure_mode(runtime, made, secure)
        assert (await environments.named(runtime, None)).secure_mode is secure
