"""Without a network: what still opens, and what is done when it is back."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.host import Person
from tests.browser.pages.inbox import InboxPage

WORKER_READY = "() => navigator.serviceWorker.ready.then(({ active }) => active.state)"


def test_the_page_opens_without_a_network(
    inbox: InboxPage, person: Person, mishaps: list[str]
) -> None:
    person.send("Hello")
    inbox.expect_titles("Hello")
    inbox.page.evaluate(WORKER_READY)
    inbox.context.set_offline(True)
    inbox.page.reload()
    expect(inbox.heading).to_have_text("Inbox")
    expect(inbox.connection).to_contain_text("Offline")
    inbox.context.set_offline(False)
    inbox.expect_titles("Hello")
    mishaps.clear()
