"""The inbox as an installed app: the offer to install it, and the number on its icon."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.pages.account import AccountPage
from tests.browser.pages.inbox import InboxPage

# What a browser that can install the page tells it; headless ones never do.
OFFER = """() => {
  const offer = new Event("beforeinstallprompt", { cancelable: true });
  offer.prompt = () => { document.body.dataset.asked = "yes"; };
  offer.userChoice = Promise.resolve({ outcome: "accepted" });
  window.dispatchEvent(offer);
  return offer.defaultPrevented;
}"""
# Where the browser would put the number; headless ones have no icon to put it on.
NOTE_BADGE = """
navigator.setAppBadge = async (count) => { document.documentElement.dataset.appBadge = count; };
"""


def test_the_account_page_offers_it_once_the_browser_does(inbox: InboxPage) -> None:
    account = AccountPage.of(inbox)
    expect(account.page.locator("[data-install]")).to_have_count(0)
    assert account.page.evaluate(OFFER)
    account.button("Install").click()
    expect(account.page.locator("body")).to_have_attribute("data-asked", "yes")
    expect(account.page.locator("[data-install]")).to_have_count(0)


def test_the_browser_finds_all_it_needs_to_install(inbox: InboxPage, person: Person) -> None:
    inbox.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    tools = inbox.context.new_cdp_session(inbox.page)
    found: dict[str, Any] = tools.send("Page.getAppManifest")  # pyright: ignore
    assert found["errors"] == []
    assert found["url"].endswith("/manifest.webmanifest")
    told: dict[str, Any] = tools.send("Page.getInstallabilityErrors")  # pyright: ignore
    named = {each["errorId"] for each in told["installabilityErrors"]}
    # A browser without a profile cannot install anything.
    assert named <= {"in-incognito"}


def test_the_app_s_icon_has_the_number_of_unseen_ones(
    open_inbox: OpenInbox, person: Person
) -> None:
    inbox = open_inbox(person)
    inbox.context.add_init_script(NOTE_BADGE)
    root = AccountPage.of(inbox).page.locator("html")
    person.send_many(2)
    expect(root).to_have_attribute("data-app-badge", "2")
    person.report(*person.items(), opened="2026-01-02T03:04:05Z")
    expect(root).to_have_attribute("data-app-badge", "0")
