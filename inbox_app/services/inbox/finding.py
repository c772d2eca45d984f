"""Parts of an inbox: by category, by type, and what a search finds.

No part has an index of its own that sends would have to write: a list is walked and what does not
belong is left out, at most so far in one call. A page may then be short although another follows.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from inbox_app.domain.feed import Box, Cursor
from inbox_app.domain.inbox_filter import InboxFilter, holds
from inbox_app.domain.notification_type import NotificationType
from inbox_app.domain.search import Is, Phrase, Query, chosen, parse
from inbox_app.pipeline.plan import zone_of
from inbox_app.runtime import Runtime
from inbox_app.services.inbox.indexing import prepare
from inbox_app.services.inbox.reading import PAGE, page, rows, state
from inbox_app.services.inbox_views import counts_view
from inbox_app.services.views import CategoriesView, CategoryView, KindView, PageView
from inbox_app.storage import inbox, search, types, users
from inbox_app.storage.search import Spot

STEP, BUDGET = 1_000, 10_000
"""Items walked over at a time, and in one call."""
COUNTED = 2_000
"""Newest items that are counted by category."""
PATIENCE = 1.0
"""Seconds in which a search makes its index; what is not in it by then is not found yet."""
UTC_ZONE = ZoneInfo("UTC")

_Walk = tuple[Box, tuple[Phrase, ...], datetime | None, datetime | None]
_LISTS: Final = {Is.SAVED: Box.SAVED, Is.SNOOZED: Box.SNOOZED, Is.DONE: Box.ARCHIVED}


@dataclass(frozen=True)
class Part:
    """A filter, resolved.

    Attributes:
        types: Internal keys of the types it takes, or None for all.
        complete: Whether the index held everything when it was needed.
    """

    box: Box
    types: frozenset[int] | None
    query: Query
    complete: bool = True

    def admits(self, spot: Spot) -> bool:
        return (
            (self.types is None or spot.type_id in self.types)
            and holds(self.box, spot.state)
            and self.query.admits(spot.at, spot.state, spot.replies)
        )

    @property
    def walked(self) -> Box:
        """The shortest list that all of it is in."""
        asked = [state for state, negated in self.query.states if not negated]
        if Is.UNREAD in asked and self.box is Box.ALL:
            return Box.UNREAD
        return next((_LISTS[each] for each in asked if each in _LISTS), self.box)

    @property
    def walk(self) -> _Walk:
        """What a walk over it depends on."""
        return self.walked, self.query.phrases, self.query.since, self.query.until


@dataclass(frozen=True)
class Stretch:
    """Items met on a walk, newest first, and where it goes on; None at its end."""

    spots: list[Spot]
    next: Cursor | None


async def find(
    rt: Runtime, user_id: int, wanted: InboxFilter, before: str = "", limit: int = PAGE
) -> PageView:
    """A page of a part of the inbox, with the counters of the whole.

    Args:
        before: `PageView.next` of the page before, or "".

    Raises:
        InvalidInput: the search cannot be read, or ``before`` is not a cursor.
    """
    if wanted.is_whole:
        return await page(rt, user_id, wanted.box, before, limit)
    # First of all: what comes while it is read has a later number, and readers ask for it by that.
    now = await state(rt, user_id)
    part = await resolve(rt, user_id, wanted)
    met = await stretch(rt, user_id, part, Cursor.decode(before) if before else None, limit)
    async with rt.database.read() as tx:
        items = {i.tracking_id: i for i in await inbox.get_many(tx, user_id, _ids(met.spots))}
    shown = [items[name] for name in _ids(met.spots) if name in items]
    return PageView(
        *(await rows(rt, shown), met.next.encode() if met.next else ""),
        *(counts_view(now), now.change, part.complete),
    )


def _ids(spots: Sequence[Spot]) -> list[str]:
    return [spot.tracking_id for spot in spots]


async def resolve(rt: Runtime, user_id: int, wanted: InboxFilter) -> Part:
    """What a filter asks for; brings the index up to date when it holds words.

    Raises:
        InvalidInput: the search cannot be read.
    """
    return (await _resolve_all(rt, user_id, [wanted]))[0]


async def _resolve_all(rt: Runtime, user_id: int, wanted: Sequence[InboxFilter]) -> list[Part]:
    async with rt.database.read() as tx:
        user = await users.get(tx, user_id)
        zone = zone_of(user) if user else UTC_ZONE
        read = [(each, parse(each.query, rt.clock.now(), zone)) for each in wanted]
        by_type = any(_by_type(*each) for each in read)
        known = await types.ever_of(tx, user.environment_id) if user and by_type else []
    searched = any(query.phrases for _, query in read)
    complete = not searched or await prepare(rt, user_id, PATIENCE)
    return [
        Part(each.box, _types(each, query, known), query, complete or not query.phrases)
        for each, query in read
    ]


def _by_type(wanted: InboxFilter, query: Query) -> bool:
    return bool(wanted.category or wanted.type_name or query.types or query.categories)


def _types(
    wanted: InboxFilter, query: Query, known: Iterable[NotificationType]
) -> frozenset[int] | None:
    if not _by_type(wanted, query):
        return None
    return frozenset(kind.id for kind in known if _takes(wanted, query, kind))


def _takes(wanted: InboxFilter, query: Query, kind: NotificationType) -> bool:
    return (
        wanted.category in ("", kind.category)
        and wanted.type_name in ("", kind.name)
        and chosen(query.types, kind.name, kind.title)
        and chosen(query.categories, kind.category)
    )


async def stretch(
    rt: Runtime, user_id: int, part: Part, before: Cursor | None, limit: int
) -> Stretch:
    """At most ``limit`` items of a part, walking over `BUDGET` items at most."""
    found: list[Spot] = []
    walked, step = 0, 2 * limit
    while walked < BUDGET:
        met = await _step(rt, user_id, part, before, step)
        for spot in met:
            if part.admits(spot):
                found.append(spot)
            if len(found) > limit:
                return Stretch(found[:limit], found[limit - 1].place)
        if len(met) < step:
            return Stretch(found, None)
        walked, before, step = walked + len(met), met[-1].place, STEP
    return Stretch(found, before)


async def _step(
    rt: Runtime, user_id: int, part: Part, before: Cursor | None, most: int
) -> list[Spot]:
    query = part.query
    async with rt.database.read() as tx:
        if query.phrases:
            span = (query.since, query.until)
            return await search.walk(tx, user_id, query.phrases, before, most, span)
        if query.until and (before is None or query.until < before.at):
            before = Cursor(query.until)
        met = await search.walk_box(tx, user_id, part.walked, before, most)
    # What is older than asked for ends the walk.
    since = query.since
    return met if since is None else [spot for spot in met if spot.at >= since]


async def categories(rt: Runtime, user_id: int) -> CategoriesView:
    """The categories the person has items in, with counts over the newest items."""
    async with rt.database.read() as tx:
        user = await users.get(tx, user_id)
        known = await types.ever_of(tx, user.environment_id) if user else []
        unread = dict(await search.by_type(tx, user_id, Box.UNREAD, COUNTED))
        active = dict(await search.by_type(tx, user_id, Box.ALL, COUNTED))
        counters = (await inbox.state(tx, user_id)).counters
    found: dict[str, tuple[int, int]] = {}
    for kind in known:
        new, shown = unread.get(kind.id, 0), active.get(kind.id, 0)
        if kind.category and (new or shown):
            before = found.get(kind.category, (0, 0))
            found[kind.category] = (before[0] + new, before[1] + shown)
    listed = [CategoryView(name, *found[name]) for name in sorted(found, key=str.casefold)]
    return CategoriesView(listed, COUNTED, counters.active > COUNTED)


async def kinds(rt: Runtime, user_id: int) -> list[KindView]:
    """The types of the person's newest items, done or not, by title."""
    async with rt.database.read() as tx:
        met = dict(await search.by_type(tx, user_id, Box.EVERYTHING, COUNTED))
        found = await types.by_ids(tx, met.keys())
    named = [KindView(kind.name, kind.title) for kind in found.values()]
    return sorted(named, key=lambda each: each.title.casefold())


async def count(
    rt: Runtime, user_id: int, wanted: InboxFilter, *, unread: bool = True
) -> tuple[int, bool]:
    """How many items a filter holds among the newest, and whether there may be more.

    Args:
        unread: Count only those that are.
    """
    return (await count_each(rt, user_id, [wanted], unread=unread))[0]


async def count_each(
    rt: Runtime, user_id: int, wanted: Sequence[InboxFilter], *, unread: bool = True
) -> list[tuple[int, bool]]:
    """`count` for several filters; those that are parts of one list share the walk over it."""
    parts = await _resolve_all(rt, user_id, wanted)
    walks = defaultdict[_Walk, list[int]](list)
    for place, part in enumerate(parts):
        walks[part.walk].append(place)
    counted: dict[int, tuple[int, bool]] = {}
    for places in walks.values():
        found, more = await _count(rt, user_id, [parts[n] for n in places], unread=unread)
        counted |= {place: (number, more) for place, number in zip(places, found, strict=True)}
    return [counted[place] for place in range(len(parts))]


async def _count(
    rt: Runtime, user_id: int, parts: Sequence[Part], *, unread: bool
) -> tuple[list[int], bool]:
    """How many items of one walk each part holds, and whether the walk goes on."""
    found, before = [0] * len(parts), None
    for _ in range(COUNTED // STEP):
        met = await _step(rt, user_id, parts[0], before, STEP)
        asked = [spot for spot in met if spot.state.unread or not unread]
        for place, part in enumerate(parts):
            found[place] += sum(map(part.admits, asked))
            # Many parts of a long list must not keep everybody else waiting.
            await asyncio.sleep(0)
        if len(met) < STEP:
            return found, False
        before = met[-1].place
    return found, True
