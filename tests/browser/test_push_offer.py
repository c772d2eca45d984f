"""Web push as it is offered: after something one did, and in the preferences; and how it rests."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.pages.inbox import InboxPage

NEVER_ASKS = """() => {
  window.asked = 0;
  Notification.requestPermission = () => { window.asked += 1; return Promise.resolve("default"); };
}"""


def allow(inbox: InboxPage, setting: str) -> None:
    """What the browser says of notifications: ``prompt``, ``denied`` or ``granted``."""
    line: Any = inbox.context.new_cdp_session(inbox.page)
    known = {"permission": {"name": "notifications"}, "setting": setting}
    origin = {"origin": inbox.page.evaluate("location.origin")}
    line.send("Browser.setPermission", known | origin)


def offer_of(inbox: InboxPage) -> Locator:
    return inbox.page.get_by_role("region", name="Notifications on this device")


@pytest.fixture
def inbox(open_inbox: OpenInbox, person: Person) -> InboxPage:
    """An inbox of which web push is offered, in a browser that would ask."""
    person.host.offer_web_push()
    person.send_many(3)
    inbox = open_inbox(person)
    allow(inbox, "prompt")
    inbox.page.reload()
    inbox.page.evaluate(NEVER_ASKS)
    inbox.expect_titles("Note 3", "Note 2", "Note 1")
    return inbox


def test_it_is_offered_after_a_snooze_and_rests_when_declined(inbox: InboxPage) -> None:
    expect(offer_of(inbox)).to_have_count(0)
    inbox.row("Note 1").snooze("Tomorrow morning")
    expect(offer_of(inbox)).to_contain_text("Be told when it comes back?")
    inbox.page.screenshot(path="/tmp/lead/offer.png")
    offer_of(inbox).get_by_role("button", name="Not now").click()
    expect(offer_of(inbox)).to_have_count(0)
    inbox.row("Note 2").snooze("Tomorrow morning")
    expect(inbox.flash).to_contain_text("Snoozed")
    expect(offer_of(inbox)).to_have_count(0)
    assert inbox.page.evaluate("() => window.asked") == 0
