"""What the browser gets of an item."""

from __future__ import annotations

import pytest

from inbox_app.domain.item_state import ItemState
from inbox_app.domain.notification import Action, InAppContent, InboxItem
from inbox_app.services.inbox_views import row_view
from tests.clock import START


def item(content: InAppContent, state: ItemState | None = None) -> InboxItem:
    return InboxItem("id-1", 1, START, 7, "kind", "Kind", content, state or ItemState())


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>First</p><p>second</p>", "First"),
        ("<ul><li>One</li><li>Two</li></ul>", "One"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("<b>bold</b><br>next", "bold"),
        ("<blockquote>quote</blockquote>", "quote"),
    ],
)
def test_the_preview_of_html_is_its_first_line_of_text(html: str, shown: str):
    assert row_view(item(InAppContent("Hello", "not this", html))).preview == shown


def test_buttons_show_what_was_chosen():
    content = InAppContent("Hello", actions=(Action("Yes", "/yes"), Action("No")))
    row = row_view(item(content, ItemState(actioned2=START)))
    assert [(a.label, a.url, a.done) for a in row.actions] == [
        ("Yes", "/yes", False),
        ("No", "", True),
    ]


def test_a_row_tells_its_states():
    row = row_view(item(InAppContent("Hello"), ItemState(seen=START, archived=START)))
    assert (row.unread, row.seen, row.archived, row.change) == (True, True, True, 7)
