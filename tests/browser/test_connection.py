"""A lost connection is said calmly, and made good without a trace."""

from __future__ import annotations

from contextlib import closing

from playwright.sync_api import expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.pages.inbox import InboxPage
from tests.browser.server import Server


def test_offline_is_said_and_taken_back(
    inbox: InboxPage, person: Person, mishaps: list[str]
) -> None:
    person.send("Before")
    inbox.expect_titles("Before")
    inbox.context.set_offline(True)
    expect(inbox.connection).to_contain_text("Offline: showing")
    person.send("Meanwhile")
    inbox.context.set_offline(False)
    expect(inbox.connection).to_have_count(0)
    inbox.expect_titles("Meanwhile", "Before")
    mishaps.clear()


def test_a_tab_survives_a_crash_of_the_server(
    own_server: Server, own_person: Person, open_inbox: OpenInbox, mishaps: list[str]
) -> None:
    person = own_person
    person.send_many(65)
    inbox = open_inbox(person, height=600)
    inbox.scroll_to_end()
    expect(inbox.rows).to_have_count(60)
    inbox.scroll_by(-400)
    before = inbox.offset("Note 15")

    own_server.kill()
    expect(inbox.connection).to_contain_text("Reconnecting")
    expect(inbox.rows).to_have_count(60)
    own_server.start()
    person.send("After the crash")
    expect(inbox.connection).to_have_count(0)

    expect(inbox.pill).to_have_text("1 new")
    # One more than before when the tab was back before it was sent.
    first, *others = inbox.titles()
    assert first == "After the crash"
    assert others == [f"Note {65 - n}" for n in range(len(others))]
    assert len(others) in (59, 60)
    assert abs(inbox.offset("Note 15") - before) < 2
    inbox.expect_unread(66)
    assert person.counts()["unread"] == 66
    mishaps.clear()


def test_what_is_done_while_the_server_is_away_is_done_later(
    own_server: Server, own_person: Person, open_inbox: OpenInbox, mishaps: list[str]
) -> None:
    person = own_person
    first, _ = person.send_many(2)
    inbox = open_inbox(person)
    inbox.expect_titles("Note 2", "Note 1")
    own_server.kill()
    inbox.row("Note 1").act("Mark as done")
    inbox.expect_titles("Note 2")
    own_server.start()
    expect(inbox.flash).to_contain_text("Marked as done")
    inbox.expect_titles("Note 2")
    assert "archived" in person.item(first)
    mishaps.clear()


def test_a_list_that_cannot_be_loaded_says_so(
    own_server: Server, own_person: Person, open_inbox: OpenInbox
) -> None:
    own_person.send("Hello")
    inbox = open_inbox(own_person)
    inbox.expect_titles("Hello")
    with closing(own_server.database()) as database:
        database.execute("ALTER TABLE inbox_items RENAME TO elsewhere")
        inbox.go("Unread")
        expect(inbox.trouble).to_contain_text("Could not load your notifications")
        inbox.expect_titles("Hello")
        database.execute("ALTER TABLE elsewhere RENAME TO inbox_items")
    inbox.trouble.get_by_role("button", name="Retry").click()
    expect(inbox.trouble).to_have_count(0)
    expect(inbox.heading).to_have_text("Unread")
    inbox.expect_titles("Hello")


def test_the_notice_shows_beside_an_open_notification_on_a_phone(
    open_inbox: OpenInbox, person: Person
) -> None:
    person.send("Hello")
    inbox = open_inbox(person, width=390, height=844)
    inbox.open("Hello")
    inbox.context.set_offline(True)
    expect(inbox.connection).to_be_visible()
    inbox.context.set_offline(False)
    expect(inbox.connection).to_have_count(0)


def test_back_on_a_phone_returns_in_the_history(open_inbox: OpenInbox, person: Person) -> None:
    person.send("Hello")
    inbox = open_inbox(person, width=390, height=844)
    before = inbox.page.evaluate("history.length")
    inbox.open("Hello").close()
    expect(inbox.row("Hello").root).to_be_visible()
    inbox.open("Hello")
    assert inbox.page.evaluate("history.length") == before + 1
