"""What a person can do on the preference page."""

from __future__ import annotations

import json
import re
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Host, Person
from tests.browser.pages.inbox import InboxPage
from tests.browser.pages.preferences import PreferencesPage
from tests.browser.server import Server
from tests.standins.smtp import SmtpStandIn

CAPTURED = "SELECT fields FROM captured_messages WHERE recipient = ? ORDER BY id DESC"


def code_sent_to(server: Server, address: str) -> str:
    """The code in the newest message to an address, which the sandbox has kept."""
    with closing(server.database()) as database:
        ((fields,), *_) = database.execute(CAPTURED, [address]).fetchall()
    return json.loads(fields)["subject"].partition(" ")[0]


SIZES = pytest.mark.parametrize(("width", "height"), [(1440, 900), (768, 1024), (390, 844)])


@SIZES
def test_a_choice_is_kept_and_can_be_taken_back(
    open_inbox: OpenInbox, person: Person, width: int, height: int
) -> None:
    centre = PreferencesPage.of(open_inbox(person, width=width, height=height))
    share = centre.cell("Share")
    expect(share).to_have_value("instant")
    share.select_option("weekly")
    expect(centre.row("share").locator("[data-save]")).to_contain_text("Saved")
    expect(centre.row("share")).to_contain_text("Custom")
    centre.page.reload()
    expect(share).to_have_value("weekly")
    share.select_option("off")
    centre.undo.click()
    centre.expect_saved("Undone")
    expect(share).to_have_value("weekly")
    expect(centre.history).to_have_count(3)


def test_the_keyboard_alone_chooses_and_undoes(inbox: InboxPage) -> None:
    centre = PreferencesPage.of(inbox)
    share = centre.cell("Share")
    share.focus()
    share.press("w")
    expect(share).to_have_value("weekly")
    centre.expect_saved()
    share.press("z")
    centre.expect_saved("Undone")
    expect(share).to_have_value("instant")
    expect(share).to_be_focused()


def test_required_cells_say_why_nothing_can_be_chosen(inbox: InboxPage) -> None:
    centre = PreferencesPage.of(inbox)
    locked = centre.button("Sign in alert: E-mail: Required")
    locked.focus()
    expect(locked).to_be_focused()
    expect(locked).to_have_accessible_description("It is always sent; the sender requires it.")
    tip = centre.page.get_by_role("tooltip").filter(visible=True)
    expect(tip).to_have_text("It is always sent; the sender requires it.")


def test_a_category_sets_its_types(inbox: InboxPage) -> None:
    centre = PreferencesPage.of(inbox)
    centre.cell("Billing").select_option("daily")
    centre.expect_saved()
    for title in ("Expense", "Invoice due", "Invoice paid"):
        expect(centre.cell(title)).to_have_value("daily")
    centre.cell("Expense").select_option("off")
    expect(centre.cell("Billing")).to_have_value("mixed")
    centre.button("Reset Expense").click()
    expect(centre.cell("Expense")).to_have_value("instant")
    centre.button("Reset everything").click()
    expect(centre.cell("Billing")).to_have_value("instant")
    expect(centre.button("Reset everything")).to_have_count(0)


def test_a_channel_is_switched_off_everywhere(inbox: InboxPage) -> None:
    centre = PreferencesPage.of(inbox)
    switch = centre.page.get_by_role("switch", name="E-mail, everything")
    switch.click()
    centre.expect_saved()
    locked = centre.button("Share: E-mail: Off")
    expect(locked).to_have_accessible_description("E-mail is switched off for everything.")
    expect(centre.button("Sign in alert: E-mail: Required")).to_be_visible()
    switch.click()
    expect(centre.cell("Share")).to_have_value("instant")


def test_subjects_within_a_type(inbox: InboxPage) -> None:
    centre = PreferencesPage.of(inbox)
    centre.row("comment").get_by_role("button", name="2 parts").click()
    centre.cell("On what you wrote").select_option("daily")
    centre.expect_saved()
    expect(centre.cell("On what you wrote")).to_have_value("daily")
    expect(centre.cell("On what you follow")).to_have_value("instant")


def test_search_finds_types_by_their_words(inbox: InboxPage) -> None:
    centre = PreferencesPage.of(inbox)
    centre.search.fill("customer paid")
    expect(centre.page.locator(".type")).to_have_count(1)
    expect(centre.row("invoice_paid")).to_be_visible()
    centre.search.fill("nothing like it")
    expect(centre.page.get_by_text("Nothing is called that.")).to_be_visible()


@pytest.mark.parametrize(
    ("at", "focused"),
    [
        ("cell/share//EMAIL", '[data-at="cell/share//EMAIL"]'),
        ("cell/comment/own/EMAIL", '[data-at="cell/comment/own/EMAIL"]'),
        ("cell/sign_in_alert//EMAIL", '[data-at="cell/sign_in_alert//EMAIL"]'),
        ("channel/EMAIL", '[data-at="channel/EMAIL"] input'),
        ("address/EMAIL", '[data-at="address/EMAIL"]'),
        ("quiet-hours", '[data-at="quiet"]'),
        ("escalation", '[data-at="escalation"]'),
        ("pause", '[data-at="pause"]'),
    ],
)
def test_a_link_leads_to_a_setting(
    open_inbox: OpenInbox, person: Person, at: str, focused: str
) -> None:
    inbox = open_inbox(person)
    centre = PreferencesPage.of(inbox, at)
    expect(centre.page.locator(focused)).to_be_focused()
    expect(centre.page.locator("[data-marked]")).to_be_in_viewport()
    expect(inbox.page.locator('.rail [aria-current="page"]')).to_have_text("Preferences")


@pytest.mark.parametrize("at", ["nothing", "cell/none//EMAIL", "cell/%25zz//EMAIL", "cell", "//"])
def test_a_link_to_no_setting_is_ignored(inbox: InboxPage, at: str) -> None:
    centre = PreferencesPage.of(inbox, at)
    expect(centre.cell("Share")).to_be_visible()
    expect(centre.page.locator("[data-marked]")).to_have_count(0)


def test_a_pause_is_said_and_ended(inbox: InboxPage) -> None:
    centre = PreferencesPage.of(inbox)
    expect(centre.lead).to_contain_text("In the app right away, by e-mail right away")
    centre.button("Pause all…").click()
    centre.button("For an hour").click()
    expect(centre.lead).to_contain_text("Paused until")
    centre.page.reload()
    centre.button("Resume now").click()
    expect(centre.lead).not_to_contain_text("Paused until")
    centre.button("Pause all…").click()
    centre.button("Until tomorrow morning").click()
    expect(centre.lead).to_contain_text("8:00 AM")


def test_quiet_hours_for_all_some_and_each_day(inbox: InboxPage) -> None:
    centre = PreferencesPage.of(inbox)
    centre.page.get_by_label("Every day", exact=True).check()
    expect(centre.lead).to_contain_text("quiet every day from 8:00 PM to 7:30 AM")
    form = centre.page.get_by_label("How quiet hours are set")
    form.select_option("week")
    centre.page.get_by_label("Saturday and Sunday", exact=True).uncheck()
    expect(centre.lead).to_contain_text("quiet on workdays")
    form.select_option("each")
    centre.page.get_by_label("Monday: quiet until").fill("06:15")
    expect(centre.lead).to_contain_text("quiet on Monday from 8:00 PM to 6:15 AM")
    centre.button("Copy Monday to all days").click()
    expect(centre.lead).to_contain_text("quiet every day from 8:00 PM to 6:15 AM")


def test_zone_summaries_and_delay(inbox: InboxPage) -> None:
    centre = PreferencesPage.of(inbox)
    zone = centre.page.get_by_role("combobox", name="Time zone")
    zone.click()
    zone.press_sequentially("tokyo")
    zone.press("Enter")
    centre.expect_saved()
    centre.page.get_by_label("Weekly ones on").select_option("4")
    centre.expect_saved()
    centre.page.get_by_label("E-mail if unread", exact=True).select_option("60")
    expect(centre.history).to_have_count(3)
    centre.page.reload()
    expect(zone).to_have_value("Asia/Tokyo")
    expect(centre.page.get_by_label("Weekly ones on")).to_have_value("4")
    expect(centre.page.get_by_label("E-mail if unread", exact=True)).to_have_value("60")


def test_two_tabs_keep_each_others_changes(open_inbox: OpenInbox, person: Person) -> None:
    one = PreferencesPage.of(open_inbox(person))
    other = PreferencesPage.of(open_inbox(person))
    one.cell("Share").select_option("daily")
    expect(other.cell("Share")).to_have_value("daily")
    other.cell("Expense").select_option("weekly")
    expect(one.cell("Expense")).to_have_value("weekly")
    expect(one.cell("Share")).to_have_value("daily")


def test_changes_made_offline_are_sent_later(
    inbox: InboxPage, open_inbox: OpenInbox, person: Person, mishaps: list[str]
) -> None:
    centre = PreferencesPage.of(inbox)
    inbox.context.set_offline(True)
    expect(inbox.connection).to_contain_text("Offline")
    centre.cell("Share").select_option("daily")
    expect(centre.row("share").locator("[data-save]")).to_contain_text("Saving")
    expect(inbox.connection).to_contain_text("1 change waits to be sent")
    centre.cell("Expense").select_option("weekly")
    expect(inbox.connection).to_contain_text("2 changes wait to be sent")
    inbox.context.set_offline(False)
    expect(centre.row("share").locator("[data-save]")).to_contain_text("Saved")
    elsewhere = PreferencesPage.of(open_inbox(person))
    expect(elsewhere.cell("Share")).to_have_value("daily")
    mishaps.clear()


def test_what_cannot_be_saved_turns_back_and_says_so(
    own_server: Server, own_person: Person, open_inbox: OpenInbox, mishaps: list[str]
) -> None:
    centre = PreferencesPage.of(open_inbox(own_person))
    with closing(own_server.database()) as database:
        database.execute("BEGIN EXCLUSIVE")
        centre.cell("Share").select_option("daily")
        failed = centre.row("share").locator("[data-save=failed]")
        expect(failed).to_contain_text("Could not save", timeout=30_000)
        expect(centre.cell("Share")).to_have_value("instant")
        database.rollback()
    mishaps.clear()


def test_the_effect_follows_the_settings(inbox: InboxPage, person: Person) -> None:
    host = person.host
    host.post(f"/users/{person.id}", {"email": f"{person.id}@acme.example"})
    for number in range(3):
        body = {"type": "share", "to": {"id": person.id}, "parameters": {"title": f"No. {number}"}}
        host.post("/send", body)
    centre = PreferencesPage.of(inbox)
    expect(centre.figures).to_have_text([re.compile("E-mail: 3 before, 3 with")])
    centre.cell("Share").select_option("daily")
    expect(centre.figures).to_have_text([re.compile("E-mail: 3 before, [01] with")])
    centre.button("30 days").click()
    expect(centre.page.get_by_text("Your last 30 days")).to_be_visible()


def test_a_summary_is_looked_at_thinned_out_and_sent(
    inbox: InboxPage, person: Person, mishaps: list[str]
) -> None:
    person.host.post(f"/users/{person.id}", {"email": f"{person.id}@acme.example"})
    centre = PreferencesPage.of(inbox)
    centre.cell("Share").select_option("daily")
    centre.expect_saved()
    for title in ("First", "Second"):
        body = {"type": "share", "to": {"id": person.id}, "parameters": {"title": title}}
        person.host.post("/send", body | {"inapp": {"title": title}})
    digest = centre.page.locator(".digest")
    expect(digest).to_contain_text("2 items")
    digest.locator("summary").click()
    centre.button("Take out “First”").click()
    expect(digest).to_contain_text("1 item")
    centre.undo.click()
    expect(digest).to_contain_text("2 items")
    expect(centre.undo).to_have_count(0)
    centre.button("Take out “First”").click()
    expect(digest).to_contain_text("1 item")
    centre.button("Preview").click()
    frame = centre.page.frame_locator(".preview-frame")
    expect(frame.locator("body")).to_contain_text("Second")
    expect(centre.page.locator(".preview-frame")).to_have_attribute("sandbox", "")
    centre.page.keyboard.press("Escape")
    centre.button("Send now").click()
    expect(digest).to_have_count(0)
    # Recording the test puts a script into every frame, and this one refuses all.
    assert all("Blocked script execution in 'about:srcdoc'" in each for each in mishaps)
    mishaps.clear()


def test_history_takes_a_change_back(inbox: InboxPage) -> None:
    centre = PreferencesPage.of(inbox)
    centre.cell("Share").select_option("daily")
    expect(centre.history).to_contain_text(["Share: E-mail: as usual → Daily"])
    centre.history.get_by_role("button").click()
    expect(centre.cell("Share")).to_have_value("instant")
    expect(centre.history).to_have_count(2)


def test_an_address_is_added_with_a_code_and_removed(
    inbox: InboxPage, person: Person, host: Host
) -> None:
    centre = PreferencesPage.of(inbox)
    centre.button("Add an e-mail address").click()
    typed = centre.page.get_by_label("New e-mail address")
    expect(typed).to_be_focused()
    typed.fill("nonsense")
    centre.button("Send a code").click()
    expect(centre.page.get_by_role("alert").filter(visible=True)).to_contain_text(
        "That is not an e-mail address."
    )
    address = f"{person.id}@new.example"
    typed.fill(address)
    centre.button("Send a code").click()
    code = centre.page.get_by_label("The six digits we sent there")
    expect(code).to_have_attribute("autocomplete", "one-time-code")
    expect(centre.button("Confirm")).to_be_disabled()
    code.fill("000000")
    expect(centre.page.get_by_role("alert").filter(visible=True)).to_contain_text(
        "That is not the code."
    )
    code.fill(code_sent_to(host.server, address))
    row = centre.page.locator(".address")
    expect(row).to_contain_text("Verified")
    centre.button(f"Remove {address}").click()
    expect(row).to_have_count(0)


def test_in_test_mode_a_test_of_an_address_is_kept(inbox: InboxPage, person: Person) -> None:
    address = f"{person.id}@acme.example"
    person.host.post(f"/users/{person.id}", {"email": address})
    centre = PreferencesPage.of(inbox)
    centre.button(f"Send a test to {address}").click()
    expect(centre.page.locator(".address")).to_contain_text("The test was kept on this server")
    with closing(person.host.server.database()) as database:
        ((fields,),) = database.execute(CAPTURED, [address]).fetchall()
    assert json.loads(fields)["subject"] == "A test from Acme"


def test_each_address_keeps_what_its_own_test_came_to(inbox: InboxPage, person: Person) -> None:
    reached = {"email": f"{person.id}@acme.example", "number": "+4915155501990"}
    person.host.post(f"/users/{person.id}", reached)
    rows = PreferencesPage.of(inbox).page.locator(".address")
    expect(rows).to_have_count(2)
    for row in rows.all():
        row.get_by_role("button", name="Send a test").click()
        expect(row).to_contain_text("The test was kept on this server")
    expect(rows.first).to_contain_text("The test was kept on this server")


def test_an_address_is_tested_by_the_way_all_messages_go(
    own_person: Person, open_inbox: OpenInbox
) -> None:
    with SmtpStandIn() as mail:
        settings = {"host": "127.0.0.1", "port": mail.port, "security": "none"}
        settings["from_address"] = "hub@acme.example"
        asked = {"channel": "EMAIL", "provider": "smtp", "settings": settings}
        own_person.host.post("/integrations", asked)
        address = f"{own_person.id}@acme.example"
        own_person.host.post(f"/users/{own_person.id}", {"email": address})
        centre = PreferencesPage.of(open_inbox(own_person))
        row = centre.page.locator(".address")
        centre.button(f"Send a test to {address}").click()
        expect(row).to_contain_text("Did it arrive?")
        expect(row).to_contain_text("Last delivered")
        assert len(mail.messages) == 1
        centre.button("No").click()
        expect(row).to_contain_text("Look into the spam folder")
        centre.button(f"Send a test to {address}").click()
        expect(row).to_contain_text("A test has just been sent there.")


@pytest.fixture
def many(own_person: Person) -> Person:
    """Somebody with five hundred types to choose about."""
    for number in range(500):
        kind = {"notificationId": f"type_{number}", "title": f"Type {number}"}
        more = {"channels": ["EMAIL", "SMS"], "category": f"Group {number % 3}"}
        own_person.host.post("/types", kind | more)
    return own_person


def test_a_new_person_sets_everything_by_the_keyboard_alone(inbox: InboxPage) -> None:
    page = PreferencesPage.of(inbox).page
    centre = PreferencesPage(page)

    def go_to(*, name: str) -> None:
        """Presses Tab until something of a name has the focus."""
        for _ in range(80):
            page.keyboard.press("Tab")
            at = page.locator(":focus")
            if at.count() and name in (at.get_attribute("aria-label") or at.inner_text()):
                return
        raise AssertionError(f"{name!r} cannot be reached.")

    page.locator("body").press("Tab")
    go_to(name="Pause all")
    page.keyboard.press("Enter")
    go_to(name="For an hour")
    page.keyboard.press("Enter")
    expect(centre.lead).to_contain_text("Paused until")
    go_to(name="Search")
    page.keyboard.type("share")
    expect(page.locator(".type")).to_have_count(1)
    go_to(name="Share: E-mail")
    page.keyboard.press("w")
    expect(centre.cell("Share")).to_have_value("weekly")
    expect(centre.row("share").locator("[data-save=saved]")).to_be_visible()
    page.keyboard.press("z")
    expect(centre.cell("Share")).to_have_value("instant")
    go_to(name="30 days")
    page.keyboard.press("Space")
    expect(page.get_by_text("Your last 30 days")).to_be_visible()


def test_five_hundred_types_are_found_and_changed_at_once(
    many: Person, open_inbox: OpenInbox
) -> None:
    centre = PreferencesPage.of(open_inbox(many))
    types = centre.page.locator(".type")
    expect(types).to_have_count(0)
    expect(centre.page.locator(".category", has_text="Group")).to_have_count(3)
    centre.search.fill("type")
    expect(types).to_have_count(0)
    centre.search.fill("type 123")
    expect(types).to_have_count(1)
    centre.cell("Type 123").select_option("off")
    expect(centre.row("type_123").locator("[data-save]")).to_contain_text("Saved")
    centre.search.fill("")
    centre.page.get_by_role("button", name="Group 1").click()
    expect(types).to_have_count(50)
    centre.button("117 more").click()
    expect(types).to_have_count(100)
