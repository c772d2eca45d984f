"""What a person can do with their account."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Host, Person
from tests.browser.kept import keep, stored
from tests.browser.pages.account import AccountPage
from tests.browser.pages.inbox import InboxPage
from tests.browser.server import Server


def test_a_new_name_shows_everywhere(inbox: InboxPage) -> None:
    account = AccountPage.of(inbox)
    account.rename("Ada Lovelace")
    account.expect_saved()
    expect(inbox.page.locator(".person-name").locator("visible=true")).to_have_text("Ada Lovelace")
    inbox.page.reload()
    expect(account.name).to_have_value("Ada Lovelace")


def test_the_language_switches_without_a_reload_and_follows(
    inbox: InboxPage, person: Person, open_inbox: OpenInbox
) -> None:
    account = AccountPage.of(inbox)
    inbox.page.evaluate("window.sameDocument = true")
    account.language.select_option("de")
    expect(account.heading).to_have_text("Konto")
    expect(inbox.page.locator("html")).to_have_attribute("lang", "de")
    account.expect_saved("Gespeichert")
    assert inbox.page.evaluate("window.sameDocument")
    elsewhere = open_inbox(person)
    expect(elsewhere.heading).to_have_text("Eingang")
    account.language.select_option("")
    expect(account.heading).to_have_text("Account")


def test_the_zone_is_found_by_typing(inbox: InboxPage) -> None:
    account = AccountPage.of(inbox)
    account.choose_zone("buenos", "America/Buenos Aires")
    account.expect_saved()
    expect(account.zone).to_have_value("America/Buenos Aires")
    account.zone.click()
    account.zone.press_sequentially("tokyo")
    account.zone.press("Enter")
    expect(account.zone).to_have_value("Asia/Tokyo")
    account.zone.press("Enter")
    account.zone.press_sequentially("nowhere at all")
    expect(inbox.page.get_by_text("No time zone is called that.")).to_be_visible()
    account.zone.press("Escape")
    expect(account.zone).to_have_value("Asia/Tokyo")


def test_times_are_those_of_the_chosen_zone(open_inbox: OpenInbox, person: Person) -> None:
    inbox = open_inbox(person, timezone_id="America/New_York")
    account = AccountPage.of(inbox)
    account.choose_zone("kiritimati", "Pacific/Kiritimati")
    account.expect_saved()
    inbox.goto("/inbox/")
    person.send("Hello")
    inbox.open("Hello")
    shown = inbox.detail.root.locator(".meta time")
    at = person.item(person.send("Other"))["date"]
    expected = inbox.page.evaluate(
        """at => new Intl.DateTimeFormat("en-US", {timeZone: "Pacific/Kiritimati",
             dateStyle: "full"}).format(new Date(at))""",
        at,
    )
    expect(shown).to_have_attribute("title", re.compile(f"^{re.escape(expected)}"))


def test_a_key_is_changed_and_obeyed(inbox: InboxPage, person: Person) -> None:
    person.send_many(2)
    account = AccountPage.of(inbox)
    account.set_key("Next notification", "n")
    account.expect_saved()
    account.set_key("Undo", "n")
    expect(inbox.page.get_by_role("alert")).to_contain_text("already used")
    inbox.press("Escape")
    inbox.goto("/inbox/")
    inbox.press("n")
    inbox.expect_focus("Note 2")
    inbox.press("j")
    inbox.expect_focus("Note 2")
    inbox.press("?")
    expect(inbox.help.locator("kbd", has_text=re.compile("^N$"))).to_be_visible()
    inbox.press("Escape")
    account = AccountPage.of(inbox)
    account.button("Back to the usual keys").click()
    account.expect_saved()
    expect(account.button("Change the key for “Next notification”, now J")).to_be_visible()


def test_shortcuts_that_are_off_are_off_in_every_browser(
    inbox: InboxPage, person: Person, open_inbox: OpenInbox
) -> None:
    person.send("Hello")
    account = AccountPage.of(inbox)
    account.shortcuts.click()
    account.expect_saved()
    elsewhere = open_inbox(person)
    elsewhere.press("j")
    assert elsewhere.focused_title() == ""
    elsewhere.press("?")
    expect(elsewhere.help).not_to_be_visible()


def test_other_browsers_are_signed_out_at_once(
    inbox: InboxPage, person: Person, open_inbox: OpenInbox
) -> None:
    phone = open_inbox(person, user_agent="Mozilla/5.0 (Android 15; Mobile) Firefox/140.0")
    laptop = open_inbox(person)
    account = AccountPage.of(inbox)
    expect(account.sessions).to_have_count(3)
    expect(account.sessions.first).to_contain_text("This browser")
    account.button("Sign out Firefox on Android").click()
    phone.expect_ended()
    expect(account.sessions).to_have_count(2)
    account.button("Sign out everywhere else").click()
    laptop.expect_ended()
    expect(account.sessions).to_have_count(1)
    expect(account.flash).to_contain_text("1 other browser")


def test_ones_own_data_can_be_downloaded(inbox: InboxPage, person: Person, host: Host) -> None:
    person.send("For me")
    host.person("Other").send("Not for me")
    AccountPage.of(inbox)
    with inbox.page.expect_download() as download:
        inbox.page.get_by_role("link", name="Download as JSON").click()
    data = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert [each["item"]["title"] for each in data["notifications"]] == ["For me"]


def test_the_account_is_deleted_after_its_name_is_typed(
    inbox: InboxPage, person: Person, open_inbox: OpenInbox
) -> None:
    elsewhere = open_inbox(person)
    person.send("Talk", replies=True)
    inbox.open("Talk").reply_box.fill("Half a thought")
    keep(inbox, "Talk")
    account = AccountPage.of(inbox)
    account.button("Delete account…").click()
    confirm = account.button("Delete for good")
    expect(confirm).to_be_disabled()
    inbox.page.get_by_label("to confirm").fill(person.name)
    confirm.click()
    expect(inbox.page).to_have_url(re.compile("/farewell/$"))
    expect(inbox.page.get_by_role("heading")).to_have_text("Your account is deleted")
    left = stored(inbox.page)
    assert "Half a thought" not in left
    assert '"Talk"' not in left
    elsewhere.expect_ended()


def test_a_deletion_that_failed_leaves_the_end_of_the_session_what_it_is(
    own_server: Server, own_person: Person, open_inbox: OpenInbox
) -> None:
    inbox, elsewhere = open_inbox(own_person), open_inbox(own_person)
    account = AccountPage.of(inbox)
    account.button("Delete account…").click()
    inbox.page.get_by_label("to confirm").fill(own_person.name)
    with closing(own_server.database()) as database:
        database.execute("ALTER TABLE users RENAME COLUMN settings TO elsewhere")
        account.button("Delete for good").click()
        expect(inbox.page.get_by_role("dialog").locator("[data-save=failed]")).to_be_visible()
        database.execute("ALTER TABLE users RENAME COLUMN elsewhere TO settings")
    AccountPage.of(elsewhere).button("Sign out everywhere else").click()
    inbox.expect_ended()


def test_what_cannot_be_saved_turns_back(
    own_server: Server, own_person: Person, open_inbox: OpenInbox
) -> None:
    inbox = open_inbox(own_person)
    account = AccountPage.of(inbox)
    with closing(own_server.database()) as database:
        database.execute("ALTER TABLE users RENAME COLUMN settings TO elsewhere")
        account.language.select_option("de")
        account.expect_failed("Could not save")
        expect(account.language).to_have_value("")
        expect(account.heading).to_have_text("Account")
        database.execute("ALTER TABLE users RENAME COLUMN elsewhere TO settings")
