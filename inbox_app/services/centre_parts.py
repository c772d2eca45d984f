"""The parts of the preference centre, made from what a person chose and what types offer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from inbox_app.domain.delivery_option import DeliveryOption, DigestTime
from inbox_app.domain.digest import window
from inbox_app.domain.json_document import clock_text, moment_text
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.preference import Preferences, Source
from inbox_app.domain.quiet_hours import QuietHours
from inbox_app.domain.user import User
from inbox_app.pipeline.plan import zone_of
from inbox_app.services.centre_views import (
    MIXED,
    CategoryView,
    CellView,
    ColumnView,
    DigestView,
    GroupCellView,
    QuietView,
    SubView,
    SummaryPartView,
    SummaryView,
    TypeView,
    WhenView,
)

BY_WALL = frozenset({DeliveryOption.DAILY, DeliveryOption.WEEKLY, DeliveryOption.MONTHLY})
Kinds = Sequence[NotificationType]
Row = tuple[NotificationType, str]
"""A type and the subject within it, "" for the whole type."""
_INBOX_FIRST = sorted(Channel, key=lambda channel: channel is not Channel.INAPP_WEB)
_MINUTE = timedelta(minutes=1)


def used(kinds: Kinds) -> list[Channel]:
    """The channels that types go by, the inbox first."""
    return [each for each in _INBOX_FIRST if any(each in kind.channels for kind in kinds)]


def summary(user: User, kinds: Kinds, now: datetime) -> SummaryView:
    chosen = user.preferences
    ends = chosen.pause_ends(now)
    return SummaryView(
        channels=[_reached(chosen, kinds, channel) for channel in used(kinds)],
        quiet=_quiet(chosen.quiet),
        paused_until=moment_text(ends) if ends else "",
    )


def when(user: User, kinds: Kinds, now: datetime) -> WhenView:
    chosen = user.preferences
    ends = chosen.pause_ends(now)
    times = chosen.times or DigestTime()
    delay = chosen.escalation
    return WhenView(
        zone=str(zone_of(user)),
        zone_chosen=chosen.zone is not None,
        zone_detected=user.profile.timezone or "",
        quiet=_quiet(chosen.quiet),
        digest=DigestView(
            *(clock_text(times.at), times.weekday, times.month_day.value),
            chosen=chosen.times is not None,
            coming=_coming(user, kinds, now),
        ),
        paused_until=moment_text(ends) if ends else "",
        breaks_through=sorted(kind.title for kind in kinds if kind.required),
        escalation_minutes=-1 if delay is None else delay // _MINUTE,
    )


def _coming(user: User, kinds: Kinds, now: datetime) -> dict[str, str]:
    """When the next digest of each option is, where that is the same for all types."""
    found: dict[str, str] = {}
    for option in (each for each in DeliveryOption if each in BY_WALL):
        times = {
            user.preferences.times_for(kind, channel, option)
            for kind in kinds
            for channel in kind.channels
            if not kind.required and kind.on(channel).offers(option)
        }
        if len(times) == 1:
            (same,) = times
            found[option.value] = moment_text(window(option, same, zone_of(user), now).due)
    return found


def columns(chosen: Preferences, kinds: Kinds) -> list[ColumnView]:
    return [ColumnView(c.value, c.label, chosen.channels.get(c, True)) for c in used(kinds)]


def categories(chosen: Preferences, kinds: Kinds) -> list[CategoryView]:
    """The types by category, each by title; those without one are last."""
    return _categories(chosen, kinds, used(kinds))


def edited(before: Preferences, after: Preferences, kinds: Kinds) -> list[CategoryView]:
    """The categories that a change of settings changed, with the types that it changed.

    Made of what it can have changed alone: of five hundred types it is mostly one.
    """
    if before.channels == after.channels:
        names = before.cells.keys() | after.cells.keys()
        moved = {name for name in names if before.cells.get(name) != after.cells.get(name)}
        places = {kind.category for kind in kinds if kind.name in moved}
        meant = [kind for kind in kinds if kind.category in places]
    else:
        meant = kinds
    columns = used(kinds)
    return changed(_categories(before, meant, columns), _categories(after, meant, columns))


def changed(before: Iterable[CategoryView], after: Iterable[CategoryView]) -> list[CategoryView]:
    """The categories that differ, with the types that differ."""
    known = {each.name: each for each in before}
    found: list[CategoryView] = []
    for each in after:
        old = known.get(each.name)
        if each != old:
            same = {kind.name: kind for kind in old.types} if old else {}
            types = [kind for kind in each.types if kind != same.get(kind.name)]
            found.append(replace(each, types=types))
    return found


def merged(known: Iterable[CategoryView], changes: Iterable[CategoryView]) -> list[CategoryView]:
    """Categories with what has changed of them since: the opposite of `changed`."""
    fresh = {each.name: each for each in changes}
    return [_merged(each, fresh[each.name]) if each.name in fresh else each for each in known]


def _merged(known: CategoryView, change: CategoryView) -> CategoryView:
    types = {kind.name: kind for kind in change.types}
    return replace(change, types=[types.get(kind.name, kind) for kind in known.types])


def _categories(
    chosen: Preferences, kinds: Kinds, columns: Sequence[Channel]
) -> list[CategoryView]:
    groups = dict[str, list[NotificationType]]()
    for kind in sorted(kinds, key=lambda kind: (kind.title.casefold(), kind.name)):
        groups.setdefault(kind.category, []).append(kind)
    names = sorted(groups, key=lambda name: (not name, name.casefold()))
    return [_category(chosen, name, groups[name], columns) for name in names]


def _reached(chosen: Preferences, kinds: Kinds, channel: Channel) -> SummaryPartView:
    # What is required goes at once whatever anybody chose, and says nothing of the rest.
    free = [k for k in kinds if channel in k.channels and not k.required]
    found = {chosen.option(kind, None, channel).option for kind in free}
    option = next(iter(found), DeliveryOption.INSTANT)
    part = SummaryPartView(channel.value, channel.label, option.value if len(found) <= 1 else MIXED)
    if len(found) != 1 or option not in BY_WALL:
        return part
    times = {chosen.times_for(kind, channel, option) for kind in free}
    if len(times) > 1:
        return part
    (one,) = times
    at, month_day = clock_text(one.at), one.month_day.value
    return replace(part, at=at, weekday=one.weekday, month_day=month_day)


def _quiet(quiet: QuietHours | None) -> list[QuietView]:
    spans: dict[tuple[str, str], list[int]] = {}
    for day, span in sorted(quiet.days.items()) if quiet else ():
        spans.setdefault((clock_text(span.start), clock_text(span.end)), []).append(day)
    return [QuietView(start, end, days) for (start, end), days in spans.items()]


def _category(
    chosen: Preferences, name: str, kinds: Kinds, columns: Sequence[Channel]
) -> CategoryView:
    rows = [_type(chosen, kind, columns) for kind in kinds]
    cells = [
        _group(channel, [row.cells[place] for row in rows]) for place, channel in enumerate(columns)
    ]
    return CategoryView(name, cells, rows)


def _group(channel: Channel, cells: Sequence[CellView]) -> GroupCellView:
    free = [each for each in cells if not each.locked]
    options = {each.option for each in free}
    offered = {option for each in free for option in each.offered}
    return GroupCellView(
        channel=channel.value,
        option=MIXED if len(options) > 1 else next(iter(options), ""),
        offered=[each.value for each in DeliveryOption if each.value in offered],
        locked=not free,
    )


def _type(chosen: Preferences, kind: NotificationType, columns: Sequence[Channel]) -> TypeView:
    cells = [_cell(chosen, (kind, ""), channel) for channel in columns]
    subs = [
        SubView(sub, title, [_cell(chosen, (kind, sub), channel) for channel in columns])
        for sub, title in kind.sub_notifications.items()
    ]
    custom = any(cell.custom for row in (cells, *(sub.cells for sub in subs)) for cell in row)
    return TypeView(kind.name, kind.title, kind.description, kind.required, custom, cells, subs)


def _cell(chosen: Preferences, row: Row, channel: Channel) -> CellView:
    kind, sub = row
    if channel not in kind.channels:
        return CellView(channel.value, "", "", [], "unused", custom=False, default="")
    applies, options = chosen.option(kind, sub or None, channel), kind.on(channel)
    offered = [o.value for o in DeliveryOption if options.offers(o)]
    return CellView(
        channel=channel.value,
        option=applies.option.value,
        source=applies.source.value,
        offered=offered,
        locked=_locked(applies.source, offered),
        custom=applies.source is (Source.SUB_NOTIFICATION if sub else Source.TYPE),
        default=_default(chosen, row, channel).value,
    )


def _locked(source: Source, offered: Sequence[str]) -> str:
    if source is Source.REQUIRED:
        return "required"
    if source is Source.CHANNEL:
        return "channel_off"
    return "only_one" if len(offered) == 1 else ""


def _default(chosen: Preferences, row: Row, channel: Channel) -> DeliveryOption:
    """What would apply if the person had chosen nothing just here."""
    kind, sub = row
    if sub and not kind.required:
        on = replace(chosen, channels={})
        return on.option(kind, None, channel).option
    return DeliveryOption.INSTANT if kind.required else kind.on(channel).default
