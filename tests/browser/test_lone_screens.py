"""Pages outside the frame, and the account: nothing a machine finds wrong, and a picture of each.

The pictures are kept in ``docs/screenshots`` on purpose only (`looks.PICTURES`).
"""

# pyright: standard
# axe comes without types.

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.looks import EVERY_LOOK, PICTURES
from tests.browser.pages.account import AccountPage
from tests.browser.pages.preferences import PreferencesPage

pytestmark = [pytest.mark.slow, EVERY_LOOK]

CAPTURED = "SELECT fields FROM captured_messages WHERE recipient = ? ORDER BY id DESC"
Look = Callable[[Page, str], None]


@pytest.fixture
def look(scheme: str, width: int, height: int) -> Look:
    """Checks a page and takes its picture."""

    def check(page: Page, name: str) -> None:
        # What fades in is judged when it is there.
        page.emulate_media(reduced_motion="reduce")
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(
            path=PICTURES / f"{name}-{width}-{scheme}.png", animations="disabled", full_page=True
        )
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()

    return check


@pytest.fixture
def visitor(
    new_context: Callable[..., BrowserContext], person: Person, scheme: str, width: int, height: int
) -> Page:
    """A tab in which nobody is signed in."""
    context = new_context(
        base_url=person.host.server.url,
        viewport={"width": width, "height": height},
        color_scheme=scheme,
    )
    return context.new_page()


@pytest.fixture
def reachable(person: Person) -> Person:
    """Somebody with an e-mail address."""
    person.host.post(f"/users/{person.id}", {"email": f"{person.id}@acme.example"})
    return person


def test_preferences_by_link(visitor: Page, reachable: Person, look: Look) -> None:
    path = f"/users/{reachable.id}/preference-link"
    visitor.goto(reachable.host.post(path, {})["url"])
    PreferencesPage(visitor).ready()
    expect(visitor.get_by_text(reachable.name)).to_be_visible()
    look(visitor, "preferences-link")
    reachable.host.delete(path)
    expect(visitor).to_have_url(re.compile("/preferences/over/$"))
    look(visitor, "preferences-link-over")
    visitor.goto("/preferences/?key=garbage")
    look(visitor, "preferences-link-wrong")


def unsubscribe_link(person: Person) -> str:
    """The link in an e-mail that the sandbox has kept."""
    body = {"type": "share", "to": {"id": person.id}, "parameters": {"title": "Q4 launch"}}
    found: list[str] = []
    person.host.post("/send", body)
    with closing(person.host.server.database()) as database:
        while not found:
            kept = database.execute(CAPTURED, [f"{person.id}@acme.example"]).fetchall()
            html = json.loads(kept[0][0])["html"] if kept else ""
            found = re.findall(r'/unsubscribe/[^"?]+', html)
    return found[0]


def test_unsubscribing(visitor: Page, reachable: Person, look: Look) -> None:
    visitor.goto(unsubscribe_link(reachable))
    look(visitor, "unsubscribe")
    visitor.get_by_role("button", name="Unsubscribe").click()
    expect(visitor.get_by_role("button", name="Undo")).to_be_visible()
    look(visitor, "unsubscribe-done")
    visitor.get_by_role("button", name="Undo").click()
    expect(visitor.get_by_role("button", name="Unsubscribe")).to_be_visible()
    look(visitor, "unsubscribe-undone")
    visitor.get_by_role("button", name="Unsubscribe").click()
    visitor.get_by_role("button", name="weekly").click()
    expect(visitor.get_by_role("button", name="Undo")).to_be_visible()
    look(visitor, "unsubscribe-weekly")


def test_the_account(
    open_inbox: OpenInbox, reachable: Person, look: Look, scheme: str, width: int, height: int
) -> None:
    inbox = open_inbox(reachable, width=width, height=height, color_scheme=scheme)
    account = AccountPage.of(inbox)
    expect(account.sessions.first).to_be_visible()
    look(account.page, "account")
    account.rename("Ada Lovelace")
    account.expect_saved()
    look(account.page, "account-saved")
    account.button("Delete account…").click()
    look(account.page, "account-delete")
