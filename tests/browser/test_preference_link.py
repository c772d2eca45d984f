"""Preferences by a link: without signing in, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.pages.preferences import PreferencesPage

NewContext = Callable[..., BrowserContext]


def link_of(person: Person) -> str:
    return person.host.post(f"/users/{person.id}/preference-link", {})["url"]


@pytest.fixture
def visitor(new_context: NewContext, person: Person) -> PreferencesPage:
    """Somebody who is not signed in and follows a link."""
    page = new_context(base_url=person.host.server.url).new_page()
    page.goto(link_of(person))
    return PreferencesPage(page).ready()


def test_a_link_opens_the_settings_of_its_person(
    visitor: PreferencesPage, person: Person, open_inbox: OpenInbox
) -> None:
    expect(visitor.page.get_by_text(person.name)).to_be_visible()
    visitor.cell("Share").select_option("weekly")
    visitor.expect_saved()
    expect(PreferencesPage.of(open_inbox(person)).cell("Share")).to_have_value("weekly")


def test_a_link_opens_nothing_else(visitor: PreferencesPage) -> None:
    page = visitor.page
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.get_by_role("button", name="Replace")).to_have_count(0)
    page.goto("/inbox/")
    expect(page).to_have_url(re.compile("/signed-out/$"))
    page.goto("/preferences/")
    expect(page).to_have_url(re.compile("/signed-out/$"))


def test_the_key_does_not_stay_where_it_could_leak(visitor: PreferencesPage) -> None:
    assert "key=" not in visitor.page.url
    (cookie,) = visitor.page.context.cookies()
    kept = cookie.get("httpOnly"), cookie.get("sameSite"), cookie.get("path")
    assert kept == (True, "Lax", "/_event")
    referrer = visitor.page.locator('meta[name="referrer"]')
    expect(referrer).to_have_attribute("content", "no-referrer")


def test_a_revoked_link_ends_an_open_page(visitor: PreferencesPage, person: Person) -> None:
    person.host.delete(f"/users/{person.id}/preference-link")
    expect(visitor.page).to_have_url(re.compile("/preferences/over/$"))
    expect(visitor.page.get_by_role("heading")).to_have_text("This link does not work any more")


def test_a_link_that_does_not_work_says_so(new_context: NewContext, person: Person) -> None:
    page = new_context(base_url=person.host.server.url).new_page()
    revoked = link_of(person)
    person.host.delete(f"/users/{person.id}/preference-link")
    for path, status, text in (
        (revoked, 403, "This link does not work any more"),
        ("/preferences/?key=garbage", 404, "This link no longer works"),
    ):
        answer = page.goto(path)
        assert answer is not None
        assert (answer.status, answer.headers["referrer-policy"]) == (status, "no-referrer")
        expect(page.get_by_role("heading")).to_have_text(text)


def test_ones_own_link_leads_to_ones_own_page(open_inbox: OpenInbox, person: Person) -> None:
    page = open_inbox(person).page
    page.goto(link_of(person))
    expect(page).to_have_url(re.compile("/preferences/$"))
    expect(page.get_by_role("navigation").first).to_be_visible()
