"""No violation that a machine can find, in light and dark, in every main state."""

# pyright: standard
# axe comes without types.

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.looks import EVERY_LOOK
from tests.browser.pages.account import AccountPage
from tests.browser.pages.inbox import InboxPage
from tests.browser.pages.preferences import PreferencesPage

SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


def expect_accessible(inbox: InboxPage) -> None:
    # What fades in is judged when it is there.
    inbox.page.emulate_media(reduced_motion="reduce")
    found = Axe().run(inbox.page)
    assert found.violations_count == 0, found.generate_report()


@pytest.fixture
def busy(person: Person) -> Person:
    """A person with something of everything."""
    read = person.send("Read already", body="Some text")
    person.report(read, opened="2026-01-02T03:04:05Z")
    asked = person.send("Approve?", body="Text", actions=[{"label": "Yes"}, {"label": "No"}])
    person.answer(asked, "Well?", author="Mara Klein")
    chosen = person.send("Chosen", actions=[{"label": "Yes"}], url="https://example.org/x")
    person.report(chosen, actioned1="2026-01-02T03:04:05Z")
    person.send("Rich", html="<p>Some <b>rich</b> <a href='https://example.org'>text</a></p>")
    return person


@EVERY_LOOK
def test_list(open_inbox: OpenInbox, busy: Person, scheme: str, width: int, height: int) -> None:
    inbox = open_inbox(busy, width=width, height=height, color_scheme=scheme)
    expect_accessible(inbox)


@SCHEMES
@pytest.mark.parametrize("title", ["Approve?", "Chosen", "Rich"])
def test_open(open_inbox: OpenInbox, busy: Person, scheme: str, title: str) -> None:
    inbox = open_inbox(busy, color_scheme=scheme)
    inbox.open(title)
    expect_accessible(inbox)


@SCHEMES
def test_empty_and_flash(open_inbox: OpenInbox, person: Person, scheme: str) -> None:
    person.send("Hello")
    inbox = open_inbox(person, color_scheme=scheme)
    inbox.row("Hello").act("Mark as done")
    inbox.empty.wait_for()
    inbox.flash.wait_for()
    expect_accessible(inbox)


@SCHEMES
@pytest.mark.parametrize("width", [1440, 390])
def test_finding_selecting_and_menus(
    open_inbox: OpenInbox, busy: Person, scheme: str, width: int
) -> None:
    inbox = open_inbox(busy, width=width, color_scheme=scheme)
    inbox.search_field.focus()
    expect_accessible(inbox)
    inbox.search_field.fill("is:wrong")
    inbox.page.locator("#search-note").filter(has_text="not known").wait_for()
    expect_accessible(inbox)
    inbox.search_field.fill("nothing like it")
    inbox.empty.wait_for()
    expect_accessible(inbox)
    inbox.search_field.fill("")
    inbox.search_field.blur()
    inbox.row("Rich").choose("Save")
    inbox.row("Rich").pick()
    inbox.bulk.wait_for()
    inbox.flash.get_by_role("button", name="Dismiss").click()
    expect_accessible(inbox)
    inbox.bulk.get_by_role("button", name="Snooze").click()
    inbox.menu.wait_for()
    expect_accessible(inbox)


@SCHEMES
def test_help(open_inbox: OpenInbox, person: Person, scheme: str) -> None:
    inbox = open_inbox(person, color_scheme=scheme)
    inbox.press("?")
    inbox.help.wait_for()
    expect_accessible(inbox)


@SCHEMES
def test_gone(open_inbox: OpenInbox, person: Person, scheme: str) -> None:
    inbox = open_inbox(person, path="/inbox/?id=nothing", color_scheme=scheme)
    inbox.detail.expect_gone()
    expect_accessible(inbox)


@EVERY_LOOK
def test_account(open_inbox: OpenInbox, busy: Person, scheme: str, width: int, height: int) -> None:
    inbox = open_inbox(busy, width=width, height=height, color_scheme=scheme)
    account = AccountPage.of(inbox)
    expect_accessible(inbox)
    account.zone.click()
    account.zones.first.wait_for()
    expect_accessible(inbox)
    inbox.press("Escape")
    account.button("Delete account…").click()
    expect_accessible(inbox)


@EVERY_LOOK
@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_preferences(
    open_inbox: OpenInbox, person: Person, scheme: str, width: int, height: int, locale: str
) -> None:
    person.host.post(f"/users/{person.id}", {"email": f"{person.id}@acme.example"})
    inbox = open_inbox(person, width=width, height=height, color_scheme=scheme, locale=locale)
    centre = PreferencesPage.of(inbox)
    centre.page.locator('[data-at="cell/share//EMAIL"]').select_option("daily")
    expect(centre.undo).to_be_visible()
    person.host.post("/send", {"type": "share", "to": {"id": person.id}, "inapp": {"title": "A"}})
    expect(centre.page.locator(".digest")).to_be_visible()
    centre.page.locator('[data-at="cell/sign_in_alert//EMAIL"]').focus()
    centre.row("comment").locator("[aria-expanded]").click()
    centre.page.locator('.address [class="text-link"]').first.click()
    expect_accessible(inbox)
