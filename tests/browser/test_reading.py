"""Opening a notification, and finding the way back: the address is the truth."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Host, Person
from tests.browser.pages.inbox import InboxPage


def test_opening_shows_the_whole_and_marks_it_read(inbox: InboxPage, person: Person) -> None:
    tracking_id = person.send("Hello", body="First line\n\nSee https://example.org/a?b=1, please.")
    inbox.expect_unread(1)
    detail = inbox.open("Hello")
    expect(detail.body).to_contain_text("First line")
    link = detail.body.get_by_role("link")
    expect(link).to_have_text("https://example.org/a?b=1")
    expect(link).to_have_attribute("rel", re.compile("noopener"))
    inbox.expect_unread(0)
    inbox.row("Hello").expect_read()
    assert "opened" in person.item(tracking_id)


def test_it_says_why_it_came(inbox: InboxPage, person: Person) -> None:
    person.send("Hello")
    expect(inbox.open("Hello").reasons.first).to_contain_text("In-app")


def test_the_address_restores_view_and_notification(open_inbox: OpenInbox, person: Person) -> None:
    tracking_id = person.send("Hello")
    person.send("Other")
    inbox = open_inbox(person, path=f"/inbox/?view=unread&id={tracking_id}")
    inbox.detail.showing("Hello")
    expect(inbox.heading).to_have_text("Unread")
    inbox.expect_titles("Other", "Hello")


def test_back_and_forward_work(inbox: InboxPage, person: Person) -> None:
    person.send_many(2)
    inbox.open("Note 1")
    inbox.open("Note 2")
    inbox.show("Done")
    expect(inbox.empty).to_contain_text("Nothing done yet")
    inbox.page.go_back()
    inbox.detail.showing("Note 2")
    inbox.page.go_back()
    inbox.detail.showing("Note 1")
    inbox.page.go_back()
    inbox.detail.expect_closed()
    inbox.page.go_forward()
    inbox.detail.showing("Note 1")


def test_rows_are_links_that_open_in_a_tab_of_their_own(inbox: InboxPage, person: Person) -> None:
    person.send("Hello")
    with inbox.context.expect_page() as opened:
        inbox.row("Hello").link().click(button="middle")
    InboxPage(opened.value).detail.showing("Hello")
    inbox.detail.expect_closed()


def test_a_link_records_the_click_on_the_way(inbox: InboxPage, person: Person) -> None:
    tracking_id = person.send("Go", url=f"{person.host.server.url}/api/docs")
    detail = inbox.open("Go")
    with inbox.context.expect_page() as opened:
        detail.link.click()
    expect(opened.value).to_have_url(re.compile("/api/docs$"))
    assert "clicked" in person.item(tracking_id)


def test_html_is_shown_and_can_do_no_harm(inbox: InboxPage, person: Person) -> None:
    harmful = "<p>Fine <b>bold</b></p><img src='/favicon.svg' onload=document.title='owned'>"
    harmful += "<script>1</script>"
    person.send("Rich", html=harmful)
    detail = inbox.open("Rich")
    expect(detail.body.locator("b")).to_have_text("bold")
    expect(detail.body.locator("script")).to_have_count(0)
    expect(detail.body.locator("[onload]")).to_have_count(0)


def test_a_title_is_text_and_nothing_else(inbox: InboxPage, person: Person) -> None:
    title = "<img src=x onerror=alert(1)> & co"
    person.send(title)
    inbox.open(title)


def test_somebody_elses_notification_is_not_there(host: Host, inbox: InboxPage) -> None:
    tracking_id = host.person("Somebody Else").send("Secret")
    inbox.page.goto(f"/inbox/?id={tracking_id}")
    inbox.detail.expect_gone()
    expect(inbox.page.get_by_text("Secret")).to_have_count(0)


def test_a_made_up_view_is_the_inbox(open_inbox: OpenInbox, person: Person) -> None:
    person.send("Hello")
    inbox = open_inbox(person, path="/inbox/?view=nonsense")
    expect(inbox.heading).to_have_text("Inbox")
    inbox.expect_titles("Hello")


def test_unread_keeps_what_is_open(inbox: InboxPage, person: Person) -> None:
    person.send_many(3)
    inbox.show("Unread")
    inbox.open("Note 3")
    inbox.expect_titles("Note 3", "Note 2", "Note 1")
    inbox.open("Note 2")
    inbox.expect_titles("Note 2", "Note 1")


def test_on_a_phone_the_notification_takes_the_screen(
    open_inbox: OpenInbox, person: Person
) -> None:
    person.send("Hello")
    inbox = open_inbox(person, width=390, height=844, has_touch=True, is_mobile=True)
    inbox.open("Hello")
    expect(inbox.heading).not_to_be_visible()
    inbox.detail.close()
    expect(inbox.row("Hello").root).to_be_visible()
