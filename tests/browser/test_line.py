"""What was on the line to the server when it broke."""

from __future__ import annotations

import re

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.pages.account import AccountPage
from tests.browser.pages.inbox import InboxPage
from tests.browser.pages.preferences import PreferencesPage


class Line:
    """The line of a page to its server; may lose what is sent, and break."""

    def __init__(self, page: Page) -> None:
        self.losing = False
        self._sockets: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("/_event"), self._open)

    def _open(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        socket.on_message(lambda said: None if self.losing else server.send(said))
        self._sockets.append(socket)

    def cut(self) -> None:
        """The next line is a good one."""
        self.losing = False
        self._sockets[-1].close()


def test_a_choice_that_was_lost_is_sent_once_more(
    inbox: InboxPage, open_inbox: OpenInbox, person: Person
) -> None:
    line = Line(inbox.page)
    centre = PreferencesPage.of(inbox)
    line.losing = True
    centre.cell("Share").select_option("daily")
    expect(centre.row("share").locator("[data-save=saving]")).to_be_visible()
    line.cut()
    expect(centre.row("share").locator("[data-save=saved]")).to_be_visible()
    expect(PreferencesPage.of(open_inbox(person)).cell("Share")).to_have_value("daily")


def test_a_name_that_was_lost_is_sent_once_more(inbox: InboxPage) -> None:
    line = Line(inbox.page)
    account = AccountPage.of(inbox)
    line.losing = True
    account.rename("Ada Lovelace")
    expect(inbox.page.locator("[data-save=saving]")).to_be_visible()
    line.cut()
    account.expect_saved()


def test_an_address_that_was_lost_can_be_asked_for_again(inbox: InboxPage, person: Person) -> None:
    line = Line(inbox.page)
    centre = PreferencesPage.of(inbox)
    centre.button("Add an e-mail address").click()
    centre.page.get_by_label("New e-mail address").fill(f"{person.id}@new.example")
    line.losing = True
    centre.button("Send a code").click()
    expect(centre.button("Send a code")).to_be_disabled()
    line.cut()
    expect(centre.page.get_by_role("alert").filter(visible=True)).to_have_text(
        "Could not send the code: The server cannot be reached."
    )
    centre.button("Send a code").click()
    expect(centre.page.get_by_label("The six digits we sent there")).to_be_visible()
