"""What people type to find something, read: ``type:order is:unread after:7d "late delivery" -ana``.

Words are looked for in everything an item says; the last one may be the beginning of one. Quotes
keep words together, a minus takes away what it stands before. Named parts narrow the search.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.item_state import ItemState
from inbox_app.domain.search_words import words
from inbox_app.domain.wall_time import local, shown

LONGEST, MOST_PARTS = 500, 30
_PART = re.compile(
    r'(?P<minus>-?)(?:(?P<field>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)(?P<end>"?)|(?P<plain>[^\s"]*))'
)
_AGO = re.compile(r"(\d{1,5})d")
DAYS = "Write a date such as 2026-03-01, today, yesterday, or 7d for seven days ago."


class Field(StrEnum):
    """Parts that narrow a search."""

    TYPE = "type"
    CATEGORY = "category"
    FROM = "from"
    IS = "is"
    BEFORE = "before"
    AFTER = "after"
    ON = "on"


class Is(StrEnum):
    """What can be asked of an item's state."""

    UNREAD = "unread"
    READ = "read"
    SAVED = "saved"
    SNOOZED = "snoozed"
    DONE = "done"
    REPLIED = "replied"

    def holds(self, state: ItemState, replies: int) -> bool:
        return _HOLDS[self](state, replies)


_HOLDS: Mapping[Is, Callable[[ItemState, int], bool]] = {
    Is.UNREAD: lambda state, _: state.opened is None,
    Is.READ: lambda state, _: state.opened is not None,
    Is.SAVED: lambda state, _: state.saved is not None,
    Is.SNOOZED: lambda state, _: state.snoozed is not None,
    Is.DONE: lambda state, _: state.archived is not None,
    Is.REPLIED: lambda _, replies: replies > 0,
}


@dataclass(frozen=True)
class Phrase:
    """Words that stand one after the other.

    Attributes:
        prefix: The last of them may be the beginning of one.
        negated: They must not stand there.
        sender: They name who sent it.
    """

    words: tuple[str, ...]
    prefix: bool = False
    negated: bool = False
    sender: bool = False


@dataclass(frozen=True)
class Named:
    """A type or a category that is asked for, or not wanted."""

    text: str
    negated: bool = False


@dataclass(frozen=True)
class Query:
    """A search, read; the empty one finds everything.

    Attributes:
        since: From this moment on.
        until: Before this moment.
    """

    phrases: tuple[Phrase, ...] = ()
    types: tuple[Named, ...] = ()
    categories: tuple[Named, ...] = ()
    states: tuple[tuple[Is, bool], ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    def admits(self, at: datetime, state: ItemState, replies: int) -> bool:
        """Whether an item's date and state are among those asked for."""
        if (self.since and at < self.since) or (self.until and at >= self.until):
            return False
        return all(each.holds(state, replies) is not negated for each, negated in self.states)


def parse(text: str, now: datetime, zone: ZoneInfo) -> Query:
    """Reads a search.

    Args:
        zone: The person's; days begin there.

    Raises:
        InvalidInput: a named part has no value, or one that makes no sense.
    """
    if len(text) > LONGEST:
        raise InvalidInput(
            f"The search has {len(text):,} characters.", fix=f"Keep it to {LONGEST} characters."
        )
    parts = [each for each in _PART.finditer(text) if each[0].strip("-")]
    if len(parts) > MOST_PARTS:
        raise InvalidInput(
            f"The search has {len(parts)} parts.", fix=f"Keep it to {MOST_PARTS} words."
        )
    query = Query()
    for part in parts:
        query = _with_part(query, part, now, zone)
    return _open_ended(query, text)


def _with_part(query: Query, part: re.Match[str], now: datetime, zone: ZoneInfo) -> Query:
    negated = bool(part["minus"])
    value = part["quoted"] if part["quoted"] is not None else part["plain"]
    field = (part["field"] or "").lower()
    if field not in list(Field):
        # A colon of their own, as in 10:30, is no name of a part.
        said = f"{part['field']} {value}" if part["field"] else value
        return _with_phrase(query, said, negated=negated, sender=False)
    if not value.strip():
        raise InvalidInput(f"{field}: has no value.", fix=_EXAMPLES[Field(field)])
    return _with_field(query, Field(field), value.strip(), negated, (now, zone))


def _with_field(
    query: Query, field: Field, value: str, negated: bool, clock: tuple[datetime, ZoneInfo]
) -> Query:
    match field:
        case Field.FROM:
            return _with_phrase(query, value, negated=negated, sender=True)
        case Field.TYPE:
            return replace(query, types=(*query.types, Named(value, negated)))
        case Field.CATEGORY:
            return replace(query, categories=(*query.categories, Named(value, negated)))
        case Field.IS:
            return replace(query, states=(*query.states, (_state(value), negated)))
        case Field.BEFORE | Field.AFTER | Field.ON:
            if negated:
                raise InvalidInput(
                    f"-{field}: is not understood.", fix="Use before: or after: without a minus."
                )
            return _with_days(query, field, value, *clock)


def _with_phrase(query: Query, text: str, *, negated: bool, sender: bool) -> Query:
    found = tuple(words(text))
    if not found:
        return query
    phrase = Phrase(found, negated=negated, sender=sender)
    return replace(query, phrases=(*query.phrases, phrase))


def _with_days(query: Query, field: Field, value: str, now: datetime, zone: ZoneInfo) -> Query:
    day = _day(field, value, shown(now, zone).date())
    begins = local(day, time(0), zone)
    ends = local(day + timedelta(days=1), time(0), zone)
    since = [each for each in (query.since, begins if field is not Field.BEFORE else None) if each]
    limit = {Field.BEFORE: begins, Field.ON: ends}.get(field)
    until = [each for each in (query.until, limit) if each]
    return replace(query, since=max(since, default=None), until=min(until, default=None))


def _day(field: Field, value: str, today: date) -> date:
    lowered = value.lower()
    if lowered in ("today", "yesterday"):
        return today - timedelta(days=int(lowered == "yesterday"))
    try:
        ago = _AGO.fullmatch(lowered)
        day = today - timedelta(days=int(ago[1])) if ago else date.fromisoformat(value)
    except (ValueError, OverflowError):
        day = date.min
    # Both ends stay within the calendar in every zone.
    if not date(1970, 1, 2) <= day <= date(9999, 1, 1):
        raise InvalidInput(f"{field}: {value[:40]!r} is not a date.", fix=DAYS)
    return day


def _state(value: str) -> Is:
    try:
        return Is(value.lower())
    except ValueError:
        raise InvalidInput(
            f"is: {value[:40]!r} is not known.", fix=f"Write one of {', '.join(Is)}."
        ) from None


def _open_ended(query: Query, text: str) -> Query:
    """The last word that is typed may be the beginning of one, unless it is in quotes."""
    typed = text.rstrip()
    if not query.phrases or not typed or typed.endswith('"'):
        return query
    last = query.phrases[-1]
    if words(typed.split()[-1])[-1:] != [last.words[-1]]:
        return query
    return replace(query, phrases=(*query.phrases[:-1], replace(last, prefix=True)))


_EXAMPLES: Mapping[Field, str] = {
    Field.TYPE: "Write the name of a notification type, such as type:order_shipped.",
    Field.CATEGORY: 'Write the name of a category, such as category:"Orders".',
    Field.FROM: "Write who sent it, such as from:ana.",
    Field.IS: f"Write one of {', '.join(Is)}.",
    **dict.fromkeys((Field.BEFORE, Field.AFTER, Field.ON), DAYS),
}


def chosen(named: Iterable[Named], *names: str) -> bool:
    """Whether one of several names is asked for; words may be cut short, as in a search."""
    asked = list(named)
    known = [words(name) for name in names]
    hits = [each for each in asked if any(_begins(known_words, each.text) for known_words in known)]
    if any(each.negated for each in hits):
        return False
    return bool(hits) or all(each.negated for each in asked)


def _begins(name: list[str], text: str) -> bool:
    asked = words(text)
    return bool(asked) and any(
        name[at : at + len(asked) - 1] == asked[:-1]
        and at + len(asked) <= len(name)
        and name[at + len(asked) - 1].startswith(asked[-1])
        for at in range(len(name))
    )
