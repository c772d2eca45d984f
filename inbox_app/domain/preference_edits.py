"""What a person can change at once in the preference centre, as JSON merge patches (RFC 7396).

None takes a choice back, so that the default applies again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from inbox_app.domain.delivery_option import DeliveryOption, DigestTime
from inbox_app.domain.json_document import clock_text, moment_text
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.preference import KEYS, WEEKDAYS
from inbox_app.domain.quiet_hours import Span

Patch = Mapping[str, Any]
NOTHING: Patch = {}
_MINUTE = timedelta(minutes=1)


def cell(type_name: str, sub: str, channel: Channel, option: DeliveryOption | None) -> Patch:
    """One choice for a type, or for a subject within it when ``sub`` is not ""."""
    chosen = {"channels": {channel.value: option.value if option else None}}
    return {"types": {type_name: {"subs": {sub: chosen}} if sub else chosen}}


def whole(
    kinds: Iterable[NotificationType], channel: Channel, option: DeliveryOption | None
) -> tuple[Patch, list[NotificationType]]:
    """The same choice for many types, as far as each offers it; and those that do not."""
    patch, refused = NOTHING, list[NotificationType]()
    for kind in kinds:
        if kind.required or (option and not kind.on(channel).offers(option)):
            refused.append(kind)
        else:
            patch = joined(patch, cell(kind.name, "", channel, option))
    return patch, refused


def joined(one: Patch, other: Patch) -> Patch:
    """A patch that does what two do, unless they meet at a leaf: nulls of both are kept."""
    result = dict(one)
    for key, value in other.items():
        known = result.get(key)
        both = isinstance(known, Mapping) and isinstance(value, Mapping)
        result[key] = joined(known, value) if both else value  # pyright: ignore
    return result


def channel(which: Channel, *, on: bool) -> Patch:
    return {"channels": {which.value: None if on else False}}


def quiet_day(weekday: int, span: Span | None) -> Patch:
    """The quiet that starts on a day; 0 is Monday."""
    times = {"start": clock_text(span.start), "end": clock_text(span.end)} if span else None
    return {"quietHours": {WEEKDAYS[weekday]: times}}


def digest(times: DigestTime | None) -> Patch:
    if times is None:
        return {"digest": None}
    weekday, month_day = WEEKDAYS[times.weekday], times.month_day.value
    return {"digest": {"time": clock_text(times.at), "weekday": weekday, "monthDay": month_day}}


def zone(name: str | None) -> Patch:
    return {"timezone": name}


def pause(until: datetime | None) -> Patch:
    return {"pausedUntil": moment_text(until) if until else None}


def escalation(delay: timedelta | None) -> Patch:
    return {"escalationMinutes": None if delay is None else delay // _MINUTE}


def no_type(type_name: str) -> Patch:
    """Takes back every choice about a type and the subjects within it."""
    return {"types": {type_name: None}}


def everything() -> Patch:
    """Takes back all choices."""
    return dict.fromkeys(KEYS)
