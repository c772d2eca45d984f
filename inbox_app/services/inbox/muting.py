"""Muting: no more of the kind of one item, on any channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from inbox_app.domain.act import UNDOABLE
from inbox_app.domain.delivery_option import DeliveryOption
from inbox_app.domain.errors import NotFound, Refused
from inbox_app.domain.notification import InboxItem
from inbox_app.domain.notification_type import NotificationType
from inbox_app.domain.preference import Preferences, patched
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import preferences
from inbox_app.services.inbox.moving import owned
from inbox_app.storage import handled, types, undos, users
from inbox_app.storage.handled import Handled
from inbox_app.storage.undos import Step

BY_INBOX = "user, from the inbox"
BY_UNDO = "user, undoing it in the inbox"
"""Who changed a preference, in its history."""
OFF = DeliveryOption.OFF.value


@dataclass(frozen=True)
class Muted:
    """What was muted.

    Attributes:
        title: Title of the type, or of the subject within it.
        undo: Handle for `undo`; "" when it was muted already, or its time is over.
    """

    title: str
    undo: str


async def mute(rt: Runtime, user_id: int, tracking_id: str, handle: str = "") -> Muted:
    """Switches off every channel of an item's type, or of its subject within the type.

    Args:
        handle: The caller's own name for it, by which `undo` takes it back.

    Raises:
        NotFound: there is no such item, or its type is no more.
        Refused: the type cannot be switched off.
    """
    item, kind, key = await _about(rt, user_id, tracking_id)
    off, sub = _switchable(kind), item.sub_notification_id or ""
    title = kind.sub_notifications.get(sub) or kind.title
    change = _patch(kind.name, sub, dict.fromkeys(off, OFF))
    now, handle = rt.clock.now(), handle or ids.token()
    async with rt.database.write() as tx:
        # Locked first: the same may come twice at once.
        await users.find_many(tx, [key], to_change=True)
        if await handled.find(tx, user_id, handle):
            undoable = await undos.last(tx, user_id, handle, now - UNDOABLE)
            return Muted(title, handle if undoable else "")
        done = await preferences.edited_in(
            tx, key, lambda before: patched(before, change), BY_INBOX, now
        )
        await handled.add(tx, user_id, handle, now, Handled(int(done.entry is not None)))
        if done.entry:
            cells = _cells(done.before, kind.name, sub)
            former = {name: cells.get(name) for name in off if cells.get(name) != OFF}
            kept = {"type": kind.name, "sub": sub, "former": former}
            await undos.add(tx, user_id, handle, now, Step(muted=kept))
    await preferences.follow_up(rt, done, now)
    return Muted(title, handle if done.entry else "")


async def undo(rt: Runtime, user_id: int, names: tuple[str, str], since: datetime) -> bool:
    """Gives channels that a `mute` switched off, and that are still off, their former options.

    Args:
        names: The handle of the `mute`, and the caller's own name for undoing it.
        since: What was muted before can no longer be undone.

    Returns:
        Whether the handle is that of a `mute`.
    """
    (handle, name), now = names, rt.clock.now()
    async with rt.database.read() as tx:
        step = await undos.last(tx, user_id, handle, since)
        user = await users.get(tx, user_id)
    if step is None or step.muted is None or user is None:
        return False
    muted, key = step.muted, (user.environment_id, user.external_id)
    async with rt.database.write() as tx:
        done = await preferences.edited_in(
            tx, key, lambda before: _unmuted(before, muted), BY_UNDO, now
        )
        await undos.remove(tx, user_id, handle, step.number, now)
        if await handled.find(tx, user_id, name) is None:
            await handled.add(tx, user_id, name, now, Handled())
    await preferences.follow_up(rt, done, now)
    return True


def _unmuted(chosen: Preferences, muted: Mapping[str, Any]) -> Preferences:
    name, sub = str(muted["type"]), str(muted["sub"])
    former = cast("Mapping[str, str | None]", muted["former"])
    now = _cells(chosen, name, sub)
    still = {channel: option for channel, option in former.items() if now.get(channel) == OFF}
    return patched(chosen, _patch(name, sub, still)) if still else chosen


def _switchable(kind: NotificationType) -> list[str]:
    """Channels on which a type can be switched off.

    Raises:
        Refused: there is none.
    """
    if kind.required:
        raise Refused(
            f"{kind.title} is always sent.",
            fix="It cannot be muted; done or snoozed notifications leave the list.",
        )
    off = [each.value for each in kind.channels if DeliveryOption.OFF in kind.on(each).offered]
    if not off:
        raise Refused(f"{kind.title} cannot be switched off.", fix="Ask who sends it.")
    return off


async def _about(
    rt: Runtime, user_id: int, tracking_id: str
) -> tuple[InboxItem, NotificationType, users.Key]:
    """An item, its type, and whose it is."""
    async with rt.database.read() as tx:
        item = (await owned(tx, user_id, [tracking_id]))[0]
        user = await users.get(tx, user_id)
        kind = user and await types.find(tx, user.environment_id, item.type_name)
    if user is None or kind is None:
        raise NotFound("This kind of notification is no more.", fix="There is nothing to mute.")
    return item, kind, (user.environment_id, user.external_id)


def _cells(chosen: Preferences, name: str, sub: str) -> dict[str, str]:
    options = chosen.cells.get(name, {}).get(sub, {})
    return {channel.value: option.value for channel, option in options.items()}


def _patch(name: str, sub: str, channels: Mapping[str, str | None]) -> dict[str, Any]:
    """A merge patch for the document of preferences (`domain.preference.as_document`)."""
    chosen: dict[str, Any] = {"channels": dict(channels)}
    return {"types": {name: {"subs": {sub: chosen}} if sub else chosen}}
