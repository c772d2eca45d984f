"""Pictures of every state at every width, light and dark, to be looked at.

They are left in ``tests/.artifacts/screens``, which git ignores; those of the list's states go to
``docs/screenshots`` when made anew on purpose with ``KEEP_PICTURES=1``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import ARTIFACTS, OpenInbox
from tests.browser.host import NOW, Host, Person
from tests.browser.looks import EVERY_LOOK, keep
from tests.browser.pages.account import AccountPage
from tests.browser.pages.inbox import InboxPage
from tests.browser.server import Server

PHONE = 390
IN_THE_DOCS = {
    *("list", "loading", "empty-new", "empty-all", "search-none", "trouble", "offline"),
    *("reconnecting", "selected", "bulk-running", "snooze", "search-help", "help", "rail"),
}
"""States of the list."""
LONG_TITLE = (
    "Mara Klein mentioned you in Q4 launch checklist and eleven other documents of the team"
)

pytestmark = [
    pytest.mark.slow,
    EVERY_LOOK,
]


class Album:
    """Where the pictures of one size and scheme go."""

    def __init__(self, width: int, scheme: str) -> None:
        self.width, self.scheme = width, scheme
        self.folder = ARTIFACTS / "screens" / f"{width}-{scheme}"

    def add(self, inbox: InboxPage, name: str) -> None:
        path = self.folder / f"{name}.png"
        picture = inbox.page.screenshot(path=path, animations="disabled")
        if name in IN_THE_DOCS:
            keep(picture, f"inbox-{name}", self.width, self.scheme)


@pytest.fixture
def album(width: int, scheme: str) -> Album:
    return Album(width, scheme)


@pytest.fixture
def options(width: int, height: int, scheme: str) -> dict[str, object]:
    touch = width == PHONE
    return {
        "width": width,
        "height": height,
        "color_scheme": scheme,
        "has_touch": touch,
        "is_mobile": touch,
    }


@pytest.fixture
def busy(host: Host) -> Person:
    """A person with something of everything."""
    person = host.person("Ada Diaz")
    for number in range(1, 9):
        person.send(f"Deploy api@4f2c{number} finished", body="Production · 2 min 14 s")
    person.report(*person.items(), opened=NOW)
    two = [{"label": "Pay now"}, {"label": "Remind me Friday"}]
    person.send("Invoice #2041 is due tomorrow", body="Northwind GmbH · €1,280.00", actions=two)
    chosen = person.send(
        "Sign-in from a new device",
        body="Firefox on Linux, Berlin.",
        actions=[{"label": "It was me"}],
    )
    person.report(chosen, actioned1=NOW)
    person.send(
        "Your weekly summary is ready",
        html="<p>Twelve tasks <b>closed</b>:</p><ul><li>Pricing</li><li>Retry webhooks</li></ul>"
        "<blockquote>Well done.</blockquote><p><a href='https://example.org'>The board</a></p>",
    )
    asked = person.send(
        LONG_TITLE,
        body="“Can you confirm the rollback plan before noon?”\n\nIt is at https://acme.example/q4.",
        actions=[{"label": "Confirm plan"}, {"label": "Not me"}],
        url="https://acme.example/launch",
    )
    person.answer(asked, "No rush, after the review is fine.", author="Mara Klein")
    return person


def test_reading(
    open_inbox: OpenInbox, busy: Person, options: dict[str, object], album: Album, width: int
) -> None:
    inbox = open_inbox(busy, **options)
    album.add(inbox, "list")
    if width != PHONE:
        inbox.row("Invoice #2041 is due tomorrow").root.hover()
        album.add(inbox, "hover")
        inbox.press("j", "j")
        album.add(inbox, "focus")
        inbox.press("?")
        inbox.help.wait_for()
        album.add(inbox, "help")
        inbox.press("Escape")
    for title, name in [
        (
            LONG_TITLE,
            "open",
        ),
        ("Your weekly summary is ready", "open-html"),
        ("Sign-in from a new device", "open-chosen"),
    ]:
        inbox.open(title)
        album.add(inbox, name)
        inbox.detail.close()
    inbox.goto("/inbox/?id=nothing").detail.expect_gone()
    album.add(inbox, "gone")


def test_acting(
    open_inbox: OpenInbox, busy: Person, options: dict[str, object], album: Album
) -> None:
    inbox = open_inbox(busy, **options)
    inbox.row("Invoice #2041 is due tomorrow").act("Mark as done")
    inbox.flash.wait_for()
    album.add(inbox, "flash")
    inbox.mark_all_read()
    inbox.expect_told("Marked")
    album.add(inbox, "marked-all")
    inbox.show("Unread")
    album.add(inbox, "empty-unread")
    inbox.goto("/inbox/?view=archived")
    album.add(inbox, "archived")


def test_finding(
    open_inbox: OpenInbox, busy: Person, options: dict[str, object], album: Album
) -> None:
    inbox = open_inbox(busy, **options)
    inbox.search_field.focus()
    album.add(inbox, "search-help")
    inbox.search_field.fill("type:")
    album.add(inbox, "search-completion")
    inbox.search("deploy")
    inbox.search_field.blur()
    album.add(inbox, "search")
    inbox.page.get_by_role("button", name="Save as a filter").click()
    album.add(inbox, "filter-save")
    inbox.press("Escape")
    inbox.search_field.fill("is:wrong")
    inbox.page.locator("#search-note").filter(has_text="not known").wait_for()
    album.add(inbox, "search-wrong")
    inbox.search("nothing like it")
    inbox.empty.wait_for()
    album.add(inbox, "search-none")


def test_selecting_and_later(
    open_inbox: OpenInbox, busy: Person, options: dict[str, object], album: Album
) -> None:
    inbox = open_inbox(busy, **options)
    inbox.row(LONG_TITLE).act("Snooze")
    inbox.menu.wait_for()
    album.add(inbox, "snooze")
    inbox.press("Escape")
    inbox.row(LONG_TITLE).act("More")
    inbox.menu.wait_for()
    album.add(inbox, "more")
    inbox.page.get_by_role("menuitem", name="Select").click()
    inbox.row("Your weekly summary is ready").pick()
    album.add(inbox, "selected")
    with closing(busy.host.server.database()) as database:
        # Nobody else can write meanwhile.
        database.execute("BEGIN IMMEDIATE")
        inbox.bulk.get_by_role("button", name="Select all").click()
        inbox.bulk.get_by_role("button", name="Save").click()
        expect(inbox.bulk).to_contain_text("done so far")
        album.add(inbox, "bulk-running")
        database.execute("ROLLBACK")
    inbox.expect_told("Saved 12")
    inbox.undo()
    inbox.expect_told("Undone")
    for title in (LONG_TITLE, "Your weekly summary is ready"):
        inbox.row(title).pick()
    inbox.bulk.get_by_role("button", name="Snooze").click()
    inbox.page.get_by_role("menuitem", name="Tomorrow morning").click()
    inbox.expect_told("Snoozed 2")
    inbox.goto("/inbox/?view=snoozed")
    album.add(inbox, "snoozed")
    inbox.goto("/inbox/?view=saved")
    album.add(inbox, "empty-saved")


def test_rail(
    open_inbox: OpenInbox, busy: Person, options: dict[str, object], album: Album
) -> None:
    for category, title in (("Parcels", "Parcel sent"), ("Team", "Somebody joined")):
        busy.send(title, type=busy.host.make_type(title, category=category))
    inbox = open_inbox(busy, **options)
    for name, query in (("Money", "invoice"), ("Deployments of the whole team", "deploy")):
        inbox.search(query)
        inbox.save_filter(name)
    inbox.goto("/inbox/")
    inbox.row("Parcel sent").root.wait_for()
    inbox.page.get_by_role("link", name="Money").locator("visible=true").first.wait_for()
    album.add(inbox, "rail")


def test_arrivals(
    open_inbox: OpenInbox, busy: Person, options: dict[str, object], album: Album
) -> None:
    inbox = open_inbox(busy, **options)
    inbox.page.set_viewport_size({"width": int(str(options["width"])), "height": 500})
    inbox.scroll_by(300)
    busy.send("Fresh")
    inbox.pill.wait_for()
    album.add(inbox, "pill")


def test_empty(
    open_inbox: OpenInbox, person: Person, options: dict[str, object], album: Album, width: int
) -> None:
    inbox = open_inbox(person, **options)
    album.add(inbox, "empty-new")
    inbox.goto("/inbox/?view=archived")
    album.add(inbox, "empty-archived")
    if inbox.account.is_visible():
        inbox.account.click()
        album.add(inbox, "menu")
        inbox.press("Escape")
    person.send("Hello")
    inbox.show("All")
    inbox.row("Hello").act("Mark as done")
    inbox.empty.wait_for()
    album.add(inbox, "empty-all")


def test_troubles(
    own_server: Server,
    own_person: Person,
    open_inbox: OpenInbox,
    options: dict[str, object],
    album: Album,
    mishaps: list[str],
) -> None:
    own_person.send_many(5)
    inbox = open_inbox(own_person, **options)
    with closing(own_server.database()) as database:
        database.execute("ALTER TABLE inbox_items RENAME TO elsewhere")
        inbox.go("Unread")
        inbox.trouble.wait_for()
        album.add(inbox, "trouble-with-rows")
        inbox.page.reload()
        inbox.trouble.wait_for()
        album.add(inbox, "trouble")
        database.execute("ALTER TABLE elsewhere RENAME TO inbox_items")
    inbox.page.reload()
    inbox.loaded()
    inbox.context.set_offline(True)
    inbox.connection.wait_for()
    album.add(inbox, "offline")
    inbox.context.set_offline(False)
    own_server.kill()
    expect(inbox.connection).to_contain_text("Reconnecting")
    album.add(inbox, "reconnecting")
    mishaps.clear()


def test_standing_alone(
    new_context: Callable[..., BrowserContext],
    host: Host,
    album: Album,
    width: int,
    height: int,
    scheme: str,
) -> None:
    options = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    waiting = new_context(**options)
    waiting.route_web_socket("**/_event/**", lambda socket: None)
    still = waiting.new_page()
    still.goto(f"{host.server.url}/inbox/")
    album.add(InboxPage(still), "loading")
    page = new_context(**options).new_page()
    page.goto(f"{host.server.url}/nowhere/")
    page.get_by_role("heading", name="Page not found").wait_for()
    album.add(InboxPage(page), "not-found")
    page.goto(f"{host.server.url}/signed-out/")
    album.add(InboxPage(page), "signed-out")


def test_account(
    open_inbox: OpenInbox, busy: Person, options: dict[str, object], album: Album, height: int
) -> None:
    inbox = open_inbox(busy, **options)
    account = AccountPage.of(inbox)
    album.add(inbox, "account")
    account.zone.click()
    account.zone.press_sequentially("america")
    album.add(inbox, "account-zone")
    inbox.press("Escape")
    account.rename("Ada Lovelace")
    account.expect_saved()
    album.add(inbox, "account-saved")
    inbox.page.locator("#content").evaluate("(page, by) => page.scrollBy(0, by)", height)
    album.add(inbox, "account-below")
    account.button("Delete account…").click()
    album.add(inbox, "account-delete")
    inbox.goto("/inbox/").page.goto("/preferences/")
    inbox.heading.wait_for()
    album.add(inbox, "preferences")
    inbox.page.goto("/farewell/")
    album.add(inbox, "farewell")
