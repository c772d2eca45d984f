"""Without a network: what still opens, what is kept, and what is done when it is back."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from inbox_app.cli.frontend import ROOT, SITE, WEB
from tests.browser.conftest import OpenInbox
from tests.browser.host import Host, Person
from tests.browser.kept import (
    CONTROLLED,
    FORGOTTEN,
    KEEP,
    ONE_WORKER,
    WAITING,
    WORKER_READY,
    go_offline,
    go_online,
    keep,
    lose,
    stored,
)
from tests.browser.pages.account import AccountPage
from tests.browser.pages.inbox import InboxPage
from tests.browser.server import Server
from tests.browser_setup import find_browser


@pytest.fixture
def told(inbox: InboxPage, person: Person) -> InboxPage:
    """Three notifications, kept."""
    person.send("One", body="The first of them")
    person.send("Two", body="The second of them")
    person.send("Talk", body="Well?", replies=True)
    inbox.expect_titles("Talk", "Two", "One")
    keep(inbox, "One", "Two", "Talk")
    return inbox


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


def test_the_inbox_is_kept_by_itself_and_shown_without_a_network(
    inbox: InboxPage, person: Person, mishaps: list[str]
) -> None:
    person.send("One", body="The first of them")
    inbox.expect_titles("One")
    # What a page asks for a while after it has changed.
    inbox.page.evaluate(KEEP.replace('active.postMessage("keep");', ""), ["One"])
    go_offline(inbox)
    inbox.page.reload()
    inbox.expect_titles("One")
    inbox.expect_unread(1)
    expect(inbox.page.locator(".person-name").first).to_have_text(person.name)
    inbox.open("One")
    expect(inbox.detail.root).to_contain_text("The first of them")
    go_online(inbox)
    inbox.expect_titles("One")
    expect(inbox.detail.title).to_have_text("One")
    mishaps.clear()


def test_what_is_done_without_a_network_is_done_once_when_it_is_back(
    told: InboxPage, person: Person, mishaps: list[str]
) -> None:
    go_offline(told)
    told.page.reload()
    told.expect_titles("Talk", "Two", "One")
    told.row("One").act("Mark as done")
    told.row("Two").choose("Save")
    told.open("Talk").reply("From the plane")
    expect(told.detail.thread.last).to_contain_text("Waiting to be sent")
    told.detail.expect_said("From the plane")
    expect(told.row("Talk").root).to_contain_text("Waiting to be sent")
    told.page.reload()
    told.expect_titles("Talk", "Two")
    told.row("Talk").expect_read()
    told.expect_unread(1)
    told.detail.expect_said("From the plane")
    expect(told.row("Two").root.locator(".saved-mark")).to_be_visible()
    go_online(told)
    told.expect_titles("Talk", "Two")
    told.detail.expect_said("From the plane")
    expect(told.page.get_by_text("Waiting to be sent")).to_have_count(0)
    person.wait_until(lambda items: sum("archived" in each for each in items.values()) == 1)
    by_title = {each["title"]: each for each in person.items().values()}
    assert "archived" in by_title["One"]
    assert "opened" in by_title["Talk"]
    assert [each["message"] for each in by_title["Talk"]["replies"]] == ["From the plane"]
    told.expect_count("Saved", "1")
    mishaps.clear()


def test_nothing_is_readable_after_signing_out(told: InboxPage, person: Person) -> None:
    told.open("Talk").reply_box.fill("Half a thought")
    before = stored(told.page)
    assert "The first of them" in before
    assert "Half a thought" in before
    told.page.get_by_role("radio", name="Dark").locator("visible=true").click()
    told.sign_out()
    expect(told.page).to_have_url(re.compile("/signed-out/"))
    after = stored(told.page)
    for private in ("The first of them", "Half a thought", person.name, person.id):
        assert private not in after
    # Only that is forgotten: the colours chosen and the pages' own files stay.
    assert "dark" in after
    assert "/inbox/" in after


def test_the_end_of_the_session_elsewhere_leaves_nothing(
    told: InboxPage, open_inbox: OpenInbox, person: Person
) -> None:
    AccountPage.of(open_inbox(person)).button("Sign out everywhere else").click()
    told.expect_ended()
    told.page.evaluate(FORGOTTEN)
    assert "The first of them" not in stored(told.page)


def test_signing_out_warns_of_what_waits(
    told: InboxPage, person: Person, mishaps: list[str]
) -> None:
    go_offline(told)
    told.row("One").act("Mark as done")
    told.sign_out()
    dialog = told.page.get_by_role("dialog", name="You are offline")
    expect(dialog).to_contain_text("1 change waits to be sent and would be lost")
    dialog.get_by_role("button", name="Stay").click()
    told.expect_titles("Talk", "Two")
    told.sign_out()
    dialog.get_by_role("button", name="Remove it now").click()
    expect(told.trouble).to_contain_text("needs the network")
    assert "The first of them" not in stored(told.page)
    assert '"act":"archive"' not in stored(told.page)
    go_online(told)
    told.expect_titles("Talk", "Two", "One")
    mishaps.clear()


def test_another_session_finds_nothing_of_the_one_before(
    told: InboxPage, person: Person, mishaps: list[str]
) -> None:
    other = person.host.person("Alex Poe")
    told.page.goto(other.sign_in_url())
    told.loaded()
    go_offline(told)
    told.page.reload()
    expect(told.page.locator(".list .trouble, [data-empty]")).to_be_visible()
    expect(told.rows).to_have_count(0)
    assert "The first of them" not in stored(told.page)
    go_online(told)
    mishaps.clear()


def test_a_link_is_followed_once_although_there_is_a_worker(
    told: InboxPage, person: Person
) -> None:
    """Navigation preload asks for a page beside the worker; a sign-in link works once."""
    told.page.evaluate(CONTROLLED)
    told.sign_in(person.sign_in_url())
    told.expect_titles("Talk", "Two", "One")


def test_who_signs_in_anew_finds_that_what_waited_is_done(
    told: InboxPage, person: Person, mishaps: list[str]
) -> None:
    go_offline(told)
    told.row("One").act("Mark as done")
    told.page.goto("/account/")
    told.context.set_offline(False)
    told.sign_in(person.sign_in_url())
    told.expect_titles("Talk", "Two")
    person.wait_until(lambda items: sum("archived" in each for each in items.values()) == 1)
    mishaps.clear()


def test_a_tab_whose_session_is_over_leaves_what_waits_to_who_signs_in_anew(
    inbox: InboxPage, person: Person, mishaps: list[str]
) -> None:
    tracking_id = person.send("Hello")
    lose(inbox, "archive")
    inbox.row("Hello").act("Mark as done")
    inbox.expect_titles()
    other = InboxPage(inbox.context.new_page()).sign_in(person.sign_in_url())
    inbox.expect_ended()
    other.expect_titles()
    person.wait_until(lambda items: "archived" in items[tracking_id])
    mishaps.clear()


def test_views_are_filtered_and_a_search_says_what_it_needs(
    told: InboxPage, person: Person, mishaps: list[str]
) -> None:
    go_offline(told)
    told.row("One").act("Mark as done")
    told.open("Two")
    told.go("Unread")
    told.expect_titles("Talk")
    told.go("Done")
    told.expect_titles("One")
    told.search_field.fill("first")
    expect(told.trouble).to_contain_text("Could not search")
    expect(told.trouble).to_contain_text("needs the network")
    told.search_field.fill("")
    told.expect_titles("One")
    go_online(told)
    told.expect_titles("One")
    mishaps.clear()


def test_what_has_not_left_the_browser_is_taken_back_there(
    told: InboxPage, person: Person, mishaps: list[str]
) -> None:
    go_offline(told)
    told.row("Two").root.focus()
    told.press("e")
    told.expect_titles("Talk", "One")
    expect(told.flash).to_contain_text("Marked as done")
    expect(told.flash).to_have_attribute("data-waits", "true")
    expect(told.connection).to_contain_text("1 change waits to be sent")
    told.press("z")
    told.expect_titles("Talk", "Two", "One")
    told.expect_told("Undone")
    expect(told.connection).not_to_contain_text("wait")
    assert told.page.evaluate(WAITING) == 0
    go_online(told)
    told.row("One").choose("Save")
    told.expect_told("Saved")
    assert not any("archived" in item for item in person.items().values())
    mishaps.clear()


def test_what_was_decided_later_elsewhere_stays(
    told: InboxPage, open_inbox: OpenInbox, person: Person, mishaps: list[str]
) -> None:
    elsewhere = open_inbox(person)
    go_offline(told)
    told.row("One").act("Mark as done")
    told.row("Two").choose("Save")
    elsewhere.row("One").act("Mark as done")
    elsewhere.expect_told("Marked as done")
    elsewhere.show("Done")
    elsewhere.row("One").act("Move back")
    elsewhere.expect_titles()
    go_online(told)
    told.expect_titles("Talk", "Two", "One")
    expect(told.row("Two").root.locator(".saved-mark")).to_be_visible()
    assert all("archived" not in each for each in person.items().values())
    mishaps.clear()


def test_acts_of_a_closed_tab_are_sent_by_another_once(
    told: InboxPage, person: Person, mishaps: list[str]
) -> None:
    other = told.another_tab()
    other.expect_titles("Talk", "Two", "One")
    go_offline(told)
    told.open("Talk").reply("Sent once")
    told.row("One").act("Mark as done")
    other.expect_titles("Talk", "Two")
    told.page.close()
    go_online(other)
    other.open("Talk").expect_said("Sent once")
    person.wait_until(lambda items: sum("archived" in each for each in items.values()) == 1)
    expect(other.page.get_by_text("Waiting to be sent")).to_have_count(0)
    talk = next(each for each in person.items().values() if each["title"] == "Talk")
    assert len(talk["replies"]) == 1
    mishaps.clear()


def test_what_waits_outlives_the_browser(browser: Browser, person: Person, tmp_path: Path) -> None:
    one, _ = person.send("One"), person.send("Two")

    def start() -> InboxPage:
        context = browser.browser_type.launch_persistent_context(
            tmp_path,
            executable_path=find_browser(),
            args=["--no-sandbox"],
            base_url=person.host.server.url,
        )
        return InboxPage(context.new_page())

    inbox = start().sign_in(person.sign_in_url())
    keep(inbox, "One", "Two")
    go_offline(inbox)
    inbox.row("One").act("Mark as done")
    inbox.row("Two").snooze("Tomorrow morning")
    inbox.expect_titles()
    assert inbox.page.evaluate(WAITING) == 2
    inbox.context.close()

    inbox = start()
    inbox.context.set_offline(True)
    inbox.page.goto("/inbox/")
    expect(inbox.connection).to_contain_text("2 changes wait to be sent")
    expect(inbox.empty).to_be_visible()
    inbox.go("Done")
    inbox.expect_titles("One")
    go_online(inbox)
    person.wait_until(lambda items: "archived" in items[one])
    inbox.go("Snoozed")
    inbox.expect_titles("Two")
    inbox.context.close()


def test_a_notification_opens_from_what_is_kept(
    told: InboxPage, person: Person, mishaps: list[str]
) -> None:
    (one,) = [key for key, each in person.items().items() if each["title"] == "One"]
    go_offline(told)
    told.page.goto(f"/inbox/?id={one}")
    told.detail.showing("One")
    expect(told.detail.root).to_contain_text("The first of them")
    told.page.goto("/inbox/?id=unknown")
    expect(told.detail.root).to_contain_text("This needs the network.")
    go_online(told)
    told.detail.expect_gone()
    mishaps.clear()


@pytest.fixture
def own_build(built: None, tmp_path: Path) -> Path:
    """A copy of the built pages that a test may change."""
    copy = tmp_path / "web"
    shutil.copytree(ROOT / WEB, copy, ignore=shutil.ignore_patterns("node_modules"), symlinks=True)
    return copy


@pytest.fixture
def its_person(own_build: Path, tmp_path: Path) -> Iterator[Person]:
    """Somebody on a server that serves `own_build`."""
    running = Server(tmp_path, {"REFLEX_WEB_WORKDIR": str(own_build)})
    running.start()
    sender = Host(running)
    yield sender.person()
    sender.close()
    running.stop()


def build_anew(copy: Path) -> None:
    """As a later version would: another build, and its worker."""
    script = copy / SITE.relative_to(WEB) / "sw.js"
    for packed in script.parent.glob("sw.js.*"):
        packed.unlink()
    newer = re.sub(r'const BUILD = "\w+"', 'const BUILD = "another"', script.read_text("utf-8"))
    script.write_text(newer, "utf-8")


def test_a_new_build_is_offered_and_no_old_worker_is_stuck(
    own_build: Path, its_person: Person, open_inbox: OpenInbox
) -> None:
    its_person.send("Hello")
    inbox = open_inbox(its_person)
    inbox.open("Hello").reply_box.fill("Half a thought")
    inbox.page.evaluate(CONTROLLED)
    build_anew(own_build)
    inbox.page.evaluate("navigator.serviceWorker.getRegistration().then((each) => each.update())")
    notice = inbox.page.locator("[data-update]")
    expect(notice).to_contain_text("A new version is ready.")
    assert "shell-another" in inbox.page.evaluate("caches.keys()")
    notice.get_by_role("button", name="Reload").click()
    expect(notice).to_have_count(0)
    expect(inbox.detail.reply_box).to_have_value("Half a thought")
    assert inbox.page.evaluate(ONE_WORKER) == [True, False, False]
