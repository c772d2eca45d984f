"""What shows without a network, and as an app: looked at by axe, and kept as pictures."""

# pyright: standard
# axe comes without types.

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ARTIFACTS, OpenInbox
from tests.browser.host import Person
from tests.browser.kept import keep
from tests.browser.looks import EVERY_LOOK
from tests.browser.pages.account import AccountPage
from tests.browser.pages.inbox import InboxPage
from tests.browser.test_accessibility import expect_accessible

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)

pytestmark = [pytest.mark.slow, EVERY_LOOK]


@pytest.fixture
def options(width: int, height: int, scheme: str) -> dict[str, Any]:
    return {"width": width, "height": height, "color_scheme": scheme}


def look_at(inbox: InboxPage, name: str, options: dict[str, Any]) -> None:
    folder = f"{options['width']}-{options['color_scheme']}"
    path = ARTIFACTS / "screens" / folder / f"{name}.png"
    inbox.page.screenshot(path=path, animations="disabled")
    expect_accessible(inbox)


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_without_a_network(
    open_inbox: OpenInbox,
    person: Person,
    mishaps: list[str],
    options: dict[str, Any],
    locale: str,
) -> None:
    person.send("Invoice 2041 is due", body="It is due on Friday.")
    person.send("Mara asked you", body="Can we ship today?", actions=[{"label": "Yes"}])
    person.send("Build 812 is green", body="All of it.")
    inbox = open_inbox(person, locale=locale, **options)
    keep(inbox, "Invoice 2041 is due", "Mara asked you", "Build 812 is green")
    inbox.context.set_offline(True)
    inbox.page.reload()
    expect(inbox.rows).to_have_count(3)
    inbox.rows.nth(1).get_by_role("button", name="Yes").click()
    look_at(inbox, f"kept-list-{locale}", options)
    inbox.rows.nth(1).get_by_role("link").click()
    detail = inbox.detail.showing("Mara asked you")
    detail.root.locator("[data-reply]").fill("From the train: yes, if the build is green.")
    detail.root.locator("button.send").click()
    expect(detail.thread).to_have_count(1)
    look_at(inbox, f"kept-open-{locale}", options)
    inbox.page.goto("/inbox/?q=green")
    inbox.trouble.wait_for()
    look_at(inbox, f"kept-search-{locale}", options)
    inbox.page.goto("/inbox/?id=older")
    expect(inbox.detail.root).to_have_attribute("data-state", "failed")
    look_at(inbox, f"kept-not-{locale}", options)
    inbox.page.goto("/preferences/")
    inbox.page.locator(".trouble").wait_for()
    look_at(inbox, f"kept-preferences-{locale}", options)
    inbox.page.evaluate("document.querySelector('form[action=\"/sign-out\"]').requestSubmit()")
    inbox.page.locator("dialog[open]").wait_for()
    look_at(inbox, f"kept-leaving-{locale}", options)
    mishaps.clear()


def test_as_an_app(open_inbox: OpenInbox, person: Person, options: dict[str, Any]) -> None:
    inbox = open_inbox(person, user_agent=IPHONE, **options)
    account = AccountPage.of(inbox)
    hint = account.page.locator("[data-install=hint]")
    hint.scroll_into_view_if_needed()
    look_at(inbox, "install-hint", options)
    hint.get_by_role("button").click()
    expect(hint).to_have_count(0)
    account.page.reload()
    expect(account.sessions.first).to_be_visible()
    expect(hint).to_have_count(0)


def test_a_new_version(open_inbox: OpenInbox, person: Person, options: dict[str, Any]) -> None:
    person.send("Invoice 2041 is due")
    inbox = open_inbox(person, **options)
    inbox.expect_titles("Invoice 2041 is due")
    inbox.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    # As when a worker takes over from another.
    for _ in range(2):
        inbox.page.evaluate(
            "navigator.serviceWorker.dispatchEvent(new Event('controllerchange')) && true"
        )
    inbox.page.locator("[data-update]").wait_for()
    look_at(inbox, "new-version", options)
