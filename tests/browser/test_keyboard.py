"""Everything can be done without a pointer."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.pages.inbox import InboxPage


@pytest.fixture
def three(inbox: InboxPage, person: Person) -> InboxPage:
    """Note 3, Note 2, Note 1, and the focus on the first."""
    person.send_many(3)
    inbox.expect_titles("Note 3", "Note 2", "Note 1")
    inbox.press("j")
    inbox.expect_focus("Note 3")
    return inbox


def test_moving(three: InboxPage) -> None:
    three.press("j", "j")
    three.expect_focus("Note 1")
    three.press("j")
    three.expect_focus("Note 1")
    three.press("k")
    three.expect_focus("Note 2")
    three.press("PageUp")
    three.expect_focus("Note 3")
    three.press("PageDown")
    three.expect_focus("Note 2")


def test_opening_and_leaving(three: InboxPage) -> None:
    three.press("j", "Enter")
    three.detail.showing("Note 2")
    expect(three.detail.title).to_be_focused()
    three.press("j")
    three.detail.showing("Note 1")
    three.press("Escape")
    three.detail.expect_closed()
    three.expect_focus("Note 1")


def test_archiving_moves_on(three: InboxPage) -> None:
    three.press("j", "e")
    three.expect_titles("Note 3", "Note 1")
    three.expect_focus("Note 1")
    three.press("e")
    three.expect_titles("Note 3")
    three.expect_focus("Note 3")
    three.press("e")
    expect(three.empty).to_be_visible()
    expect(three.heading).to_be_focused()
    three.press("z")
    three.expect_titles("Note 3")


def test_the_newest_act_is_taken_back_before_the_server_has_it(
    three: InboxPage, person: Person
) -> None:
    three.press("e", "e", "z", "e", "z")
    three.expect_told("Undone")
    three.expect_titles("Note 2", "Note 1")
    assert person.counts()["unread"] == 2


def test_a_key_held_down_acts_once_but_moves_on(three: InboxPage) -> None:
    three.page.keyboard.down("j")
    three.page.keyboard.down("j")
    three.page.keyboard.up("j")
    three.expect_focus("Note 1")
    three.page.keyboard.down("e")
    three.expect_titles("Note 3", "Note 2")
    three.page.keyboard.down("e")
    three.page.keyboard.up("e")
    three.expect_focus("Note 2")
    three.expect_titles("Note 3", "Note 2")


def test_read_and_unread(three: InboxPage) -> None:
    three.press("i")
    three.row("Note 3").expect_read()
    three.press("u")
    three.row("Note 3").expect_unread()
    three.expect_unread(3)


def test_replying(three: InboxPage) -> None:
    three.press("r")
    expect(three.detail.reply_box).to_be_focused()
    three.page.keyboard.type("jk is text here")
    three.press("Control+Enter")
    three.detail.expect_said("jk is text here")


def test_saving_and_snoozing(three: InboxPage) -> None:
    three.press("s")
    expect(three.row("Note 3").root.locator(".saved-mark")).to_have_count(1)
    three.expect_focus("Note 3")
    three.press("h")
    expect(three.menu).to_be_visible()
    three.press("Escape")
    expect(three.menu).to_have_count(0)
    three.row("Note 3").root.focus()
    three.press("h", "ArrowDown", "Enter")
    three.expect_titles("Note 2", "Note 1")
    three.expect_told("Snoozed until")
    three.press("z")
    three.expect_titles("Note 3", "Note 2", "Note 1")


def test_help_and_the_switch(three: InboxPage) -> None:
    three.press("?")
    expect(three.help).to_be_visible()
    three.help.get_by_role("switch").click()
    three.press("Escape")
    expect(three.help).not_to_be_visible()
    three.row("Note 3").root.focus()
    three.press("j")
    three.expect_focus("Note 3")
    three.press("PageDown")
    three.expect_focus("Note 2")


def test_going_to_the_inbox(three: InboxPage) -> None:
    three.show("Done")
    three.press("g", "i")
    expect(three.page).to_have_url(re.compile("/inbox/$"))
    three.expect_titles("Note 3", "Note 2", "Note 1")


def test_leaving_the_feed(three: InboxPage) -> None:
    three.press("Control+Home")
    expect(three.heading).to_be_focused()


def test_skipping_to_the_notifications_keeps_the_address(
    open_inbox: OpenInbox, person: Person
) -> None:
    inbox = open_inbox(person, path="/inbox/?view=unread")
    inbox.skip_link.focus()
    inbox.press("Enter")
    expect(inbox.list).to_be_focused()
    expect(inbox.page).to_have_url(re.compile(r"/inbox/\?view=unread$"))
