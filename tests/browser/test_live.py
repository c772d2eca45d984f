"""Notifications appear in an open tab by themselves, and never push what is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import NOW, Person
from tests.browser.pages.inbox import InboxPage


def test_a_notification_arrives_without_a_reload(inbox: InboxPage, person: Person) -> None:
    expect(inbox.empty).to_contain_text("Nothing here yet")
    person.send("Lunch is here", body="In the kitchen")
    inbox.expect_titles("Lunch is here")
    inbox.expect_unread(1)
    expect(inbox.row("Lunch is here").root).to_contain_text("In the kitchen")


def test_an_arrival_leaves_the_other_rows_alone(inbox: InboxPage, person: Person) -> None:
    """Else a click on its way to one of them would be lost."""
    person.send("Before")
    inbox.expect_titles("Before")
    row = inbox.row("Before").root.element_handle()
    person.send("After")
    inbox.expect_titles("After", "Before")
    assert row.evaluate("(row) => row.isConnected")


def test_arrivals_stand_under_the_day_they_came(inbox: InboxPage, person: Person) -> None:
    person.send_many(2)
    inbox.expect_titles("Note 2", "Note 1")
    expect(inbox.headings).to_have_text(["Today"])


def test_arrivals_wait_above_what_is_read(open_inbox: OpenInbox, person: Person) -> None:
    person.send_many(30)
    inbox = open_inbox(person, height=500)
    inbox.scroll_by(600)
    before = inbox.offset("Note 20")
    person.send("Fresh one")
    person.send("Fresh two")
    expect(inbox.pill).to_have_text("2 new")
    assert abs(inbox.offset("Note 20") - before) < 1
    inbox.pill.click()
    expect(inbox.row("Fresh two").root).to_be_in_viewport()
    expect(inbox.pill).to_have_count(0)


def test_older_rows_are_shown_from_their_top(open_inbox: OpenInbox, person: Person) -> None:
    person.send_many(310)
    inbox = open_inbox(person, height=600)
    for loaded in range(30, 301, 30):
        expect(inbox.rows).to_have_count(loaded)
        inbox.scroll_to_end()
    older = inbox.page.get_by_role("button", name="Show older")
    older.focus()
    inbox.press("Enter")
    inbox.expect_focus("Note 10")
    expect(inbox.row("Note 10").root).to_be_in_viewport()
    # They are the last.
    expect(inbox.rows).to_have_count(10)
    expect(older).to_have_count(0)
    inbox.pill.click()
    inbox.expect_focus("Note 310")
    assert inbox.scroll_top() == 0


def test_seen_is_what_was_on_screen(open_inbox: OpenInbox, person: Person) -> None:
    ids = person.send_many(30)
    inbox = open_inbox(person, height=500)
    expect(inbox.rows).to_have_count(30)
    person.wait_until(lambda items: items[ids[-1]]["seen"])
    items = person.items()
    assert not items[ids[0]]["seen"]
    assert "opened" not in items[ids[-1]]
    inbox.expect_unread(30)


def test_what_is_read_elsewhere_is_read_here(inbox: InboxPage, person: Person) -> None:
    first, second = person.send_many(2)
    inbox.expect_unread(2)
    person.report(first, opened=NOW)
    inbox.row("Note 1").expect_read()
    inbox.expect_unread(1)
    person.report(second, archived=NOW)
    inbox.row("Note 2").expect_gone()
    person.report(second, archived=None)
    inbox.expect_titles("Note 2", "Note 1")


def test_the_focus_stays_while_rows_come_and_go_above(inbox: InboxPage, person: Person) -> None:
    person.send_many(3)
    inbox.expect_titles("Note 3", "Note 2", "Note 1")
    inbox.row("Note 2").root.focus()
    above = person.send("Above")
    inbox.expect_titles("Above", "Note 3", "Note 2", "Note 1")
    inbox.expect_focus("Note 2")
    person.report(above, archived=NOW)
    inbox.expect_titles("Note 3", "Note 2", "Note 1")
    inbox.expect_focus("Note 2")


def test_what_moves_into_a_view_is_no_arrival(inbox: InboxPage, person: Person) -> None:
    first, second = person.send_many(2)
    inbox.expect_titles("Note 2", "Note 1")
    person.report(first, archived=NOW)
    inbox.show("Done")
    inbox.expect_titles("Note 1")
    person.report(second, archived=NOW)
    inbox.expect_titles("Note 2", "Note 1")
    expect(inbox.row("Note 2").root).to_have_attribute("data-arrived", "false")


def test_screen_readers_hear_of_arrivals(inbox: InboxPage, person: Person) -> None:
    person.send("First")
    expect(inbox.announcer).to_contain_text(re.compile("1 new notification"))


def test_the_list_loads_on_while_it_is_scrolled(open_inbox: OpenInbox, person: Person) -> None:
    person.send_many(75)
    inbox = open_inbox(person, height=600)
    expect(inbox.rows).to_have_count(30)
    inbox.scroll_to_end()
    expect(inbox.rows).to_have_count(60)
    inbox.scroll_to_end()
    expect(inbox.rows).to_have_count(75)
    assert inbox.titles() == [f"Note {n}" for n in range(75, 0, -1)]


@pytest.mark.parametrize(
    ("days", "heading"), [(0, "Today"), (1, "Yesterday"), (400, r"[A-Z][a-z]+ \d{4}")]
)
def test_headings_follow_the_readers_calendar(
    new_context: Callable[..., BrowserContext], person: Person, days: int, heading: str
) -> None:
    person.send("Hello")
    context = new_context(base_url=person.host.server.url, timezone_id="Asia/Kathmandu")
    context.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=days))
    inbox = InboxPage(context.new_page()).sign_in(person.sign_in_url())
    expect(inbox.headings).to_have_text([re.compile(heading)])
    moment = datetime.fromisoformat(person.items().popitem()[1]["date"])
    there = moment.astimezone(ZoneInfo("Asia/Kathmandu"))
    row = inbox.row("Hello")
    exact = row.time.get_attribute("title") or ""
    # Who cannot point at it is told, too.
    expect(row.root).to_have_accessible_description(re.compile(re.escape(exact)))
    assert f"{there:%A}" in exact
    assert f"{there.hour % 12 or 12}:{there:%M}" in exact
