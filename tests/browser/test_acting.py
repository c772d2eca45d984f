"""What a person does to notifications shows at once, and the API tells the same."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.pages.inbox import InboxPage
from tests.browser.server import Server


def test_archive_and_undo(inbox: InboxPage, person: Person) -> None:
    first, _ = person.send_many(2)
    inbox.row("Note 1").act("Mark as done")
    inbox.expect_titles("Note 2")
    inbox.expect_told("Marked as done")
    assert "archived" in person.item(first)
    inbox.undo()
    inbox.expect_titles("Note 2", "Note 1")
    inbox.expect_told("Undone")
    assert "archived" not in person.item(first)


def test_a_message_is_shown_once(inbox: InboxPage, person: Person) -> None:
    person.send_many(2)
    inbox.row("Note 1").act("Mark as done")
    inbox.expect_told("Marked as done")
    inbox.page.reload()
    inbox.expect_titles("Note 2")
    expect(inbox.detail.root).to_have_attribute("data-state", "none")
    expect(inbox.flash).to_have_count(0)


def test_the_focus_follows_what_an_undo_brings_back(inbox: InboxPage, person: Person) -> None:
    person.send_many(2)
    inbox.row("Note 1").act("Mark as done")
    inbox.expect_titles("Note 2")
    inbox.undo()
    inbox.expect_focus("Note 1")


def test_restore_from_the_archive(inbox: InboxPage, person: Person) -> None:
    tracking_id = person.send("Hello")
    inbox.row("Hello").act("Mark as done")
    inbox.show("Done")
    inbox.row("Hello").act("Move back")
    expect(inbox.empty).to_contain_text("Nothing done yet")
    inbox.show("All")
    inbox.expect_titles("Hello")
    assert "archived" not in person.item(tracking_id)


def test_read_and_unread(inbox: InboxPage, person: Person) -> None:
    tracking_id = person.send("Hello")
    inbox.row("Hello").act("Mark as read")
    inbox.expect_unread(0)
    assert "opened" in person.item(tracking_id)
    inbox.row("Hello").act("Mark as unread")
    inbox.expect_unread(1)
    assert "opened" not in person.item(tracking_id)


def test_unread_from_the_open_notification_lasts(inbox: InboxPage, person: Person) -> None:
    tracking_id = person.send("Hello")
    inbox.open("Hello")
    inbox.expect_unread(0)
    inbox.detail.act("Mark as unread")
    inbox.detail.expect_closed()
    inbox.expect_unread(1)
    assert "opened" not in person.item(tracking_id)


def test_archiving_the_open_one_closes_it(inbox: InboxPage, person: Person) -> None:
    person.send_many(2)
    inbox.open("Note 1")
    inbox.detail.act("Mark as done")
    inbox.detail.expect_closed()
    inbox.expect_titles("Note 2")


def test_an_answer_stands_in_place_of_the_buttons(inbox: InboxPage, person: Person) -> None:
    tracking_id = person.send("Approve?", actions=[{"label": "Approve"}, {"label": "Reject"}])
    inbox.row("Approve?").act("Reject")
    inbox.row("Approve?").expect_chosen("Reject")
    inbox.expect_unread(0)
    assert "actioned2" in person.item(tracking_id)
    expect(inbox.row("Approve?").root.get_by_role("button", name="Approve")).to_have_count(0)


def test_an_answer_in_the_open_notification_shows_at_once(inbox: InboxPage, person: Person) -> None:
    tracking_id = person.send("Approve?", actions=[{"label": "Approve"}, {"label": "Reject"}])
    detail = inbox.open("Approve?")
    inbox.expect_unread(0)
    inbox.context.set_offline(True)
    detail.act("Reject")
    expect(detail.root).to_contain_text("You chose: Reject")
    expect(detail.root.get_by_role("button", name="Approve")).to_have_count(0)
    inbox.context.set_offline(False)
    person.wait_until(lambda items: "actioned2" in items[tracking_id])


def test_a_button_with_an_address_leads_there(inbox: InboxPage, person: Person) -> None:
    docs = f"{person.host.server.url}/api/docs"
    tracking_id = person.send("Pay", actions=[{"label": "Pay now", "url": docs}])
    with inbox.context.expect_page() as opened:
        inbox.row("Pay").root.get_by_role("link", name="Pay now").click()
    expect(opened.value).to_have_url(re.compile("/api/docs$"))
    assert "actioned1" in person.item(tracking_id)


def test_mark_all_as_read_and_undo(inbox: InboxPage, person: Person) -> None:
    ids = person.send_many(3)
    person.report(ids[0], opened="2026-01-02T03:04:05Z")
    inbox.expect_unread(2)
    inbox.mark_all_read()
    inbox.expect_told("Marked 2 as read")
    inbox.expect_unread(0)
    assert person.counts()["unread"] == 0
    inbox.undo()
    inbox.expect_unread(2)
    assert person.counts()["unread"] == 2


def test_a_reply_joins_the_thread(inbox: InboxPage, person: Person) -> None:
    tracking_id = person.send("Question")
    detail = inbox.open("Question")
    detail.reply("Yes, at noon")
    detail.expect_said("Yes, at noon")
    expect(detail.reply_box).to_have_value("")
    assert person.item(tracking_id)["replies"][0]["message"] == "Yes, at noon"
    person.answer(tracking_id, "Great", author="Mara Klein")
    detail.expect_said("Yes, at noon", "Great")
    expect(inbox.row("Question").root).to_contain_text("2 replies")


def test_a_draft_outlives_navigation_and_reload(inbox: InboxPage, person: Person) -> None:
    person.send_many(2)
    inbox.open("Note 1").reply_box.fill("Not yet")
    inbox.open("Note 2")
    expect(inbox.detail.reply_box).to_have_value("")
    inbox.open("Note 1")
    expect(inbox.detail.reply_box).to_have_value("Not yet")
    inbox.page.reload()
    inbox.detail.showing("Note 1")
    expect(inbox.detail.reply_box).to_have_value("Not yet")


def test_a_reply_that_is_too_long_is_kept_and_explained(inbox: InboxPage, person: Person) -> None:
    person.send("Question")
    detail = inbox.open("Question")
    detail.reply_box.fill("x" * 5001)
    expect(detail.reply_note).to_contain_text("5,001 of 5,000")
    expect(detail.root.get_by_role("button", name="Send")).to_be_disabled()


def test_an_action_that_fails_is_taken_back(
    own_server: Server, own_person: Person, open_inbox: OpenInbox
) -> None:
    own_person.send("Hello")
    inbox = open_inbox(own_person)
    inbox.expect_titles("Hello")
    with closing(own_server.database()) as database, database:
        database.execute("DELETE FROM inbox_items")
    inbox.row("Hello").act("Mark as done")
    expect(inbox.flash).to_contain_text("Could not mark as done")


def test_what_failed_can_be_tried_again(
    own_server: Server, own_person: Person, open_inbox: OpenInbox
) -> None:
    tracking_id = own_person.send("Hello")
    inbox = open_inbox(own_person)
    inbox.expect_titles("Hello")
    with closing(own_server.database()) as database:
        database.execute("ALTER TABLE inbox_items RENAME TO elsewhere")
        inbox.row("Hello").act("Mark as done")
        expect(inbox.flash).to_contain_text("Could not mark as done")
        inbox.expect_titles("Hello")
        database.execute("ALTER TABLE elsewhere RENAME TO inbox_items")
    inbox.flash.get_by_role("button", name="Retry").click()
    inbox.expect_told("Marked as done")
    expect(inbox.empty).to_contain_text("All clear")
    assert "archived" in own_person.item(tracking_id)


def test_an_answer_waits_for_the_line_and_outlives_a_reload(
    inbox: InboxPage, person: Person, mishaps: list[str]
) -> None:
    tracking_id = person.send("Approve?", actions=[{"label": "Approve"}, {"label": "Reject"}])
    inbox.expect_titles("Approve?")
    inbox.context.set_offline(True)
    inbox.connection.wait_for()
    inbox.row("Approve?").act("Reject")
    inbox.row("Approve?").expect_chosen("Reject")
    expect(inbox.connection).to_contain_text("1 change waits to be sent")
    inbox.context.set_offline(False)
    inbox.page.reload()
    inbox.row("Approve?").expect_chosen("Reject")
    person.wait_until(lambda items: "actioned2" in items[tracking_id])
    mishaps.clear()


def test_a_link_to_a_notification_is_copied(inbox: InboxPage, person: Person) -> None:
    person.send("Hello")
    inbox.context.grant_permissions(["clipboard-read", "clipboard-write"])
    inbox.row("Hello").choose("Copy link")
    expect(inbox.flash).to_contain_text("Link copied")
    expect(inbox.announcer).to_contain_text("Link copied")
    inbox.page.goto(inbox.page.evaluate("navigator.clipboard.readText()"))
    inbox.detail.showing("Hello")


@pytest.mark.parametrize(("allowed", "said"), [(True, "Link copied"), (False, "Could not copy")])
def test_a_link_is_copied_without_tls_or_else_it_is_said(
    inbox: InboxPage, person: Person, allowed: bool, said: str
) -> None:
    tracking_id = person.send("Hello")
    inbox.page.evaluate(
        """(allowed) => {
             Object.defineProperty(navigator, "clipboard", { value: undefined });
             if (!allowed) document.addEventListener("copy", (event) => event.preventDefault());
             if (!allowed) document.execCommand = () => false;
           }""",
        allowed,
    )
    inbox.row("Hello").choose("Copy link")
    expect(inbox.flash).to_contain_text(said)
    if allowed:
        inbox.search_field.focus()
        inbox.press("Control+v")
        expect(inbox.search_field).to_have_value(re.compile(tracking_id))


def test_a_snooze_can_end_at_any_time_of_the_readers_own(
    open_inbox: OpenInbox, person: Person
) -> None:
    person.send("Hello")
    zone = ZoneInfo("America/New_York")
    inbox = open_inbox(person, timezone_id=zone.key)
    here = datetime.now(zone).replace(hour=9, minute=30, second=0, microsecond=0)
    picker = inbox.page.get_by_label("Another time")
    inbox.row("Hello").act("Snooze")
    picker.fill(f"{here - timedelta(days=1):%Y-%m-%dT%H:%M}")
    picker.press("Enter")
    expect(inbox.page.locator("#snooze-note")).to_have_text("That time is over.")
    picker.fill(f"{here + timedelta(days=2):%Y-%m-%dT%H:%M}")
    picker.press("Enter")
    inbox.empty.wait_for()
    inbox.expect_count("Snoozed", "1")
    inbox.show("Snoozed")
    expect(inbox.row("Hello").root).to_contain_text("9:30")


@pytest.mark.slow
def test_a_long_act_tells_how_far_it_is_and_can_be_stopped(
    own_server: Server, own_person: Person, open_inbox: OpenInbox
) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(own_person.send, [f"Note {n}" for n in range(600)]))
    inbox = open_inbox(own_person)
    expect(inbox.rows).to_have_count(30)
    inbox.rows.first.focus()
    inbox.press("Control+a")
    expect(inbox.bulk).to_contain_text("All 600 selected")
    with closing(own_server.database()) as database:
        # Nobody else can write meanwhile.
        database.execute("BEGIN IMMEDIATE")
        inbox.press("e")
        expect(inbox.bulk).to_contain_text("0 done so far")
        inbox.bulk.get_by_role("button", name="Stop").click()
        database.execute("ROLLBACK")
    inbox.expect_told("Marked 500 as done")
    expect(inbox.bulk).to_have_count(0)
    assert own_person.counts()["archived"] == 500
    inbox.undo()
    inbox.expect_told("Undone")
    assert own_person.counts()["archived"] == 0
