"""A lost connection is said calmly, and made good without a trace."""

from __future__ import annotations

from contextlib import closing

from playwright.sync_api import WebSocketRoute, expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.kept import WAITING
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
    inbox.expect_told("Marked as done")
    inbox.expect_titles("Note 2")
    assert "archived" in person.item(first)
    mishaps.clear()


def test_acts_keep_their_order_when_the_first_is_lost_on_the_way(
    inbox: InboxPage, person: Person, mishaps: list[str]
) -> None:
    person.send("Hello")
    losing: list[bool] = []

    def relay(line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        line.on_message(lambda text: None if losing and "save" in str(text) else server.send(text))

    inbox.page.route_web_socket("**/_event/**", relay)
    inbox.page.reload()
    losing.append(True)
    inbox.row("Hello").choose("Save")
    inbox.context.set_offline(True)
    inbox.connection.wait_for()
    losing.clear()
    inbox.row("Hello").choose("Remove from saved")
    inbox.context.set_offline(False)
    expect(inbox.connection).to_have_count(0)
    inbox.expect_told("Removed from saved")
    settled = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
    inbox.page.evaluate(settled)
    assert inbox.page.evaluate(WAITING) == 0
    # Loaded anew, it has nothing left to send.
    inbox.page.reload()
    inbox.expect_titles("Hello")
    expect(inbox.row("Hello").root.locator(".saved-mark")).to_have_count(0)
    mishaps.clear()


def test_an_act_on_many_that_failed_can_be_tried_again(
    own_server: Server, own_person: Person, open_inbox: OpenInbox
) -> None:
    own_person.send_many(2)
    inbox = open_inbox(own_person)
    inbox.expect_titles("Note 2", "Note 1")
    inbox.rows.first.focus()
    with closing(own_server.database()) as database:
        database.execute("ALTER TABLE inbox_items RENAME TO elsewhere")
        inbox.press("Control+a", "e")
        expect(inbox.flash).to_have_attribute("data-flash", "bad")
        # Nothing is shown as done that was not.
        inbox.expect_titles("Note 2", "Note 1")
        database.execute("ALTER TABLE elsewhere RENAME TO inbox_items")
    inbox.flash.get_by_role("button", name="Retry").click()
    inbox.expect_told("Marked 2 as done")
    inbox.expect_titles()
    assert all("archived" in item for item in own_person.items().values())


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
