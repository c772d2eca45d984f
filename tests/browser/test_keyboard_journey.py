"""A whole morning by the keyboard alone: the pointer is never touched."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.pages.inbox import InboxPage

FARTHEST = 200
"""Presses of Tab within which everything is reached."""


def tab_to(inbox: InboxPage, goal: Locator) -> None:
    expect(goal).to_be_visible()
    for _ in range(FARTHEST):
        if goal.evaluate("node => node === document.activeElement"):
            return
        inbox.press("Tab")
    raise AssertionError(f"Tab does not reach {goal}.")


@pytest.fixture
def six(open_inbox: OpenInbox, person: Person) -> InboxPage:
    """Note 6 to Note 1."""
    person.send_many(6)
    inbox = open_inbox(person)
    inbox.expect_titles(*(f"Note {n}" for n in range(6, 0, -1)))
    return inbox


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_morning_without_a_pointer(six: InboxPage, person: Person) -> None:
    read_and_answer(six)
    put_aside(six)
    act_on_some(six)
    search_and_keep(six)
    choose_preferences(six)
    leave_the_feed(six)
    six.press("g", "i")
    expect(six.page).to_have_url(re.compile("/inbox/$"))
    items = person.items().values()
    assert sorted(item["title"] for item in items if "archived" in item) == ["Note 4"]
    assert sum(bool(item.get("replies")) for item in items) == 1


def read_and_answer(inbox: InboxPage) -> None:
    inbox.press("j", "j", "k")
    inbox.expect_focus("Note 6")
    inbox.press("PageDown", "PageUp", "o")
    inbox.detail.showing("Note 6")
    expect(inbox.detail.title).to_be_focused()
    inbox.press("r")
    expect(inbox.detail.reply_box).to_be_focused()
    inbox.page.keyboard.type("At noon, then")
    inbox.press("Control+Enter")
    inbox.detail.expect_said("At noon, then")
    inbox.press("Escape", "Escape")
    inbox.detail.expect_closed()
    inbox.expect_focus("Note 6")
    inbox.press("u")
    inbox.row("Note 6").expect_unread()
    inbox.press("i")
    inbox.row("Note 6").expect_read()


def put_aside(inbox: InboxPage) -> None:
    inbox.press("s")
    expect(inbox.row("Note 6").root.locator(".saved-mark")).to_be_visible()
    inbox.expect_focus("Note 6")
    inbox.press("j", "h")
    expect(inbox.menu).to_be_visible()
    inbox.press("Enter")
    expect(inbox.row("Note 5").root).to_have_count(0)
    inbox.expect_focus("Note 4")
    inbox.press("e")
    inbox.expect_told("Marked as done")
    inbox.expect_titles("Note 6", "Note 3", "Note 2", "Note 1")
    inbox.expect_focus("Note 3")
    inbox.press("z")
    expect(inbox.row("Note 4").root).to_be_visible()
    inbox.expect_told("Undone")
    inbox.expect_focus("Note 3")
    inbox.press("m")
    inbox.expect_told("Muted")
    inbox.press("z")
    inbox.expect_told("Undone")


def act_on_some(inbox: InboxPage) -> None:
    inbox.row("Note 3").root.wait_for()
    inbox.press("Control+Home")
    expect(inbox.heading).to_be_focused()
    inbox.press("j", "x", "j", "j", "Shift+X")
    expect(inbox.bulk).to_contain_text("3 selected")
    inbox.press("e")
    inbox.expect_titles("Note 2", "Note 1")
    inbox.expect_told("Marked 3 as done")
    inbox.press("z")
    inbox.expect_titles("Note 6", "Note 4", "Note 3", "Note 2", "Note 1")
    inbox.press("Control+Home", "j", "Control+a")
    expect(inbox.bulk).to_contain_text("All 5 selected")
    inbox.press("Escape")
    expect(inbox.bulk).to_have_count(0)


def search_and_keep(inbox: InboxPage) -> None:
    inbox.press("/")
    expect(inbox.search_field).to_be_focused()
    inbox.page.keyboard.type('"note 4"')
    inbox.expect_titles("Note 4")
    keep = inbox.page.get_by_role("button", name="Save as a filter")
    tab_to(inbox, keep)
    inbox.press("Enter")
    dialog = inbox.page.get_by_role("dialog", name="Save as a filter")
    expect(dialog.get_by_role("textbox")).to_be_focused()
    inbox.press("Control+a")
    inbox.page.keyboard.type("Fours")
    inbox.press("Enter")
    expect(dialog).not_to_be_visible()
    expect(inbox.heading).to_have_text("Fours")
    tab_to(inbox, inbox.rows.first)
    inbox.press("e")
    inbox.empty.wait_for()
    link = inbox.page.locator(".rail").get_by_role("link", name="All")
    tab_to(inbox, link)
    inbox.press("Enter")
    expect(inbox.heading).to_have_text("Inbox")
    inbox.settled()


def choose_preferences(inbox: InboxPage) -> None:
    inbox.press("g", "p")
    expect(inbox.page).to_have_url(re.compile("/preferences/$"))
    cell = inbox.page.get_by_label("Share: E-mail", exact=True)
    tab_to(inbox, cell)
    cell.press("w")
    expect(cell).to_have_value("weekly")
    # Out of the field, where keys are its own.
    inbox.press("Escape", "?")
    expect(inbox.help).to_be_visible()
    inbox.press("Escape")
    expect(inbox.help).not_to_be_visible()
    inbox.press("g", "i")
    expect(inbox.page).to_have_url(re.compile("/inbox/$"))
    inbox.expect_titles("Note 6", "Note 3", "Note 2", "Note 1")


def leave_the_feed(inbox: InboxPage) -> None:
    inbox.press("j", "Enter")
    inbox.detail.showing("Note 6")
    inbox.press("Escape")
    inbox.expect_focus("Note 6")
    inbox.press("Control+End")
    expect(inbox.page.locator(".detail")).to_be_focused()
