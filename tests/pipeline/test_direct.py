"""Messages of the server's own, to one address."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from inbox_app.domain.address_code import AddressKind
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound
from inbox_app.pipeline import direct
from inbox_app.runtime import Runtime
from inbox_app.services import users
from inbox_app.services.address_words import code_message
from inbox_app.storage.delivery_rows import DELIVERIES
from tests.factories import make_user


async def test_nothing_is_sent_to_who_was_just_deleted_and_no_address_stays(
    runtime: Runtime, environment: Environment
):
    user = await make_user(runtime, environment, "ada")
    await users.remove(runtime, environment, "ada")
    channel, content = code_message(AddressKind.EMAIL, "123456", "Acme", "en")
    to = (channel, "ada@acme.example")
    with pytest.raises(NotFound):
        await direct.send(runtime, environment, user, to, content)
    async with runtime.database.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(DELIVERIES)) == 0
