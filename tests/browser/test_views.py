"""Views, categories and saved filters: what they list and count, and that addresses hold them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import NOW, Person
from tests.browser.pages.inbox import InboxPage


def test_saved_and_snoozed_are_listed_and_counted(inbox: InboxPage, person: Person) -> None:
    person.send_many(3)
    inbox.row("Note 1").choose("Save")
    inbox.expect_told("Saved")
    inbox.row("Note 2").snooze("Tomorrow morning")
    inbox.expect_titles("Note 3", "Note 1")
    inbox.expect_count("Saved", "1")
    inbox.expect_count("Snoozed", "1")
    inbox.show("Snoozed")
    inbox.expect_titles("Note 2")
    expect(inbox.row("Note 2").root).to_contain_text("Until")
    inbox.row("Note 2").act("End the snooze")
    expect(inbox.empty).to_contain_text("Nothing snoozed")
    inbox.show("Saved")
    inbox.expect_titles("Note 1")
    inbox.row("Note 1").choose("Remove from saved")
    expect(inbox.empty).to_contain_text("Nothing saved")
    inbox.show("All")
    inbox.expect_titles("Note 3", "Note 2", "Note 1")


def test_the_address_holds_everything(inbox: InboxPage, person: Person) -> None:
    wanted = person.send("Parcel on its way")
    person.send("Something else")
    inbox.search("parcel")
    inbox.expect_titles("Parcel on its way")
    inbox.open("Parcel on its way")
    expect(inbox.page).to_have_url(re.compile(rf"\?q=parcel&id={wanted}$"))
    inbox.page.reload()
    inbox.expect_titles("Parcel on its way")
    inbox.detail.showing("Parcel on its way")
    expect(inbox.search_field).to_have_value("parcel")
    inbox.show("Done")
    expect(inbox.search_field).to_have_value("")
    inbox.page.go_back()
    inbox.detail.showing("Parcel on its way")
    inbox.expect_titles("Parcel on its way")
    expect(inbox.search_field).to_have_value("parcel")


def test_a_filter_is_saved_renamed_arranged_and_deleted(inbox: InboxPage, person: Person) -> None:
    person.send("Parcel on its way")
    for word in ("parcel", "note"):
        inbox.search(word)
        inbox.save_filter(f"My {word}s")
        expect(inbox.heading).to_have_text(f"My {word}s")
    inbox.expect_count("My parcels", "1")
    inbox.page.get_by_role("button", name="Arrange filters").click()
    dialog = inbox.page.get_by_role("dialog", name="Filters")
    dialog.get_by_role("button", name="Move “My notes” up").click()
    dialog.get_by_role("textbox", name="Name of “My notes”").fill("My parcels")
    dialog.get_by_role("button", name="Rename").click()
    expect(dialog).to_contain_text("Could not save")
    dialog.get_by_role("textbox", name="Name of “My notes”").fill("Notes")
    dialog.get_by_role("button", name="Rename").click()
    links = inbox.page.get_by_role("group", name="Filters").get_by_role("link")
    expect(links.locator(".nav-label")).to_have_text(["Notes", "My parcels"])
    dialog.get_by_role("button", name="Delete “Notes”").click()
    expect(links.locator(".nav-label")).to_have_text(["My parcels"])
    inbox.press("Escape")
    links.first.click()
    inbox.expect_titles("Parcel on its way")


def test_a_filter_is_saved_on_a_phone(open_inbox: OpenInbox, person: Person) -> None:
    person.send("Parcel on its way")
    inbox = open_inbox(person, width=390, height=844)
    inbox.search("parcel")
    inbox.save_filter("My parcels")
    expect(inbox.heading).to_have_text("My parcels")


def test_a_search_shows_what_it_finds_and_where_else_to_look(
    inbox: InboxPage, person: Person
) -> None:
    person.send_many(2)
    inbox.row("Note 1").act("Mark as done")
    inbox.expect_titles("Note 2")
    inbox.page.locator(".row").focus()
    inbox.press("/")
    expect(inbox.search_field).to_be_focused()
    inbox.page.keyboard.type('"Note 1"')
    expect(inbox.empty).to_contain_text('Nothing found for “"Note 1"”')
    inbox.empty.get_by_role("link", name="Search Done too").click()
    inbox.expect_titles("Note 1")
    inbox.page.get_by_role("button", name="Clear the search").click()
    inbox.expect_titles("Note 2", "Note 1")


def test_a_search_helps_and_explains(inbox: InboxPage, person: Person) -> None:
    person.send_many(2)
    inbox.row("Note 1").act("Mark as read")
    inbox.search_field.focus()
    options = inbox.page.get_by_role("listbox", name="What a search can say")
    expect(options).to_contain_text("who sent it")
    inbox.page.keyboard.type("is:unr")
    inbox.press("ArrowDown", "Enter")
    expect(inbox.search_field).to_have_value("is:unread ")
    inbox.expect_titles("Note 2")
    inbox.search_field.fill("is:nonsense")
    expect(inbox.page.locator("#search-note")).to_contain_text("is: 'nonsense' is not known")
    inbox.expect_titles("Note 2")
    inbox.press("Escape")
    inbox.expect_titles("Note 2", "Note 1")


# Types more in the moment after the page shows a search and before React has run its effects.
TYPE_WHILE_A_SEARCH_ARRIVES = """() => new Promise((done) => {
  const field = document.getElementById("search");
  const type = (text) => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  new MutationObserver((_, watch) => {
    if (!document.querySelector(".narrowed")) return;
    watch.disconnect();
    type(" note 2 ");
    done();
  }).observe(document.body, { childList: true, subtree: true });
  type(" ");
  type(" note");
})"""


def test_what_is_typed_stands_while_a_search_arrives(inbox: InboxPage, person: Person) -> None:
    person.send_many(2)
    inbox.search_field.focus()
    inbox.page.evaluate(TYPE_WHILE_A_SEARCH_ARRIVES)
    inbox.expect_titles("Note 2")
    expect(inbox.search_field).to_have_value(" note 2 ")


@pytest.mark.parametrize("width", [390, 768])
def test_every_view_can_be_reached(open_inbox: OpenInbox, person: Person, width: int) -> None:
    person.send("Hello")
    inbox = open_inbox(person, width=width)
    for view in ("Saved", "Snoozed", "Done", "Unread", "All"):
        inbox.page.get_by_role("link", name=view).locator("visible=true").first.click()
        expect(inbox.heading).to_have_text({"All": "Inbox"}.get(view, view))


def test_categories_count_what_comes_and_what_is_read(
    open_inbox: OpenInbox, person: Person
) -> None:
    kind = person.host.make_type("Parcel sent", category="Parcels")
    first = person.send("First", type=kind)
    inbox = open_inbox(person)
    inbox.expect_count("Parcels", "1")
    person.send("Second", type=kind)
    inbox.expect_count("Parcels", "2")
    person.report(first, opened=NOW)
    inbox.expect_count("Parcels", "1")
    inbox.page.get_by_role("link", name="Parcels").locator("visible=true").first.click()
    expect(inbox.heading).to_have_text("Parcels")
    inbox.expect_titles("Second", "First")


def test_the_search_knows_types_beyond_the_rows(open_inbox: OpenInbox, person: Person) -> None:
    kind = person.host.make_type("Parcel sent")
    inbox = open_inbox(person)
    person.send("Parcel", type=kind)
    inbox.row("Parcel").act("Mark as done")
    inbox.empty.wait_for()
    inbox.search_field.focus()
    inbox.page.keyboard.type("type:parcel")
    expect(inbox.page.get_by_role("listbox")).to_contain_text("Parcel sent")
    inbox.press("ArrowDown", "Enter")
    expect(inbox.search_field).to_have_value(f"type:{kind} ")


def test_rows_tell_what_is_held_and_what_expires(open_inbox: OpenInbox, person: Person) -> None:
    until = datetime.now(UTC) + timedelta(hours=2)
    person.chooses({"pausedUntil": until.isoformat()})
    person.send_email("Held", "share")
    person.send("Fleeting", type=person.host.make_type("Fleeting", retention=1))
    inbox = open_inbox(person, timezone_id="Asia/Tokyo")
    there = until.astimezone(ZoneInfo("Asia/Tokyo"))
    clock = f"{there:%I:%M}".lstrip("0")
    expect(inbox.row("Held").root).to_contain_text(re.compile(f"E-mail held until .*{clock}"))
    expect(inbox.row("Fleeting").root).to_contain_text("Expires")
    expect(inbox.row("Held").root).not_to_contain_text("Expires")
    person.chooses({"pausedUntil": None})
    inbox.page.reload()
    expect(inbox.row("Held").root).not_to_contain_text("held until")
