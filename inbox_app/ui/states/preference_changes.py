"""Changes of settings as the page names them: a field, and what it is to hold."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import timedelta
from urllib.parse import unquote

from inbox_app.domain.delivery_option import DeliveryOption, DigestTime, MonthDay
from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.json_document import Node
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.quiet_hours import Span
from inbox_app.runtime import Runtime
from inbox_app.services import preference_centre as centre
from inbox_app.services.centre_views import EditedView


def apply(rt: Runtime, user_id: int, field: str, value: str) -> Awaitable[EditedView]:
    """Starts one change.

    Args:
        field: What is changed and its names, each quoted as in an address, joined by slashes:
            ``cell/<type>/<subject or nothing>/<channel>``, ``category/<name>/<channel>``,
            ``channel/<channel>``, ``quiet/<weekdays, as in 01234>``, ``digest``, ``zone``,
            ``pause``, ``escalation``, ``reset/<type>``, ``reset-all`` or ``undo``.
        value: An option; ``on`` or ``off``; ``20:00-07:30``; ``08:00/0/first``; a zone; a moment;
            minutes; the id of a change. "" is no choice of one's own.

    Raises:
        InvalidInput: it makes no sense.
    """
    kind, *names = (unquote(each) for each in field.split("/"))
    try:
        return _started(rt, user_id, (kind, *names), value)
    except ValueError as error:
        raise InvalidInput("There is no such setting.", fix="Load the page again.") from error


def _started(
    rt: Runtime, user_id: int, field: tuple[str, ...], value: str
) -> Awaitable[EditedView]:
    match field:
        case ("cell", name, sub, channel):
            chosen = _option(value)
            return centre.choose(rt, user_id, name, Channel(channel), chosen, sub=sub)
        case ("category", name, channel):
            return centre.choose_category(rt, user_id, name, Channel(channel), _option(value))
        case ("channel", channel):
            return centre.switch_channel(rt, user_id, Channel(channel), on=value == "on")
        case ("quiet", days):
            return centre.set_quiet(rt, user_id, [int(day) for day in days], _span(value))
        case ("reset", name):
            return centre.reset_type(rt, user_id, name)
        case (kind,):
            return _single(rt, user_id, kind, value)
        case _:
            raise ValueError(field)


def _single(rt: Runtime, user_id: int, kind: str, value: str) -> Awaitable[EditedView]:
    match kind:
        case "digest":
            return centre.set_digest(rt, user_id, _times(value))
        case "zone":
            return centre.set_zone(rt, user_id, value or None)
        case "pause":
            return centre.pause(rt, user_id, Node(value).moment() if value else None)
        case "escalation":
            delay = timedelta(minutes=int(value)) if value else None
            return centre.set_escalation(rt, user_id, delay)
        case "reset-all":
            return centre.reset_everything(rt, user_id)
        case "undo":
            return centre.undo(rt, user_id, value)
        case _:
            raise ValueError(kind)


def _option(value: str) -> DeliveryOption | None:
    return DeliveryOption(value) if value else None


def _span(value: str) -> Span | None:
    if not value:
        return None
    start, _, end = value.partition("-")
    return Span(Node(start).clock(), Node(end).clock())


def _times(value: str) -> DigestTime | None:
    if not value:
        return None
    at, weekday, month_day = value.split("/")
    return DigestTime(Node(at).clock(), int(weekday), MonthDay(month_day))
