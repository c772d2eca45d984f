"""The window of rows that one tab holds, as pure functions.

A change of a state's field sends the whole field to the browser, so the window has three:
``page`` (rows as loaded), ``fresh`` (rows that came since) and ``patch`` (what changed of either).
The browser merges them. When the small ones grow, they are folded into the large one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from inbox_app.domain.feed import Box, Cursor
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.lib.clock import parse_moment
from inbox_app.services.views import ActionView, PageView, RowView

LARGEST: Final = 300
"""Rows; further down the window moves on instead of growing."""
MOST_FRESH: Final = 10
MOST_PATCHES: Final = 60

_BELONGS: Final[dict[Box, Callable[[RowView], bool]]] = {
    Box.ALL: lambda row: not row.archived and not row.snoozed,
    Box.UNREAD: lambda row: row.unread and not row.archived and not row.snoozed,
    Box.SAVED: lambda row: row.saved,
    Box.SNOOZED: lambda row: bool(row.snoozed) and not row.archived,
    Box.ARCHIVED: lambda row: row.archived,
    Box.EVERYTHING: lambda _: True,
}
# What a merge, or the end of a snooze, changes beyond the states of an item.
_CONTENT: Final = ("title", "preview", "at", "image", "size", "woken", "expires", "held")


@dataclass(frozen=True)
class RowPatch:
    """What of a row changes by acts; a row whose content changes comes anew."""

    unread: bool
    archived: bool
    done: list[bool]
    replies: int
    change: int
    saved: bool = False
    snoozed: str = ""

    @classmethod
    def of(cls, row: RowView) -> RowPatch:
        done = [action.done for action in row.actions]
        return cls(
            *(row.unread, row.archived, done, row.replies, row.change),
            *(row.saved, row.snoozed),
        )


@dataclass(frozen=True)
class Window:
    """What a tab shows of one part of the inbox.

    Attributes:
        part: Which.
        page: Rows as loaded, newest first.
        fresh: Rows that came into the window since, or came anew, newest first.
        patch: Changes by row id.
        cursor: Where the next page starts, "" when there is none.
        moved: The window starts below the newest row.
    """

    part: InboxFilter
    page: list[RowView] = field(default_factory=list[RowView])
    fresh: list[RowView] = field(default_factory=list[RowView])
    patch: dict[str, RowPatch] = field(default_factory=dict[str, RowPatch])
    cursor: str = ""
    moved: bool = False

    @property
    def full(self) -> bool:
        """Whether it may not grow further down."""
        return len(self.page) >= LARGEST


def opened(part: InboxFilter, view: PageView, *, moved: bool = False) -> Window:
    """A new window on a page of a part of the inbox."""
    return Window(part, page=view.rows, cursor=view.next, moved=moved)


def extended(window: Window, view: PageView) -> Window:
    """The window with the next page below it."""
    return replace(window, page=[*window.page, *view.rows], cursor=view.next)


def changed(window: Window, rows: Sequence[RowView], open_id: str = "") -> Window:
    """The window after changes.

    Args:
        rows: Changed and new rows, each as it is now.
        open_id: The open item: it stays although it may no longer belong to the box.
    """
    base = {row.id: row for row in (*window.page, *window.fresh)}
    patch = dict(window.patch)
    came: list[RowView] = []
    for row in rows:
        if row.id not in base:
            came += [row] if _belongs(window, row) and _within(window, row) else []
        elif _content(row) != _content(base[row.id]):
            came.append(row)
            patch.pop(row.id, None)
        elif row.id in patch or RowPatch.of(row) != _unchanged(base[row.id], row.change):
            patch[row.id] = RowPatch.of(row)
    anew = {row.id for row in came}
    kept = [row for row in window.fresh if row.id not in anew]
    fresh = sorted([*came, *kept], key=_place, reverse=True)
    small = len(fresh) <= MOST_FRESH and len(patch) <= MOST_PATCHES
    after = replace(window, fresh=fresh, patch=patch)
    return after if small else folded(after, open_id)


def folded(window: Window, open_id: str = "") -> Window:
    """The same rows in one list, without those that left the box, and not more than allowed."""
    latest = {row.id: row for row in (*window.page, *window.fresh)}
    rows = [_patched(row, window.patch) for row in latest.values()]
    kept = sorted(
        (row for row in rows if row.id == open_id or _belongs(window, row)),
        key=_place,
        reverse=True,
    )
    after = replace(window, page=kept[:LARGEST], fresh=[], patch={})
    if len(kept) <= LARGEST:
        return after
    last = kept[LARGEST - 1]
    return replace(after, cursor=Cursor(parse_moment(last.at), last.id).encode())


def _belongs(window: Window, row: RowView) -> bool:
    """Whether it is in the part, as far as a row tells: not whether a search finds it."""
    part = window.part
    return (
        _BELONGS[part.box](row)
        and part.category in ("", row.category)
        and part.type_name in ("", row.type_name)
    )


def _content(row: RowView) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _CONTENT)


def _within(window: Window, row: RowView) -> bool:
    """Whether the row lies in the part of the box that the window covers."""
    above = window.moved and window.page and _place(row) > _place(window.page[0])
    below = window.cursor and window.page and _place(row) < _place(window.page[-1])
    return not above and not below


def _unchanged(row: RowView, change: int) -> RowPatch:
    """A row's patch if nothing of it but its change number had moved, as when it was seen."""
    return replace(RowPatch.of(row), change=change)


def _patched(row: RowView, patch: dict[str, RowPatch]) -> RowView:
    news = patch.get(row.id)
    if news is None:
        return row
    actions = [
        ActionView(action.label, action.url, done)
        for action, done in zip(row.actions, news.done, strict=True)
    ]
    return replace(
        row,
        unread=news.unread,
        archived=news.archived,
        actions=actions,
        replies=news.replies,
        change=news.change,
        saved=news.saved,
        snoozed=news.snoozed,
    )


def _place(row: RowView) -> tuple[str, str]:
    return row.at, row.id
