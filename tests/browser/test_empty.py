"""What an empty list says, and what can be done there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.pages.inbox import InboxPage


def test_somebody_new_can_send_themselves_a_test(inbox: InboxPage, person: Person) -> None:
    expect(inbox.empty).to_contain_text("Nothing here yet")
    expect(inbox.empty.get_by_role("link", name="Preferences")).to_be_visible()
    inbox.empty.get_by_role("button", name="Send me a test").click()
    inbox.expect_titles("This is a test")
    (item,) = person.items().values()
    assert item["notificationId"] == "test"
    inbox.row("This is a test").act("Mark as done")
    expect(inbox.empty).to_contain_text("All clear")
    expect(inbox.empty).to_contain_text("1 done today")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_today_is_the_readers_own(open_inbox: OpenInbox, person: Person, zone: str) -> None:
    person.send_many(2)
    inbox = open_inbox(person, timezone_id=zone)
    for title in ("Note 2", "Note 1"):
        inbox.row(title).act("Mark as done")
    expect(inbox.empty).to_contain_text("2 done today")
    inbox.undo()
    inbox.row("Note 1").act("Mark as done")
    expect(inbox.empty).to_contain_text("2 done today")


def test_the_next_summary_is_announced(open_inbox: OpenInbox, person: Person) -> None:
    person.chooses({"types": {"share": {"channels": {"EMAIL": "weekly"}}}})
    person.send_email("Ana shared a file", "share")
    inbox = open_inbox(person)
    inbox.row("Ana shared a file").act("Mark as done")
    expect(inbox.empty).to_contain_text("Next summary by E-mail: ")


def test_a_search_without_a_match_can_be_cleared_or_widened(
    inbox: InboxPage, person: Person
) -> None:
    person.send("Hello")
    inbox.goto("/inbox/?view=archived&type=note&q=hello")
    expect(inbox.empty).to_contain_text("Nothing found for “hello”")
    inbox.empty.get_by_role("link", name="Search all views").click()
    inbox.expect_titles("Hello")
    inbox.goto("/inbox/?type=unknown")
    inbox.empty.get_by_role("link", name="Show everything").click()
    inbox.expect_titles("Hello")
