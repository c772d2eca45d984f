"""The bell: the newest notifications on pages without the list."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.pages.bell import Bell
from tests.browser.pages.inbox import InboxPage

OpenBell = Callable[..., Bell]


@pytest.fixture
def open_bell(open_inbox: OpenInbox, person: Person) -> OpenBell:
    """The account page with its bell."""

    def open_one(width: int = 1440, height: int = 900) -> Bell:
        # In the same tab: another one with the list would see what arrives.
        page = open_inbox(person, width=width, height=height).page
        page.goto("/account/")
        return Bell(page)

    return open_one


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (768, 1024), (390, 844)])
def test_it_shows_the_newest_at_once(
    open_bell: OpenBell, person: Person, width: int, height: int
) -> None:
    bell = open_bell(width, height)
    person.send_many(12)
    bell.expect_count(12)
    bell.open().expect_titles(*(f"Note {n}" for n in range(12, 2, -1)))
    box = bell.panel.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] + box["height"] <= height


def test_it_is_live_while_it_is_open(open_bell: OpenBell, person: Person) -> None:
    person.send("First")
    bell = open_bell().open()
    bell.expect_titles("First")
    person.send("Second")
    bell.expect_titles("Second", "First")


def test_a_group_that_grows_unseen_is_shown_as_it_is(open_bell: OpenBell, person: Person) -> None:
    """And looking at it again counts again."""
    together = {"enabled": True, "batching": True, "batchingWindow": 600}
    kind = person.host.make_type("Likes", options={"INAPP_WEB": {"instant": together}})
    bell = open_bell()
    tracking_id = person.send("First", type=kind)
    bell.expect_count(1)
    person.send("Second", type=kind)
    bell.open()
    expect(bell.rows).to_contain_text("Second")
    bell.expect_count(0)
    person.send("Third", type=kind)
    expect(bell.rows).to_contain_text("Third")
    bell.expect_count(0)
    assert "seen" in person.item(tracking_id)


def test_looking_clears_the_number_and_reads_nothing(open_bell: OpenBell, person: Person) -> None:
    bell = open_bell()
    tracking_id = person.send("Hello")
    bell.expect_count(1)
    bell.open()
    bell.expect_count(0)
    item = person.item(tracking_id)
    assert "seen" in item
    assert "opened" not in item


def test_the_unread_tab_and_mark_all(open_bell: OpenBell, person: Person) -> None:
    person.report(person.send("Read"), opened="2026-01-02T03:04:05Z")
    person.send("New")
    bell = open_bell().open()
    bell.tab("Unread")
    bell.expect_titles("New")
    bell.panel.get_by_role("button", name="Mark all as read").click()
    expect(bell.panel).to_contain_text("All caught up")
    assert person.counts()["unread"] == 0


def test_a_row_leads_to_the_notification(open_bell: OpenBell, person: Person) -> None:
    person.send("Hello")
    bell = open_bell().open()
    bell.rows.get_by_role("link").click()
    InboxPage(bell.page).detail.showing("Hello")
    expect(bell.panel).to_have_count(0)


def test_by_keyboard(open_bell: OpenBell, person: Person) -> None:
    bell = open_bell()
    person.send("Hello")
    bell.expect_count(1)
    bell.button.focus()
    bell.page.keyboard.press("Enter")
    expect(bell.panel.get_by_role("tab", name="All")).to_be_focused()
    bell.page.keyboard.press("ArrowRight")
    expect(bell.panel.get_by_role("tab", name="Unread")).to_be_focused()
    bell.expect_titles("Hello")
    bell.page.keyboard.press("Escape")
    expect(bell.panel).to_be_hidden()
    expect(bell.button).to_be_focused()


def test_a_click_elsewhere_closes_it(open_bell: OpenBell) -> None:
    bell = open_bell().open()
    expect(bell.panel).to_contain_text("All clear")
    bell.page.get_by_role("heading", level=1).click()
    expect(bell.panel).to_be_hidden()


def test_its_links(open_bell: OpenBell) -> None:
    bell = open_bell().open()
    bell.panel.get_by_role("link", name="Preferences").click()
    expect(bell.page).to_have_url(re.compile("/preferences/$"))
    bell.open().panel.get_by_role("link", name="Open inbox").click()
    expect(bell.page).to_have_url(re.compile("/inbox/$"))
