"""What goes wrong besides the network: lines, servers, storage, and who sits there."""

from __future__ import annotations

from playwright.sync_api import expect

from inbox_app.services.access import SESSION_COOKIE
from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.kept import CONTROLLED, go_offline, keep, lose, stored
from tests.browser.pages.account import AccountPage
from tests.browser.pages.inbox import InboxPage
from tests.browser.server import Server

# A clock by which each step of a page takes five milliseconds.
SLOW = "{ const now = Date.now; let steps = 0; Date.now = () => now() + 5 * (steps += 1); }"
# As when the browser's own files are damaged.
BREAK_STORAGE = """() => {
  caches.open = caches.match = () => Promise.reject(new DOMException("", "UnknownError"));
}"""


def test_a_tab_that_comes_to_show_somebody_else_keeps_nothing_of_the_one_before(
    own_server: Server, own_person: Person, open_inbox: OpenInbox, mishaps: list[str]
) -> None:
    own_person.send("Another")
    own_person.send("Talk", replies=True)
    other = own_person.host.person("Alex Poe")
    theirs = other.send("For Alex")
    inbox, cookies = open_inbox(own_person), open_inbox(other).context.cookies()
    inbox.open("Talk").reply_box.fill("Half a thought")
    assert "Half a thought" in stored(inbox.page)
    own_server.kill()
    inbox.connection.wait_for()
    inbox.mark_all_read()
    expect(inbox.connection).to_contain_text("to be sent")
    # Nobody could tell this tab that somebody else has signed in here.
    inbox.context.add_cookies([each for each in cookies if each["name"] == SESSION_COOKIE])  # pyright: ignore
    own_server.start()
    inbox.expect_titles("For Alex")
    expect(inbox.connection).to_have_count(0)
    inbox.row("For Alex").choose("Save")
    inbox.expect_told("Saved")
    assert "opened" not in other.item(theirs)
    assert "Half a thought" not in stored(inbox.page)
    mishaps.clear()


def test_what_had_not_been_sent_when_the_session_ended_is_told(
    inbox: InboxPage, open_inbox: OpenInbox, person: Person
) -> None:
    person.send("One")
    lose(inbox, "archive")
    inbox.row("One").act("Mark as done")
    inbox.expect_titles()
    AccountPage.of(open_inbox(person)).button("Sign out everywhere else").click()
    inbox.expect_ended()
    expect(inbox.ended).to_contain_text("One change had not been sent and is lost.")


def test_reading_again_what_was_read_is_no_further_change(
    inbox: InboxPage, person: Person, mishaps: list[str]
) -> None:
    person.send("One")
    person.send("Two")
    inbox.expect_titles("Two", "One")
    keep(inbox, "One", "Two")
    go_offline(inbox)
    for title in ("One", "Two", "One", "Two"):
        inbox.open(title)
    expect(inbox.connection).to_contain_text("2 changes wait")
    mishaps.clear()


def test_what_is_done_now_has_no_age(open_inbox: OpenInbox, person: Person) -> None:
    """However slow the device is: only what comes late is compared with what was done since."""
    person.send("Hello")
    inbox = open_inbox(person)
    inbox.context.add_init_script(SLOW)
    frames: list[str] = []
    inbox.page.on(
        "websocket", lambda line: line.on("framesent", lambda frame: frames.append(str(frame)))
    )
    inbox.page.reload()
    inbox.row("Hello").choose("Save")
    inbox.expect_told("Saved")
    (act,) = [each for each in frames if '"act":"save"' in each]
    assert '"age":0' in act


def test_a_server_that_hangs_does_not_keep_the_page_from_opening(
    own_server: Server, own_person: Person, open_inbox: OpenInbox, mishaps: list[str]
) -> None:
    one = own_person.send("One", body="The first of them")
    inbox = open_inbox(own_person, locale="de-DE")
    keep(inbox, "One")
    inbox.page.evaluate(CONTROLLED)
    with own_server.hanging():
        inbox.page.reload()
        expect(inbox.rows).to_contain_text("Ungelesen: One")
        expect(inbox.connection).to_contain_text("Offline: Stand")
        inbox.rows.get_by_role("link").click()
        expect(inbox.detail.root).to_contain_text("The first of them")
        inbox.press("e")
        inbox.expect_titles()
        expect(inbox.connection).to_contain_text("2 Änderungen")
    own_person.wait_until(lambda items: "archived" in items[one])
    expect(inbox.connection).to_have_count(0)
    mishaps.clear()


def test_broken_storage_is_not_in_the_way_of_the_server(inbox: InboxPage, person: Person) -> None:
    person.send("Hello")
    inbox.page.evaluate(CONTROLLED)
    (worker,) = inbox.context.service_workers
    worker.evaluate(BREAK_STORAGE)
    inbox.page.reload()
    inbox.expect_titles("Hello")
