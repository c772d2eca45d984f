"""Users, as the sender's application knows them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound
from inbox_app.domain.user import Profile, User
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services.erasing import erase
from inbox_app.storage import users

LARGEST_PAGE = 1_000


@dataclass(frozen=True)
class UserPage:
    """Users by id; ``more`` tells whether others follow the last one."""

    users: list[User]
    more: bool


async def find(rt: Runtime, environment: Environment, user_id: str) -> User | None:
    async with rt.database.read() as tx:
        return await users.find(tx, environment.id, user_id)


async def identify(rt: Runtime, environment: Environment, user_id: str, profile: Profile) -> User:
    """Creates the user or merges into it, and records that the person was here."""
    now = rt.clock.now()
    async with rt.database.write() as tx:
        await users.add_missing(
            tx, [User(ids.row_id(), environment.id, user_id, created_at=now, updated_at=now)]
        )
        key = (environment.id, user_id)
        user = (await users.find_many(tx, [key], to_change=True))[key]
        user = replace(user, profile=user.profile.merged(profile), updated_at=now, last_seen_at=now)
        await users.save(tx, [user])
    return user


async def page(rt: Runtime, environment: Environment, limit: int, after: str) -> UserPage:
    """Up to ``limit`` users whose id follows ``after``."""
    limit = max(1, min(limit, LARGEST_PAGE))
    async with rt.database.read() as tx:
        found = await users.page(tx, environment.id, limit + 1, after)
    return UserPage(found[:limit], len(found) > limit)


async def remove(rt: Runtime, environment: Environment, user_id: str) -> None:
    """Deletes a user with every notification, reply and session of theirs.

    Raises:
        NotFound: there is no such user in this environment.
    """
    user = await find(rt, environment, user_id)
    if user is None:
        raise NotFound(f"There is no user {user_id!r} in this environment.")
    await erase(rt, user.id)
