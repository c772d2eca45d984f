"""The open notification and the bell in every state: looked at by axe, and kept as pictures.

The pictures are in ``docs/screenshots``; whoever changes how something looks makes them anew, with
``KEEP_PICTURES=1``.
"""

# pyright: standard
# axe comes without types.

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from inbox_app.domain.decision import Outcome, Rule
from tests.browser.conftest import OpenInbox
from tests.browser.host import NOW, Host, Person
from tests.browser.looks import EVERY_LOOK, PICTURES
from tests.browser.pages.bell import Bell
from tests.browser.pages.inbox import InboxPage
from tests.browser.server import Server
from tests.browser.test_about import decide
from tests.browser.test_screens import LONG_TITLE, PHONE
from tests.browser.test_thread import attach, send
from tests.lib.test_images import picture

pytestmark = [
    pytest.mark.slow,
    EVERY_LOOK,
]


@pytest.fixture
def options(width: int, height: int, scheme: str) -> dict[str, object]:
    phone = width == PHONE
    return {
        "width": width,
        "height": height,
        "color_scheme": scheme,
        "timezone_id": "UTC",
        "has_touch": phone,
        "is_mobile": phone,
    }


def drawing(name: str, color: str) -> FilePayload:
    data = picture("PNG", (640, 420), color=color)
    return {"name": name, "mimeType": "image/png", "buffer": data}


Picture = Callable[[Page, str], None]


@pytest.fixture
def keep(width: int, scheme: str) -> Picture:
    """Checks a state with axe, then keeps a picture of it."""

    def look(page: Page, name: str) -> None:
        # What fades in is judged when it is there.
        page.emulate_media(reduced_motion="reduce")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        path = PICTURES / f"{name}-{width}-{scheme}.png"
        page.screenshot(path=path, animations="disabled", caret="hide")

    return look


@pytest.fixture
def mention(host: Host) -> tuple[Person, str]:
    """A notification with something of everything, and the person it is for."""
    person = host.person("Ada Diaz")
    for number in range(1, 7):
        person.send(f"Deploy api@4f2c{number} finished", body="Production · 2 min 14 s")
    person.report(*person.items(), opened=NOW)
    person.send("Invoice #2041 is due tomorrow", body="Northwind GmbH · €1,280.00")
    tracking_id = person.send(
        LONG_TITLE,
        body="“Can you confirm the rollback plan before noon? If the new queue misbehaves we want "
        "to be back on the old one within five minutes.”\n\nIt is at https://acme.example/q4.",
        actions=[{"label": "Confirm plan"}, {"label": "Not me"}],
        url="https://acme.example/launch",
    )
    person.answer(tracking_id, "No rush, after the review is fine.", author="Mara Klein")
    decide(person, tracking_id, Outcome.HOLD, Rule.QUIET_HOURS)
    with person.host.server.database() as database:
        database.executemany(
            "INSERT INTO decisions (tracking_id, channel, outcome, rule, sentence, due_at) "
            "VALUES (?, ?, ?, ?, '', NULL)",
            [
                (tracking_id, "PUSH", Outcome.SKIP, Rule.PREFERENCE_OFF),
                (tracking_id, "SMS", Outcome.SKIP, Rule.NO_ADDRESS),
                (tracking_id, "SLACK", Outcome.SKIP, Rule.READ_MEANWHILE),
            ],
        )
        moment = round(datetime.now(UTC).timestamp() * 1_000_000)
        database.execute(
            "UPDATE inbox_items SET saved = ? WHERE tracking_id = ?", (moment, tracking_id)
        )
    return person, tracking_id


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_the_open_notification(
    open_inbox: OpenInbox,
    mention: tuple[Person, str],
    options: dict[str, object],
    keep: Picture,
    locale: str,
) -> None:
    person, tracking_id = mention
    name = "detail" if locale == "en-GB" else "detail-german"
    inbox = open_inbox(person, path=f"/inbox/?id={tracking_id}", **options, locale=locale)
    detail = inbox.detail.showing(LONG_TITLE)
    expect(detail.root.locator('.why [data-channel="EMAIL"] span')).not_to_be_empty()
    keep(inbox.page, name)
    inbox.page.locator(".why").scroll_into_view_if_needed()
    keep(inbox.page, f"{name}-why")
    if locale != "en-GB":
        return
    attach(
        detail,
        drawing("plan.png", "#4f46c8"),
        drawing("queue.png", "#187a4b"),
        {"name": "note.txt", "mimeType": "text/plain", "buffer": b"x"},
    )
    expect(detail.root.locator('.previews li[data-ready="true"]')).to_have_count(2)
    detail.reply_box.fill("Confirmed. The old queue stays warm until Friday;\nsee both pictures.")
    detail.reply_box.scroll_into_view_if_needed()
    keep(inbox.page, "detail-writing")
    send(detail)
    thumb = detail.thread.get_by_role("button").first
    thumb.scroll_into_view_if_needed()
    expect(detail.root.locator(".previews li")).to_have_count(0)
    keep(inbox.page, "detail-pictures")
    thumb.click()
    expect(inbox.page.get_by_role("dialog").get_by_role("img")).to_be_visible()
    keep(inbox.page, "detail-picture")


def test_gone_and_signed_out(
    open_inbox: OpenInbox, person: Person, options: dict[str, object], keep: Picture
) -> None:
    person.send("Hello")
    inbox = open_inbox(person, path="/inbox/?id=nothing", **options)
    inbox.detail.expect_gone()
    keep(inbox.page, "detail-gone")
    person.host.delete(f"/users/{person.id}")
    inbox.expect_ended()
    keep(inbox.page, "detail-signed-out")


def test_not_loaded(
    own_server: Server,
    own_person: Person,
    open_inbox: OpenInbox,
    options: dict[str, object],
    keep: Picture,
    mishaps: list[str],
) -> None:
    tracking_id = own_person.send("Hello")
    inbox = open_inbox(own_person, **options)
    with closing(own_server.database()) as database:
        database.execute("ALTER TABLE decisions RENAME TO elsewhere")
        inbox.row("Hello").open()
        expect(inbox.detail.root).to_have_attribute("data-state", "failed")
        keep(inbox.page, "detail-failed")
        database.execute("ALTER TABLE elsewhere RENAME TO decisions")
    inbox.detail.act("Retry")
    inbox.detail.showing("Hello")
    assert tracking_id in inbox.page.url
    mishaps.clear()


def test_bell(
    open_inbox: OpenInbox,
    mention: tuple[Person, str],
    options: dict[str, object],
    keep: Picture,
) -> None:
    person, _ = mention
    page = _account(open_inbox(person, **options).context)
    bell = Bell(page)
    bell.open().expect_count(0)
    keep(page, "bell")
    bell.tab("Unread")
    keep(page, "bell-unread")
    bell.panel.get_by_role("button", name="Mark all as read").click()
    expect(bell.panel).to_contain_text("All caught up")
    keep(page, "bell-empty")


def test_bell_while_it_loads(
    open_inbox: OpenInbox, person: Person, options: dict[str, object], keep: Picture
) -> None:
    context = open_inbox(person, **options).context
    context.route_web_socket("**/_event/**", lambda socket: None)
    page = _account(context)
    bell = Bell(page).open()
    expect(bell.panel.get_by_role("status")).to_be_visible()
    keep(page, "bell-loading")


def _account(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto("/account/")
    InboxPage(page).heading.wait_for()
    return page
