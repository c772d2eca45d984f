"""Web push as it is offered: after something one did, never by itself; and how it rests."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.pages.inbox import InboxPage
from tests.push.browser import Permission
from tests.push.chromium import Chromium, ChromiumTab
from tests.push.desktop import Desktop
from tests.push.inbox import Pushed, offer_of

NEVER_ASKS = """() => {
  window.asked = 0;
  const ask = Notification.requestPermission.bind(Notification);
  Notification.requestPermission = () => { window.asked += 1; return ask(); };
}"""


def opened(robin: Pushed, chromium: Chromium, permission: Permission) -> InboxPage:
    """Their inbox, in a browser that says this of notifications."""
    robin.person.send_many(3)
    tab = robin.open(chromium, permission)
    assert isinstance(tab, ChromiumTab)
    inbox = InboxPage(tab.page)
    inbox.expect_titles("Note 3", "Note 2", "Note 1")
    inbox.page.evaluate(NEVER_ASKS)
    return inbox


def test_it_comes_after_a_snooze_and_rests_when_declined(chromium: Chromium, robin: Pushed):
    inbox = opened(robin, chromium, "prompt")
    expect(offer_of(inbox)).to_have_count(0)
    inbox.row("Note 1").snooze("Tomorrow morning")
    expect(offer_of(inbox)).to_contain_text("Be told when it comes back?")
    offer_of(inbox).get_by_role("button", name="Not now").click()
    expect(offer_of(inbox)).to_have_count(0)
    inbox.row("Note 2").snooze("Tomorrow morning")
    expect(inbox.flash).to_contain_text("Snoozed")
    expect(offer_of(inbox)).to_have_count(0)
    assert inbox.page.evaluate("() => window.asked") == 0


def test_it_is_over_once_it_is_answered(chromium: Chromium, robin: Pushed):
    inbox = opened(robin, chromium, "granted")
    inbox.row("Note 1").snooze("Tomorrow morning")
    offer_of(inbox).get_by_role("button", name="Turn on").click()
    offer_of(inbox).get_by_role("button", name="Close").click()
    expect(offer_of(inbox)).to_have_count(0)
    inbox.row("Note 2").snooze("Tomorrow morning")
    inbox.expect_titles("Note 3")
    expect(offer_of(inbox)).to_have_count(0)


def test_a_browser_that_blocks_is_sent_no_test(chromium: Chromium, robin: Pushed):
    # Under automation Chromium answers its own question by blocking.
    inbox = opened(robin, chromium, "prompt")
    inbox.row("Note 1").snooze("Tomorrow morning")
    offer_of(inbox).get_by_role("button", name="Turn on").click()
    expect(offer_of(inbox)).to_contain_text("This browser blocks notifications from this page.")
    expect(offer_of(inbox).get_by_role("button", name="Close")).to_be_visible()
    expect(offer_of(inbox).get_by_role("link")).to_have_count(0)


def test_it_turns_web_push_on_where_it_stands(chromium: Chromium, robin: Pushed, desktop: Desktop):
    inbox = opened(robin, chromium, "granted")
    inbox.row("Note 1").snooze("Tomorrow morning")
    offer_of(inbox).get_by_role("button", name="Turn on").click()
    expect(offer_of(inbox)).to_contain_text("This browser shows your notifications.")
    offer_of(inbox).get_by_role("link", name="Send a test").click()
    inbox.page.wait_for_url("**/preferences/**")
    robin.send("It works")
    desktop.wait_for("It works")
