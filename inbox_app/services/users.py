"""Users, as the sender's application knows them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound, Unauthenticated
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile, User
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services.erasing import erase
from inbox_app.storage import addresses, sessions, users

LARGEST_PAGE = 1_000


@dataclass(frozen=True)
class UserPage:
    """Users by id; ``more`` tells whether others follow the last one."""

    users: list[User]
    more: bool


async def find(rt: Runtime, environment: Environment, user_id: str) -> User | None:
    async with rt.database.read() as tx:
        return await users.find(tx, environment.id, user_id)


async def identify(
    rt: Runtime,
    environment: Environment,
    user_id: str,
    profile: Profile,
    *,
    in_person: bool = False,
    session_id: int | None = None,
) -> User:
    """Creates the user or merges into it, and records that the person was here.

    What it tells of devices and chats is used, even what was found dead before.

    Args:
        in_person: It is a device of the person that speaks, so what it says of devices is added;
            an application says all there are.
        session_id: The browser that speaks; what it told of devices is gone with it.
    """
    now, told = rt.clock.now(), profile
    async with rt.database.write() as tx:
        await users.add_missing(
            tx, [User(ids.row_id(), environment.id, user_id, created_at=now, updated_at=now)]
        )
        key = (environment.id, user_id)
        user = (await users.find_many(tx, [key], to_change=True))[key]
        known = user.profile
        profile = known.joined(profile) if in_person else known.merged(profile)
        user = replace(user, profile=profile, updated_at=now, last_seen_at=now)
        await users.save(tx, [user])
        spoken_for = _spoken_for(user.profile, told)
        await addresses.revive(tx, user.id, spoken_for, now)
        if session_id is not None:
            if not await sessions.is_there(tx, session_id):
                raise Unauthenticated("You are signed out.")
            await addresses.bind(tx, user.id, spoken_for, session_id)
    return user


def _spoken_for(known: Profile, told: Profile) -> list[tuple[Channel, str]]:
    """The addresses that what was told is about: with a new token that is its chat, too.

    What a person connected by themselves is not: an application knows nothing of how it fares.
    """
    named = {each.key for each in told.given_out if each.channel is not Channel.SLACK}
    said = told.slack_channel is not None or told.slack_token is not None
    chat = said and known.slack_connected is None
    return [
        each.key
        for each in known.given_out
        if each.key in named or (chat and each.channel is Channel.SLACK)
    ]


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
