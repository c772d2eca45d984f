"""Addresses that are not to be used."""

from __future__ import annotations

from inbox_app.domain.address import GIVEN_OUT
from inbox_app.domain.delivery import Suppression
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import User
from inbox_app.runtime import Runtime
from inbox_app.storage import addresses, outbox, users

LARGEST_PAGE = 1_000


async def page(
    rt: Runtime, environment: Environment, channel: Channel, limit: int, after: str
) -> list[Suppression]:
    """Up to ``limit`` suppressed addresses of a channel that follow ``after``, by address."""
    most = max(1, min(limit, LARGEST_PAGE))
    async with rt.database.read() as tx:
        return await outbox.suppressions(tx, environment.id, channel, most, after)


async def lift(rt: Runtime, environment: Environment, user_id: str, channel: Channel) -> User:
    """Allows a user's addresses on a channel again, whatever the reason was; the user.

    Raises:
        NotFound: there is no such user in this environment.
    """
    async with rt.database.write() as tx:
        user = await users.find(tx, environment.id, user_id)
        if user is None:
            raise NotFound(f"There is no user {user_id!r} in this environment.")
        known = user.profile.addresses(channel)
        await outbox.unsuppress(tx, environment.id, channel, known)
        if channel in GIVEN_OUT:
            named = [(channel, each) for each in known]
            await addresses.revive(tx, user.id, named, rt.clock.now())
    return user
