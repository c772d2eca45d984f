"""Who may look, and what is left when the session is over."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from inbox_app.cli.frontend import ROOT, SITE
from tests.browser.conftest import OpenInbox
from tests.browser.host import Host, Person
from tests.browser.pages.inbox import InboxPage

SIGNED_OUT = re.compile("/signed-out/$")


def test_without_a_session_there_is_no_inbox(
    new_context: Callable[..., BrowserContext], host: Host
) -> None:
    page = new_context().new_page()
    page.goto(f"{host.server.url}/inbox/")
    expect(page).to_have_url(SIGNED_OUT)


def test_signing_out_ends_every_tab(inbox: InboxPage, person: Person) -> None:
    person.send("Private")
    inbox.expect_titles("Private")
    other = inbox.another_tab()
    other.expect_titles("Private")
    inbox.sign_out()
    expect(inbox.page).to_have_url(SIGNED_OUT)
    other.expect_ended()
    inbox.page.goto("/inbox/")
    expect(inbox.page).to_have_url(SIGNED_OUT)


def test_the_tabs_of_a_person_who_is_deleted_end(inbox: InboxPage, person: Person) -> None:
    person.send("Private")
    inbox.expect_titles("Private")
    person.host.delete(f"/users/{person.id}")
    inbox.expect_ended()


def test_who_signs_in_again_comes_back_to_the_same_place_and_draft(
    inbox: InboxPage, person: Person
) -> None:
    person.send("Private")
    inbox.open("Private").reply_box.fill("Half a thought")
    address = inbox.page.url
    other = inbox.another_tab()
    other.sign_out()
    inbox.expect_ended()
    expect(inbox.page.get_by_text("Private")).to_have_count(0)
    reload = inbox.ended.get_by_role("button", name="Reload")
    reload.click()
    expect(inbox.ended).to_contain_text("You are not signed in yet.")
    other.sign_in(person.sign_in_url())
    reload.click()
    inbox.detail.showing("Private")
    expect(inbox.page).to_have_url(address)
    expect(inbox.detail.reply_box).to_have_value("Half a thought")


def test_two_people_see_only_their_own(open_inbox: OpenInbox, host: Host) -> None:
    ada, ben = host.person("Ada"), host.person("Ben")
    first, second = open_inbox(ada), open_inbox(ben)
    ada.send("For Ada")
    ben.send("For Ben")
    first.expect_titles("For Ada")
    second.expect_titles("For Ben")


def test_the_next_person_in_the_same_tab_sees_nothing_of_the_last(
    inbox: InboxPage, person: Person, host: Host
) -> None:
    person.send("Private")
    inbox.open("Private")
    other = host.person("Other")
    other.send("Mine")
    inbox.page.goto(other.sign_in_url())
    inbox.loaded().expect_titles("Mine")
    expect(inbox.page.get_by_text("Private")).to_have_count(0)


def test_no_personal_data_is_built_in(built: None) -> None:
    pages = list((ROOT / SITE).rglob("*.html"))
    assert pages
    for page in pages:
        text = page.read_text("utf-8")
        assert "Ada" not in text
        assert "inbox_session" not in text
