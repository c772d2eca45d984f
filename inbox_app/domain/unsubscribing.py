"""Switching e-mail off by a link, less of it instead, and back to exactly what was chosen before.

A `Place` is where a choice stands in the document of preferences, as the keys that lead there; the
changes are JSON merge patches (RFC 7396) for that document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from inbox_app.domain.delivery_option import DeliveryOption
from inbox_app.domain.json_document import Change, pointer
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.preference import Preferences

BY_LINK = "unsubscribe link"
BY_UNDO = "undo of the unsubscribe link"
"""Who changed a preference, in its history."""

EMAIL = Channel.EMAIL
WEEKLY = DeliveryOption.WEEKLY
OFF = DeliveryOption.OFF

Place = tuple[str, ...]
Earlier = Mapping[Place, Any]
"""What stood at places before; None where nothing was chosen."""


def can_stop(kind: NotificationType) -> bool:
    """Whether people may switch the type's e-mails off."""
    return not kind.required and kind.on(EMAIL).offers(OFF)


def can_be_weekly(kind: NotificationType) -> bool:
    """Whether people may have the type's e-mails once a week."""
    return not kind.required and kind.on(EMAIL).offers(WEEKLY)


def has_stopped(preferences: Preferences, kind: NotificationType | None) -> bool:
    """Whether no e-mail of the type goes out; None asks of all e-mail."""
    if not has_channel(preferences):
        return True
    return kind is not None and _options(preferences, kind) == {OFF}


def has_channel(preferences: Preferences) -> bool:
    """Whether e-mail is on at all."""
    return preferences.channels.get(EMAIL, True)


def is_weekly(preferences: Preferences, kind: NotificationType) -> bool:
    """Whether e-mails of the type come once a week."""
    return preferences.option(kind, None, EMAIL).option is WEEKLY


def places(preferences: Preferences, kind: NotificationType | None) -> list[Place]:
    """Where choices about e-mail of the type stand, or the one about all e-mail.

    A choice for a subject within the type counts more than the one for the type, so stopping the
    type means all of them.
    """
    if kind is None:
        return [("channels", EMAIL.value)]
    top = ("types", kind.name)
    subs = ((*top, "subs", sub, "channels", EMAIL.value) for sub in _subs(preferences, kind))
    return [(*top, "channels", EMAIL.value), *subs]


def stopping(preferences: Preferences, kind: NotificationType | None) -> dict[str, Any]:
    """The change that switches e-mail of the type off, or all e-mail."""
    off = False if kind is None else OFF.value
    return _change(dict.fromkeys(places(preferences, kind), off))


def made_weekly(
    preferences: Preferences, kind: NotificationType, earlier: Earlier
) -> dict[str, Any]:
    """The change to once a week; a subject the person switched off otherwise stays off."""
    cells = preferences.cells.get(kind.name, {})
    whole, *subs = places(preferences, kind)
    chosen = [each for each in subs if each in earlier or cells[each[3]][EMAIL] is not OFF]
    return _change(dict.fromkeys((whole, *chosen), WEEKLY.value))


def restoring(earlier: Earlier, kind: NotificationType | None) -> dict[str, Any]:
    """The change back; a choice that is no longer offered counts as none, and becomes none."""
    return _change(
        {place: value if _allowed(kind, value) else None for place, value in earlier.items()}
    )


def earlier(
    history: Sequence[tuple[str, Sequence[Change]]], asked: Iterable[Place]
) -> dict[Place, Any]:
    """What stood at these places before links changed them; without those that links left alone.

    Args:
        history: By whom and what was changed, the latest first.
    """
    found: dict[Place, Any] = {}
    for place in asked:
        path = pointer(place)
        changes = [(by, each) for by, group in history for each in group if each.path == path]
        befores = _befores(changes)
        if befores:
            found[place] = next((each for each in befores if not _is_off(each)), befores[-1])
    return found


def _befores(changes: Iterable[tuple[str, Change]]) -> list[Any]:
    """What each link found, the latest first, since the person last chose in another way."""
    found: list[Any] = []
    for by, change in changes:
        if by not in {BY_LINK, BY_UNDO}:
            break
        if by == BY_LINK:
            found.append(change.before)
    return found


def _is_off(value: object) -> bool:
    return value is False or value == OFF.value


def _allowed(kind: NotificationType | None, value: object) -> bool:
    return kind is None or (value is not None and kind.on(EMAIL).offers(DeliveryOption(str(value))))


def _subs(preferences: Preferences, kind: NotificationType) -> list[str]:
    cells = preferences.cells.get(kind.name, {})
    return [sub for sub, options in cells.items() if sub and EMAIL in options]


def _options(preferences: Preferences, kind: NotificationType) -> set[DeliveryOption]:
    subs = (None, *_subs(preferences, kind))
    return {preferences.option(kind, sub, EMAIL).option for sub in subs}


def _change(values: Mapping[Place, Any]) -> dict[str, Any]:
    change: dict[str, Any] = {}
    for place, value in values.items():
        inner = change
        for key in place[:-1]:
            inner = inner.setdefault(key, {})
        inner[place[-1]] = value
    return change
