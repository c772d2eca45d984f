"""Notification types, as the sender's application sets them up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypedDict

from inbox_app.domain.delivery_option import ChannelOptions
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Conflict, InvalidInput, NotFound
from inbox_app.domain.notification_type import Channel, NotificationType, Throttling
from inbox_app.domain.template import Template
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.storage import types
from inbox_app.storage.engine import Transaction

MOST = 1_000
"""Types of an environment from which on none can be created; sends still make those they name."""
MOST_SUB_NOTIFICATIONS = 200


class TypeChange(TypedDict, total=False):
    """What is to be different; what is left out stays.

    ``options`` and ``sub_notifications`` are merged by key; None takes a key out. For the others
    the words of `NotificationType` hold.
    """

    title: str
    channels: tuple[Channel, ...]
    enabled: bool
    options: Mapping[Channel, ChannelOptions | None]
    deduplication: timedelta | None
    throttling: Throttling | None
    retention: int | None
    required: bool
    escalation: timedelta | None
    track_opens: bool
    track_clicks: bool
    resend_unknown: bool
    sub_notifications: Mapping[str, str | None]
    category: str
    description: str


@dataclass(frozen=True)
class TypeView:
    """A type with its templates, by channel and name."""

    type: NotificationType
    templates: tuple[Template, ...] = ()


async def create(
    rt: Runtime, environment: Environment, name: str, title: str, change: TypeChange
) -> TypeView:
    """Makes a type.

    Raises:
        Conflict: there is one of that name, perhaps made by a send; or there are too many.
        InvalidInput: the change breaks a rule.
    """
    made = changed(NotificationType(ids.row_id(), environment.id, name, title, ()), change)
    async with rt.database.write() as tx:
        if len(await types.of_environment(tx, environment.id)) >= MOST:
            raise Conflict(
                f"There are {MOST:,} notification types.", fix="Delete some that are not used."
            )
        await types.add_missing(tx, [made], rt.clock.now())
        # Whoever stored it first: another process may do the same at this moment.
        stored = await types.find(tx, environment.id, name)
        if stored is None or stored.id != made.id:
            raise Conflict(
                f"There is a notification type {name!r} already.",
                fix="Change it instead, with PATCH; a send makes the type that it names.",
            )
    return TypeView(made)


async def every(rt: Runtime, environment: Environment) -> list[TypeView]:
    """All types, by name."""
    async with rt.database.read() as tx:
        known = await types.of_environment(tx, environment.id)
        return await _with_templates(tx, known)


async def get(rt: Runtime, environment: Environment, name: str) -> TypeView:
    """One type.

    Raises:
        NotFound: there is none of that name.
    """
    async with rt.database.read() as tx:
        (view,) = await _with_templates(tx, [await known(tx, environment, name)])
    return view


async def change(rt: Runtime, environment: Environment, name: str, change: TypeChange) -> TypeView:
    """Changes a type; processes that send go by the change within five seconds.

    Raises:
        NotFound: there is none of that name.
        InvalidInput: the change breaks a rule.
    """
    async with rt.database.write() as tx:
        kind = changed(await known(tx, environment, name, to_change=True), change)
        await types.save(tx, kind)
        (view,) = await _with_templates(tx, [kind])
    return view


async def remove(rt: Runtime, environment: Environment, name: str) -> None:
    """Deletes a type. What was sent of it stays as it is, and what still waits goes out.

    Raises:
        NotFound: there is none of that name.
    """
    async with rt.database.write() as tx:
        await types.bury(tx, (await known(tx, environment, name, to_change=True)).id)


async def known(
    tx: Transaction, environment: Environment, name: str, *, to_change: bool = False
) -> NotificationType:
    """The type of that name, locked against other changes when asked.

    Raises:
        NotFound: there is none.
    """
    found = await types.find(tx, environment.id, name, to_change=to_change)
    if found is None:
        raise NotFound(f"There is no notification type {name!r}.", fix="GET /api/types lists them.")
    return found


async def _with_templates(tx: Transaction, known: list[NotificationType]) -> list[TypeView]:
    found: dict[int, list[Template]] = {each.id: [] for each in known}
    for template in await types.templates(tx, found):
        found[template.type_id].append(template)
    return [TypeView(each, tuple(found[each.id])) for each in known]


def changed(kind: NotificationType, change: TypeChange) -> NotificationType:
    """The type as it is to be.

    Raises:
        InvalidInput: it would have too many subjects.
    """
    options = {**kind.options, **change.get("options", {})}
    titles = {**kind.sub_notifications, **change.get("sub_notifications", {})}
    merged = {
        "options": {channel: each for channel, each in options.items() if each is not None},
        "sub_notifications": {key: each for key, each in titles.items() if each is not None},
    }
    if len(merged["sub_notifications"]) > MOST_SUB_NOTIFICATIONS:
        raise InvalidInput(
            f"subNotifications: a type has at most {MOST_SUB_NOTIFICATIONS}.",
            fix="Take some out by setting them to null.",
        )
    whole = replace(kind, **{**change, **merged})
    return replace(whole, channels=_in_order(whole.channels))


def _in_order(channels: Iterable[Channel]) -> tuple[Channel, ...]:
    wanted = set(channels)
    return tuple(channel for channel in Channel if channel in wanted)
