"""The users and types of a group of sends: found, made on the fly, brought up to date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from inbox_app.domain.notification import Send
from inbox_app.domain.notification_type import Channel, NotificationType, title_from_name
from inbox_app.domain.user import Profile, User
from inbox_app.lib import ids
from inbox_app.storage import types, users
from inbox_app.storage.engine import Transaction

NOTHING_KNOWN = Profile()


async def users_of(
    tx: Transaction, sends: Sequence[Send], *, locked: bool
) -> tuple[dict[users.Key, User], dict[int, int] | None]:
    """The users of the group: new ones stored, known ones brought up to date.

    With the change numbers of their inboxes, when those hold (`users.find_with_changes`).
    """
    if not sends:
        return {}, None
    keys = {(send.environment.id, send.user_id) for send in sends}
    telling = locked or any(send.profile != NOTHING_KNOWN for send in sends)
    known, changes = await users.find_with_changes(tx, keys, to_change=telling)
    if len(known) < len(keys):
        await users.add_missing(tx, new_users(sends, known))
        known, changes = await users.find_with_changes(tx, keys, to_change=telling)
    people = dict(known)
    for send in sends:
        key = (send.environment.id, send.user_id)
        people[key] = updated(people[key], send)
    await users.save(tx, [user for key, user in people.items() if user != known[key]])
    return people, changes


def new_users(sends: Sequence[Send], known: Mapping[users.Key, User]) -> list[User]:
    made: dict[users.Key, User] = {}
    for send in sends:
        key = (send.environment.id, send.user_id)
        if key not in known and key not in made:
            now = send.accepted_at
            made[key] = User(ids.row_id(), *key, created_at=now, updated_at=now)
    return list(made.values())


def updated(user: User, send: Send) -> User:
    profile = user.profile.merged(send.profile)
    if profile == user.profile:
        return user
    return replace(user, profile=profile, updated_at=send.accepted_at)


async def types_of(
    tx: Transaction, wanted: Mapping[types.Key, Send]
) -> dict[types.Key, NotificationType]:
    """The wanted types; those not stored are made on the fly from a send that names them."""
    known = await types.find_many(tx, wanted.keys())
    made = [(key, send) for key, send in wanted.items() if key not in known]
    if not made:
        return known
    await types.add_missing(tx, [new_type(send) for _, send in made], made[0][1].accepted_at)
    return await types.find_many(tx, wanted.keys())


def new_type(send: Send) -> NotificationType:
    channels = send.forced_channels or send.channels_with_content or (Channel.INAPP_WEB,)
    return NotificationType(
        id=ids.row_id(),
        environment_id=send.environment.id,
        name=send.type_name,
        title=title_from_name(send.type_name),
        channels=channels,
    )
