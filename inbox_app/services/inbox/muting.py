"""Muting: no more of the kind of one item, on any channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from inbox_app.domain.delivery_option import DeliveryOption
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import NotFound, Refused
from inbox_app.domain.notification import InboxItem
from inbox_app.domain.notification_type import NotificationType
from inbox_app.domain.preference import Preferences
from inbox_app.domain.user import User
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import preferences
from inbox_app.services.inbox.moving import owned
from inbox_app.storage import environments, types, undos, users
from inbox_app.storage.undos import Step

BY_INBOX = "user, from the inbox"
BY_UNDO = "user, undoing it in the inbox"
"""Who changed a preference, in its history."""


@dataclass(frozen=True)
class Muted:
    """What was muted.

    Attributes:
        title: Title of the type, or of the subject within it.
        undo: Handle for `undo`; "" when it was muted already.
    """

    title: str
    undo: str


async def mute(rt: Runtime, user_id: int, tracking_id: str) -> Muted:
    """Switches off every channel of an item's type, or of its subject within the type.

    Raises:
        NotFound: there is no such item, or its type is no more.
        Refused: the type cannot be switched off.
    """
    item, kind, environment, user = await _about(rt, user_id, tracking_id)
    title = kind.sub_notifications.get(item.sub_notification_id or "") or kind.title
    if kind.required:
        raise Refused(
            f"{kind.title} is always sent.",
            fix="It cannot be muted; done or snoozed notifications leave the list.",
        )
    off = [channel for channel in kind.channels if DeliveryOption.OFF in kind.on(channel).offered]
    if not off:
        raise Refused(f"{kind.title} cannot be switched off.", fix="Ask who sends it.")
    sub = item.sub_notification_id or ""
    cells = user.preferences.cells.get(kind.name, {}).get(sub, {})
    former = {channel.value: cells.get(channel) for channel in off}
    switched = {name: was for name, was in former.items() if was is not DeliveryOption.OFF}
    if not switched:
        return Muted(title, "")
    change = _patch(kind.name, sub, dict.fromkeys(switched, DeliveryOption.OFF.value))
    await preferences.patch(rt, environment, user.external_id, change, by=BY_INBOX)
    handle = ids.token()
    kept = {"type": kind.name, "sub": sub, "former": switched}
    async with rt.database.write() as tx:
        await undos.add(tx, user_id, handle, rt.clock.now(), Step(muted=kept))
    return Muted(title, handle)


async def take_back(rt: Runtime, user_id: int, muted: Mapping[str, Any]) -> None:
    """Gives channels that a `mute` switched off, and that are still off, their former options."""
    async with rt.database.read() as tx:
        user = await users.get(tx, user_id)
        environment = user and await environments.by_id(tx, user.environment_id, rt.sealer)
    if user is None or environment is None:
        return
    name, sub = str(muted["type"]), str(muted["sub"])
    former = cast("Mapping[str, str | None]", muted["former"])
    now = _cells(user.preferences, name, sub)
    still = {channel: option for channel, option in former.items() if now.get(channel) == "off"}
    if still:
        change = _patch(name, sub, still)
        await preferences.patch(rt, environment, user.external_id, change, by=BY_UNDO)


async def _about(
    rt: Runtime, user_id: int, tracking_id: str
) -> tuple[InboxItem, NotificationType, Environment, User]:
    async with rt.database.read() as tx:
        item = (await owned(tx, user_id, [tracking_id]))[0]
        user = await users.get(tx, user_id)
        environment = user and await environments.by_id(tx, user.environment_id, rt.sealer)
        kind = environment and await types.find(tx, environment.id, item.type_name)
    if user is None or environment is None or kind is None:
        raise NotFound("This kind of notification is no more.", fix="There is nothing to mute.")
    return item, kind, environment, user


def _cells(chosen: Preferences, name: str, sub: str) -> dict[str, str]:
    options = chosen.cells.get(name, {}).get(sub, {})
    return {channel.value: option.value for channel, option in options.items()}


def _patch(name: str, sub: str, channels: Mapping[str, str | None]) -> dict[str, Any]:
    """A merge patch for the document of preferences (`domain.preference.as_document`)."""
    chosen: dict[str, Any] = {"channels": dict(channels)}
    return {"types": {name: {"subs": {sub: chosen}} if sub else chosen}}
