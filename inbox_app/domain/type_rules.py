"""The rules of a notification type as a JSON document, for storage and for the API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from inbox_app.domain.delivery_option import (
    Batching,
    ChannelOptions,
    DeliveryOption,
    DigestTime,
    MonthDay,
)
from inbox_app.domain.notification_type import Channel, NotificationType, PeriodUnit, Throttling
from inbox_app.domain.preference import WEEKDAYS


def as_document(kind: NotificationType) -> dict[str, Any]:
    """Everything but name, title, channels and the switch; what is at its default is left out."""
    document: dict[str, Any] = {
        "options": {c.value: options_document(o) for c, o in kind.options.items()},
        "deduplicationSeconds": _seconds(kind.deduplication),
        "throttling": None if kind.throttling is None else vars(kind.throttling),
        "retentionDays": kind.retention,
        "required": kind.required,
        "escalationSeconds": _seconds(kind.escalation),
        "trackOpens": kind.track_opens,
        "trackClicks": kind.track_clicks,
        "resendUnknown": kind.resend_unknown,
        "subNotifications": dict(kind.sub_notifications),
        "category": kind.category,
        "description": kind.description,
    }
    # A zero says something: kept for no day is not kept for ever.
    return {
        key: value
        for key, value in document.items()
        if value is not None and value is not False and value not in ({}, "")
    }


def from_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `NotificationType` that `as_document` wrote."""
    throttling = document.get("throttling")
    return {
        "options": {
            Channel(name): options_from(each) for name, each in document.get("options", {}).items()
        },
        "deduplication": _delta(document.get("deduplicationSeconds")),
        "throttling": throttling and _throttling(throttling),
        "retention": document.get("retentionDays"),
        "required": document.get("required", False),
        "escalation": _delta(document.get("escalationSeconds")),
        "track_opens": document.get("trackOpens", False),
        "track_clicks": document.get("trackClicks", False),
        "resend_unknown": document.get("resendUnknown", False),
        "sub_notifications": document.get("subNotifications", {}),
        "category": document.get("category", ""),
        "description": document.get("description", ""),
    }


def options_document(options: ChannelOptions) -> dict[str, Any]:
    """The native API's shape (wire/pingram, section 6, ``options``)."""
    document: dict[str, Any] = {"defaultDeliveryOption": options.default.value}
    for option in DeliveryOption:
        times = options.times.get(option)
        document[option.value] = {
            "enabled": option in options.offered or option is options.default,
            **({} if times is None else _times_document(option, times)),
        }
    if options.batching is not None:
        document["instant"] |= {
            "batching": True,
            "batchingKey": options.batching.key,
            "batchingWindow": options.batching.window.total_seconds(),
        }
    return document


def options_from(document: Mapping[str, Any]) -> ChannelOptions:
    """Reads `options_document`.

    Raises:
        ValueError: an option, hour, weekday or day is not one.
    """
    default = DeliveryOption(document.get("defaultDeliveryOption", "instant"))
    given = {o: document[o.value] for o in DeliveryOption if document.get(o.value)}
    instant = given.get(DeliveryOption.INSTANT, {})
    return ChannelOptions(
        default=default,
        offered=frozenset({default, *(o for o, each in given.items() if each.get("enabled"))}),
        times={o: _times(each) for o, each in given.items() if o.is_digest and len(each) > 1},
        batching=_batching(instant) if instant.get("batching") else None,
    )


def _batching(instant: Mapping[str, Any]) -> Batching:
    window = instant.get("batchingWindow")
    defaults = Batching()
    return Batching(
        key=instant.get("batchingKey") or "",
        window=timedelta(seconds=window) if window else defaults.window,
    )


def _times_document(option: DeliveryOption, times: DigestTime) -> dict[str, str]:
    if option is DeliveryOption.HOURLY:
        return {}
    document = {"hour": times.at.isoformat("minutes")}
    if option is DeliveryOption.WEEKLY:
        document["day"] = WEEKDAYS[times.weekday]
    if option is DeliveryOption.MONTHLY:
        document["date"] = times.month_day.value
    return document


def _times(document: Mapping[str, Any]) -> DigestTime:
    defaults = DigestTime()
    return DigestTime(
        at=_clock(document["hour"]) if document.get("hour") else defaults.at,
        weekday=WEEKDAYS.index(str(document["day"]).lower()) if document.get("day") else 0,
        month_day=MonthDay(document.get("date") or MonthDay.FIRST),
    )


def _clock(text: str) -> time:
    """An hour as the vendor writes it: ``8``, ``08`` or ``08:30``."""
    return time(int(text)) if text.isdecimal() else time.fromisoformat(text)


def _throttling(document: Mapping[str, Any]) -> Throttling:
    unit = PeriodUnit(document["unit"])
    return Throttling(document["max"], document["period"], unit, document["forever"])


def _seconds(delta: timedelta | None) -> float | None:
    return None if delta is None else delta.total_seconds()


def _delta(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
