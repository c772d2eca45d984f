"""Fingers on a phone: swiping rows, pulling the list down."""

# pyright: standard
# Playwright leaves parts of its types unknown.

from __future__ import annotations

from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.pages.inbox import InboxPage
from tests.browser.server import Server

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
STEPS = 8


class Finger:
    """One finger on the screen of a tab."""

    def __init__(self, inbox: InboxPage, x: float, y: float) -> None:
        self._line = inbox.context.new_cdp_session(inbox.page)
        self._at = (x, y)
        self._touch("touchStart", [{"x": x, "y": y}])

    def move(self, right: float = 0, down: float = 0) -> Finger:
        x, y = self._at
        for step in range(1, STEPS + 1):
            share = step / STEPS
            self._touch("touchMove", [{"x": x + right * share, "y": y + down * share}])
        self._at = (x + right, y + down)
        return self

    def lift(self) -> None:
        self._touch("touchEnd", [])

    def _touch(self, kind: str, points: list[dict[str, float]]) -> None:
        self._line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def finger_on(inbox: InboxPage, title: str) -> Finger:
    box = inbox.row(title).root.bounding_box()
    assert box is not None
    return Finger(inbox, box["x"] + box["width"] / 2, box["y"] + 12)


@pytest.fixture
def phone(open_inbox: OpenInbox, person: Person) -> InboxPage:
    person.send_many(2)
    inbox = open_inbox(person, **PHONE)
    inbox.expect_titles("Note 2", "Note 1")
    return inbox


def test_right_is_done(phone: InboxPage) -> None:
    finger_on(phone, "Note 2").move(right=150).lift()
    phone.expect_titles("Note 1")
    phone.expect_told("Marked as done")
    phone.undo()
    phone.expect_titles("Note 2", "Note 1")


def test_left_opens_the_snooze_menu(phone: InboxPage) -> None:
    finger_on(phone, "Note 2").move(right=-150).lift()
    phone.page.get_by_role("menuitem", name="Tomorrow morning").click()
    phone.expect_titles("Note 1")
    phone.expect_told("Snoozed until")


def test_a_short_way_does_nothing(phone: InboxPage) -> None:
    finger_on(phone, "Note 2").move(right=60).lift()
    finger_on(phone, "Note 2").move(right=150).move(right=-120).lift()
    expect(phone.row("Note 2").root).not_to_have_attribute("data-swipe", "archive")
    phone.expect_titles("Note 2", "Note 1")
    expect(phone.menu).to_have_count(0)


def test_pulling_down_loads_the_list_anew(
    own_server: Server, own_person: Person, open_inbox: OpenInbox
) -> None:
    own_person.send("Hello")
    inbox = open_inbox(own_person, **PHONE)
    inbox.expect_titles("Hello")
    with closing(own_server.database()) as database, database:
        # Nobody is told of it.
        database.execute("UPDATE inbox_items SET title = 'Mended'")
    finger_on(inbox, "Hello").move(down=40).lift()
    finger = finger_on(inbox, "Hello").move(down=120)
    expect(inbox.page.locator(".pull")).to_have_attribute("data-far", "true")
    inbox.expect_titles("Hello")
    finger.lift()
    inbox.expect_titles("Mended")
    expect(inbox.page.locator(".pull")).to_have_count(0)
