"""Preferences: what a user chose to be told, where and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from inbox_app.domain.delivery_option import DeliveryOption, DigestTime, MonthDay
from inbox_app.domain.errors import Conflict
from inbox_app.domain.json_document import (
    Change,
    Node,
    clock_text,
    differences,
    keys_of,
    leaf,
    merged,
    moment_text,
)
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.quiet_hours import QuietHours, Span

KEYS = (
    *("types", "channels", "digest", "quietHours", "pausedUntil", "escalationMinutes"),
    "timezone",
)
"""Of the document."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_TYPES = 500
MOST_SUBS = 200
"""Sub-notifications of one type."""
LONGEST_ESCALATION = timedelta(days=366)
_MINUTE = timedelta(minutes=1)

Options = Mapping[Channel, DeliveryOption]
Cells = Mapping[str, Mapping[str, Options]]


class Source(StrEnum):
    """Which level decided about a channel."""

    REQUIRED = "required"
    """The type cannot be switched off."""
    SUB_NOTIFICATION = "sub_notification"
    """The user chose for the subject within the type."""
    TYPE = "type"
    """The user chose for the whole type."""
    CHANNEL = "channel"
    """The user switched the channel off everywhere."""
    DEFAULT = "default"
    """The user chose nothing that the type offers."""


@dataclass(frozen=True)
class Chosen:
    """What applies to a user on a channel, and which level decided."""

    option: DeliveryOption
    source: Source


@dataclass(frozen=True)
class Preferences:
    """What one user chose; what is absent was not chosen.

    Attributes:
        cells: Options by type name, by id of the sub-notification ("" for the whole type), by
            channel.
        channels: Whether each channel is on at all; one that is absent is on.
        times: When the user's digests are due, instead of when their types say.
        quiet: When the user is not to be disturbed.
        paused_until: Until when everything is held.
        escalation: How long an e-mail waits for the inbox item to be read, whole minutes, instead
            of what the type says; with 0 it does not wait. Who wants none switches e-mail off.
        zone: The IANA zone the person lives by, instead of the one their applications tell.
    """

    cells: Cells = field(default_factory=dict[str, Mapping[str, Options]])
    channels: Mapping[Channel, bool] = field(default_factory=dict[Channel, bool])
    times: DigestTime | None = None
    quiet: QuietHours | None = None
    paused_until: datetime | None = None
    escalation: timedelta | None = None
    zone: str | None = None

    def option(self, kind: NotificationType, sub: str | None, channel: Channel) -> Chosen:
        """What applies to a type, or to a subject within it, on a channel.

        A required type always goes at once. Else a channel that is off stays off; then the choice
        for the subject counts, then the one for the type, then the type's default. A choice that
        the type no longer offers counts as none.
        """
        if kind.required:
            return Chosen(DeliveryOption.INSTANT, Source.REQUIRED)
        if not self.channels.get(channel, True):
            return Chosen(DeliveryOption.OFF, Source.CHANNEL)
        chosen = self._chosen(kind, sub, channel) if kind.name in self.cells else None
        return chosen or Chosen(kind.on(channel).default, Source.DEFAULT)

    def _chosen(self, kind: NotificationType, sub: str | None, channel: Channel) -> Chosen | None:
        levels = [(sub, Source.SUB_NOTIFICATION)] if sub else []
        for key, source in [*levels, ("", Source.TYPE)]:
            option = self.cells[kind.name].get(key, {}).get(channel)
            if option and kind.on(channel).offers(option):
                return Chosen(option, source)
        return None

    def times_for(
        self, kind: NotificationType, channel: Channel, option: DeliveryOption
    ) -> DigestTime:
        """When digests are due: the user's own times, else the type's, else the usual ones."""
        return self.times or kind.on(channel).times.get(option) or DigestTime()

    def pause_ends(self, at: datetime) -> datetime | None:
        """When the pause that holds at ``at`` ends; None when there is none."""
        return self.paused_until if self.paused_until and at < self.paused_until else None


NOBODY_CHOSE = Preferences()
"""The preferences of a user who never chose anything."""


def as_document(preferences: Preferences) -> dict[str, Any]:
    """The JSON form, for storage and for the API; parts that are empty are left out.

    The shape is ``{"types": {name: {"channels": {channel: option}, "subs": {id: {"channels":
    ...}}}}, "channels": {channel: bool}, "digest": {"time", "weekday", "monthDay"}, "quietHours":
    {weekday: {"start", "end"}}, "pausedUntil": moment, "escalationMinutes": number, "timezone":
    name}``.
    """
    p = preferences
    parts = {
        "types": {name: _type_document(subs) for name, subs in p.cells.items()},
        "channels": {channel.value: on for channel, on in p.channels.items()},
        "digest": _digest_document(p.times) if p.times else {},
        "quietHours": _quiet_document(p.quiet) if p.quiet else {},
        "pausedUntil": moment_text(p.paused_until) if p.paused_until else None,
        "escalationMinutes": p.escalation // _MINUTE if p.escalation is not None else None,
        "timezone": p.zone,
    }
    return _without_empty(parts)


def from_document(document: Mapping[str, Any]) -> Preferences:
    """The preferences a document describes; the opposite of `as_document`.

    Raises:
        InvalidInput: a part has the wrong shape; its ``fix`` names the key at fault.
    """
    parts = Node(document).fields(KEYS)
    types, channels = parts.get("types"), parts.get("channels")
    digest, quiet = parts.get("digest"), parts.get("quietHours")
    paused, escalation = parts.get("pausedUntil"), parts.get("escalationMinutes")
    zone = parts.get("timezone")
    most = LONGEST_ESCALATION // _MINUTE
    return Preferences(
        cells=_read_types(types) if types else {},
        channels={c: node.flag() for c, node in _by_channel(channels)} if channels else {},
        times=_read_digest(digest) if digest else None,
        quiet=_read_quiet(quiet) if quiet else None,
        paused_until=paused.moment() if paused else None,
        escalation=timedelta(minutes=escalation.whole(most)) if escalation else None,
        zone=zone.zone() if zone else None,
    )


def patched(before: Preferences, patch: Mapping[str, Any]) -> Preferences:
    """The preferences with a JSON merge patch (RFC 7396) on their document; null takes back.

    Raises:
        InvalidInput: the outcome is no valid document; its ``fix`` names the key at fault.
    """
    return from_document(cast("Mapping[str, Any]", merged(as_document(before), patch)))


def restored(now: Preferences, made: Sequence[Change]) -> Preferences:
    """The preferences with some changes taken back: each leaf as it was before.

    Raises:
        Conflict: a leaf has been changed since.
    """
    document = as_document(now)
    for each in made:
        keys = keys_of(each.path)
        if leaf(document, keys) != each.after:
            raise Conflict(
                "This was changed again since.", fix="Choose anew what you want now, or leave it."
            )
        patch: Any = each.before
        for key in reversed(keys):
            patch = {key: patch}
        document = cast("dict[str, Any]", merged(document, patch))
    return from_document(_without_empty(document))


def changes(before: Preferences, after: Preferences) -> list[Change]:
    """What differs between two, as leaves of their documents, by path."""
    return differences(as_document(before), as_document(after))


def refusals(preferences: Preferences, kinds: Mapping[str, NotificationType]) -> list[str]:
    """A sentence for every choice that its type does not allow.

    Args:
        kinds: The types that are known, by name; choices for others are not judged.
    """
    return [
        sentence
        for name, subs in preferences.cells.items()
        if (kind := kinds.get(name))
        for options in subs.values()
        for channel, option in options.items()
        if (sentence := _refusal(kind, channel, option))
    ]


def _refusal(kind: NotificationType, channel: Channel, option: DeliveryOption) -> str:
    """Why a choice is not allowed; "" when it is."""
    if kind.required:
        return f"{kind.title} is always sent, so nothing can be chosen for {channel.label}."
    options = kind.on(channel)
    if options.offers(option):
        return ""
    offered = [o.value for o in DeliveryOption if o in options.offered | {options.default}]
    listed = ", ".join(offered)
    return f"{kind.title} does not offer {option.value} for {channel.label}, only {listed}."


def _type_document(subs: Mapping[str, Options]) -> dict[str, Any]:
    documents = {
        sub: {"channels": {channel.value: o.value for channel, o in options.items()}}
        for sub, options in subs.items()
    }
    return {**documents.pop("", {}), "subs": documents}


def _digest_document(times: DigestTime) -> dict[str, Any]:
    return {
        "time": clock_text(times.at),
        "weekday": WEEKDAYS[times.weekday],
        "monthDay": times.month_day.value,
    }


def _quiet_document(quiet: QuietHours) -> dict[str, Any]:
    return {
        WEEKDAYS[day]: {"start": clock_text(span.start), "end": clock_text(span.end)}
        for day, span in sorted(quiet.days.items())
    }


def _without_empty(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without nulls and without objects that hold nothing, at any depth."""
    kept: dict[str, Any] = {}
    for key, value in document.items():
        full = _without_empty(cast("dict[str, Any]", value)) if isinstance(value, dict) else value
        if full is not None and full != {}:
            kept[key] = full
    return kept


def _read_types(types: Node) -> Cells:
    cells: dict[str, Mapping[str, Options]] = {}
    for name, node in types.entries(MOST_TYPES).items():
        fields = node.fields(("channels", "subs"))
        subs = fields["subs"].entries(MOST_SUBS) if "subs" in fields else {}
        options = {sub: _read_options(n.fields(("channels",))) for sub, n in subs.items()}
        options[""] = _read_options(fields)
        if chosen := {sub: o for sub, o in options.items() if o}:
            cells[name] = chosen
    return cells


def _read_options(fields: Mapping[str, Node]) -> Options:
    channels = fields.get("channels")
    return {c: n.choice(DeliveryOption) for c, n in _by_channel(channels)} if channels else {}


def _by_channel(channels: Node) -> list[tuple[Channel, Node]]:
    fields = channels.fields([channel.value for channel in Channel])
    return [(Channel(name), node) for name, node in fields.items()]


def _read_digest(digest: Node) -> DigestTime | None:
    fields = digest.fields(("time", "weekday", "monthDay"))
    usual = DigestTime()
    if not fields:
        return None
    clock, weekday, month_day = (fields.get(name) for name in ("time", "weekday", "monthDay"))
    return DigestTime(
        at=clock.clock() if clock else usual.at,
        weekday=WEEKDAYS.index(weekday.one_of(WEEKDAYS)) if weekday else usual.weekday,
        month_day=month_day.choice(MonthDay) if month_day else usual.month_day,
    )


def _read_quiet(quiet: Node) -> QuietHours | None:
    days = {WEEKDAYS.index(day): _read_span(node) for day, node in quiet.fields(WEEKDAYS).items()}
    return QuietHours(days) if days else None


def _read_span(span: Node) -> Span:
    fields = span.fields(("start", "end"))
    start, end = fields.get("start"), fields.get("end")
    if start is None or end is None:
        span.refuse("does not have both a start and an end", f"Send both in {span.where}.")
    return Span(start.clock(), end.clock())
