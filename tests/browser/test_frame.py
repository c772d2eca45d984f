"""The frame around all pages: ways between them, live counts, and the number on the tab."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.pages.bell import Bell
from tests.browser.pages.inbox import InboxPage


def test_going_between_pages_by_keys_and_links(inbox: InboxPage, person: Person) -> None:
    person.send("Hello")
    inbox.press("g", "p")
    expect(inbox.page).to_have_url(re.compile("/preferences/$"))
    expect(inbox.heading).to_have_text("Notifications, your way")
    current = inbox.page.locator('.rail [aria-current="page"]')
    expect(current).to_have_text("Preferences")
    inbox.press("g", "i")
    expect(inbox.page).to_have_url(re.compile("/inbox/$"))
    inbox.expect_titles("Hello")
    inbox.page.get_by_role("link", name="Account", exact=True).locator("visible=true").click()
    expect(inbox.heading).to_have_text("Account")


def test_pages_without_a_list_follow_the_counts(inbox: InboxPage, person: Person) -> None:
    inbox.page.goto("/preferences/")
    unread = inbox.page.locator(".rail").get_by_role("link", name="Unread")
    expect(inbox.page).to_have_title(re.compile("^Preferences · "))
    person.send_many(2)
    expect(unread).to_contain_text("2")
    expect(inbox.page).to_have_title(re.compile(r"^\(2\) Preferences · "))
    inbox.press("g", "i")
    inbox.expect_titles("Note 2", "Note 1")
    inbox.expect_unread(2)


def test_one_number_is_on_the_bell_the_tab_and_the_heading(
    inbox: InboxPage, person: Person
) -> None:
    inbox.expect_badge("")
    inbox.page.goto("/account/")
    bell, icon = Bell(inbox.page), inbox.page.locator('link[rel="icon"]')
    person.send_many(3)
    bell.expect_count(3)
    expect(inbox.page).to_have_title(re.compile(r"^\(3\) Account"))
    expect(icon).to_have_attribute("href", re.compile("^data:image/png"))
    # What was on the screen is seen, and no less unread.
    inbox.page.goto("/inbox/")
    inbox.expect_titles("Note 3", "Note 2", "Note 1")
    inbox.expect_badge("")
    inbox.expect_unread(3)
    assert (person.counts()["unseen"], person.counts()["unread"]) == (0, 3)


def test_more_than_99_are_not_counted_out(open_inbox: OpenInbox, person: Person) -> None:
    person.send_many(105)
    # Two rows are in view, so that a hundred stay unseen.
    inbox = open_inbox(person, height=400)
    inbox.expect_badge("99+")


def test_on_a_phone_the_menu_leads_to_the_pages(open_inbox: OpenInbox, person: Person) -> None:
    inbox = open_inbox(person, width=390, height=844)
    inbox.account.locator("visible=true").click()
    inbox.page.locator("#account-menu").get_by_role("link", name="Account", exact=True).click()
    expect(inbox.heading).to_have_text("Account")
    tabs = inbox.page.locator(".tabbar")
    expect(tabs).to_be_visible()
    tabs.get_by_role("link", name="All").click()
    expect(inbox.heading).to_have_text("Inbox")


def test_the_skip_link_leads_to_the_content(inbox: InboxPage) -> None:
    inbox.page.goto("/account/")
    inbox.skip_link.focus()
    inbox.press("Enter")
    expect(inbox.page.locator("#content")).to_be_focused()


@pytest.mark.parametrize("path", ["/inbox/", "/preferences/", "/account/"])
def test_who_runs_no_scripts_is_told(
    new_context: Callable[..., BrowserContext], person: Person, path: str
) -> None:
    context = new_context(base_url=person.host.server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(person.sign_in_url())
    page.goto(path)
    expect(page.locator("noscript .no-scripts")).to_be_in_viewport()
