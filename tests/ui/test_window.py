from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.feed import Box, Cursor
from inbox_app.domain.inbox_filter import InboxFilter
from inbox_app.lib.clock import exact_iso
from inbox_app.services.views import ActionView, CountsView, PageView, RowView
from inbox_app.ui.states.window import (
    LARGEST,
    MOST_FRESH,
    RowPatch,
    Window,
    changed,
    extended,
    folded,
    opened,
)
from tests.clock import START


def row(number: int, **changes: object) -> RowView:
    """Row ``number``; a higher one is newer."""
    at = exact_iso(START + timedelta(seconds=number))
    plain = RowView(
        id=f"id-{number:04}",
        title=f"Row {number}",
        preview="",
        at=at,
        type_title="Note",
        image="",
        initials="R",
        url="",
        unread=True,
        seen=False,
        archived=False,
        actions=[ActionView("Yes"), ActionView("No")],
        change=number,
    )
    return replace(plain, **changes)  # pyright: ignore[reportArgumentType]


def page(*numbers: int, more: bool = False) -> PageView:
    rows = [row(number) for number in numbers]
    at = START + timedelta(seconds=numbers[-1]) if numbers else START
    cursor = Cursor(at, rows[-1].id).encode() if more else ""
    return PageView(rows, cursor, CountsView(), 0)


def shown(window: Window) -> list[str]:
    """The ids that the browser lists, as it merges the three parts."""
    rows = [row for row in (*window.page, *window.fresh) if not _left(window, row)]
    return [each.id for each in sorted(rows, key=lambda each: (each.at, each.id), reverse=True)]


def _left(window: Window, row: RowView) -> bool:
    patch = window.patch.get(row.id)
    archived, unread = (patch.archived, patch.unread) if patch else (row.archived, row.unread)
    return {
        Box.ALL: archived,
        Box.UNREAD: archived or not unread,
        Box.ARCHIVED: not archived,
    }[window.part.box]


def test_a_new_row_is_fresh_and_the_page_is_left_alone() -> None:
    window = opened(InboxFilter(Box.ALL), page(2, 1))
    after = changed(window, [row(3)])
    assert after.page is window.page
    assert [each.id for each in after.fresh] == ["id-0003"]
    assert after.patch == {}


def test_a_changed_row_is_patched() -> None:
    window = opened(InboxFilter(Box.ALL), page(2, 1))
    after = changed(window, [row(1, unread=False, change=9)])
    assert after.page is window.page
    assert after.patch == {"id-0001": RowPatch(False, False, [False, False], 0, 9)}


def test_being_seen_changes_nothing_that_is_shown() -> None:
    window = opened(InboxFilter(Box.ALL), page(2, 1))
    assert changed(window, [row(1, seen=True, change=9)]) == window


def test_a_patch_can_be_taken_back() -> None:
    window = changed(opened(InboxFilter(Box.ALL), page(1)), [row(1, unread=False, change=8)])
    assert changed(window, [row(1, change=9)]).patch["id-0001"].unread


def test_rows_below_the_window_wait_for_their_page() -> None:
    window = opened(InboxFilter(Box.ALL), page(9, 8, more=True))
    assert changed(window, [row(3)]) == window
    assert shown(changed(opened(InboxFilter(Box.ALL), page(9, 8)), [row(3)])) == [
        "id-0009",
        "id-0008",
        "id-0003",
    ]


def test_a_window_further_down_takes_nothing_above_it() -> None:
    window = opened(InboxFilter(Box.ALL), page(9, 8), moved=True)
    assert changed(window, [row(10)]) == window


def test_rows_of_other_boxes_are_left_out() -> None:
    assert shown(changed(opened(InboxFilter(Box.UNREAD), page(1)), [row(2, unread=False)])) == [
        "id-0001"
    ]
    assert shown(changed(opened(InboxFilter(Box.ARCHIVED), page()), [row(2)])) == []


def test_many_fresh_rows_are_folded_into_the_page() -> None:
    window = opened(InboxFilter(Box.ALL), page(1))
    after = changed(window, [row(number) for number in range(30, 30 - MOST_FRESH - 1, -1)])
    assert after.fresh == []
    assert len(after.page) == MOST_FRESH + 2


def test_folding_drops_what_left_but_keeps_what_is_open() -> None:
    window = opened(InboxFilter(Box.UNREAD), page(3, 2, 1))
    read = [row(3, unread=False, change=9), row(2, unread=False, change=9)]
    after = folded(changed(window, read), open_id="id-0002")
    assert [each.id for each in after.page] == ["id-0002", "id-0001"]
    assert after.patch == {}


def test_folding_never_exceeds_the_limit_and_can_go_on_from_there() -> None:
    window = opened(InboxFilter(Box.ALL), page(*range(LARGEST, 0, -1)))
    after = folded(changed(window, [row(LARGEST + 1)]))
    assert len(after.page) == LARGEST
    assert after.page[0].id == f"id-{LARGEST + 1:04}"
    last = after.page[-1]
    assert Cursor.decode(after.cursor).tracking_id == last.id
    assert exact_iso(Cursor.decode(after.cursor).at) == last.at


def test_pages_join() -> None:
    window = extended(opened(InboxFilter(Box.ALL), page(4, 3, more=True)), page(2, 1))
    assert shown(window) == ["id-0004", "id-0003", "id-0002", "id-0001"]
    assert not window.cursor


states = st.fixed_dictionaries({"unread": st.booleans(), "archived": st.booleans()})
steps = st.lists(st.lists(st.tuples(st.integers(1, 40), states), max_size=12), max_size=20)


@given(box=st.sampled_from([Box.ALL, Box.UNREAD, Box.ARCHIVED]), steps=steps)
def test_the_window_shows_what_a_fresh_load_would(
    box: Box, steps: list[list[tuple[int, dict[str, bool]]]]
) -> None:
    truth = {n: row(n, archived=box is Box.ARCHIVED) for n in range(1, 21)}
    window = opened(
        InboxFilter(box),
        PageView(sorted(truth.values(), key=lambda r: r.at, reverse=True), "", CountsView(), 0),
    )
    change = 100
    for step in steps:
        change += 1
        news = {n: row(n, change=change, **state) for n, state in step}
        truth |= news
        newest_first = sorted(news.values(), key=lambda each: each.at, reverse=True)
        window = changed(window, newest_first)
    fresh = opened(InboxFilter(box), PageView(list(truth.values()), "", CountsView(), 0))
    assert shown(window) == shown(fresh)


def test_a_row_whose_content_changes_comes_anew_in_its_new_place() -> None:
    window = opened(InboxFilter(), page(3, 2, 1))
    woken = replace(row(1, change=9), at=row(8).at, title="Row 1 and more")
    after = changed(changed(window, [row(1, change=7, unread=False)]), [woken])
    assert [each.title for each in after.fresh] == ["Row 1 and more"]
    assert after.patch == {}
    assert [each.id for each in folded(after).page] == ["id-0001", "id-0003", "id-0002"]


def test_a_part_takes_only_its_own_category_and_type() -> None:
    part = InboxFilter(category="Orders", type_name="shipped")
    rows = [
        row(1, category="Orders", type_name="shipped"),
        row(2, category="Orders"),
        row(3, type_name="shipped"),
    ]
    assert shown(changed(opened(part, page()), rows)) == ["id-0001"]
