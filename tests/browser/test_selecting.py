"""Selecting rows and acting on all that is selected."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import NOW, Person
from tests.browser.kept import WAITING
from tests.browser.pages.inbox import InboxPage


@pytest.fixture
def five(inbox: InboxPage, person: Person) -> InboxPage:
    """Note 5 to Note 1, and the focus on the first."""
    person.send_many(5)
    inbox.expect_titles(*(f"Note {n}" for n in range(5, 0, -1)))
    inbox.press("j")
    inbox.expect_focus("Note 5")
    return inbox


def test_by_pointer(five: InboxPage, person: Person) -> None:
    five.row("Note 5").pick()
    five.row("Note 3").pick()
    expect(five.bulk).to_contain_text("2 selected")
    five.bulk.get_by_role("button", name="Mark as done").click()
    five.expect_titles("Note 4", "Note 2", "Note 1")
    five.expect_told("Marked 2 as done")
    expect(five.bulk).to_have_count(0)
    assert sum("archived" in item for item in person.items().values()) == 2
    five.undo()
    five.expect_titles("Note 5", "Note 4", "Note 3", "Note 2", "Note 1")


def test_the_focus_stays_in_the_list(five: InboxPage, person: Person) -> None:
    five.press("x", "j", "x")
    button = five.bulk.get_by_role("button", name="Mark as done")
    button.focus()
    five.press("Enter")
    five.expect_titles("Note 3", "Note 2", "Note 1")
    five.expect_focus("Note 3")
    five.press("x")
    five.bulk.get_by_role("button", name="Clear").focus()
    five.press("Enter")
    five.expect_focus("Note 3")
    five.press("x", "j", "x")
    # What has left the list is selected no more.
    person.report(five.row("Note 3").root.get_attribute("data-row") or "", archived=NOW)
    expect(five.bulk).to_contain_text("1 selected")


def test_by_keyboard(five: InboxPage) -> None:
    five.press("x", "j", "j", "Shift+X")
    expect(five.bulk).to_contain_text("3 selected")
    five.press("j", "x", "x")
    expect(five.bulk).to_contain_text("3 selected")
    five.press("h")
    five.press("Enter")
    five.expect_titles("Note 2", "Note 1")
    five.expect_told("Snoozed 3 until")
    five.press("z")
    five.expect_titles("Note 5", "Note 4", "Note 3", "Note 2", "Note 1")
    five.row("Note 1").root.focus()
    five.press("x", "Escape")
    expect(five.bulk).to_have_count(0)


def test_all_that_match_beyond_what_is_loaded(open_inbox: OpenInbox, person: Person) -> None:
    person.send_many(40)
    person.send("Another")
    inbox = open_inbox(person)
    inbox.row("Another").root.focus()
    inbox.press("Control+a")
    expect(inbox.bulk).to_contain_text("All 41 selected")
    inbox.press("Escape")
    inbox.search("note")
    expect(inbox.rows).to_have_count(30)
    inbox.rows.first.focus()
    inbox.press("Control+a")
    expect(inbox.bulk).to_contain_text(re.compile("All 4[01] selected"))
    inbox.press("e")
    inbox.expect_told(re.compile("Marked 4[01] as done"))
    assert person.counts()["unread"] <= 1
    inbox.press("z")
    inbox.expect_told("Undone")
    assert person.counts()["unread"] == 41


def test_acts_wait_for_the_line_and_outlive_a_reload(
    inbox: InboxPage, person: Person, mishaps: list[str]
) -> None:
    person.send_many(4)
    inbox.expect_titles("Note 4", "Note 3", "Note 2", "Note 1")
    inbox.context.set_offline(True)
    inbox.connection.wait_for()
    inbox.row("Note 4").choose("Save")
    inbox.row("Note 3").snooze("Tomorrow morning")
    inbox.row("Note 2").pick()
    inbox.row("Note 1").pick()
    inbox.bulk.get_by_role("button", name="Mark as done").click()
    inbox.expect_titles("Note 4")
    expect(inbox.connection).to_contain_text("wait to be sent")
    # Even if the page is loaded anew before anything could be sent.
    assert inbox.page.evaluate(WAITING) == 3
    inbox.context.set_offline(False)
    inbox.page.reload()
    inbox.expect_titles("Note 4")
    person.wait_until(lambda items: sum("archived" in each for each in items.values()) == 2)
    inbox.expect_count("Saved", "1")
    inbox.expect_count("Snoozed", "1")
    mishaps.clear()


def test_a_kind_is_muted_and_unmuted(inbox: InboxPage, person: Person) -> None:
    person.send("Loud")
    inbox.row("Loud").root.focus()
    inbox.press("m")
    inbox.expect_told("Muted “")
    inbox.undo()
    inbox.expect_told("Undone")
