"""How web push looks where it is offered and where it stands: seen by axe, and kept as pictures."""

from __future__ import annotations

from typing import Final, NamedTuple

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import ARTIFACTS
from tests.browser.looks import EVERY_LOOK
from tests.browser.pages.inbox import InboxPage
from tests.browser.test_accessibility import expect_accessible
from tests.push.browser import Permission
from tests.push.chromium import Chromium
from tests.push.inbox import Pushed, offer_of

pytestmark = [pytest.mark.slow, EVERY_LOOK]

IPHONE: Final = """Object.defineProperty(navigator, "userAgent", { value:
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1" });
delete window.PushManager;"""
REFUSES: Final = """PushManager.prototype.subscribe = () =>
  Promise.reject(new DOMException("Registration failed", "AbortError"));"""


STATES: Final[list[tuple[str, Permission, str]]] = [
    ("off", "prompt", ""),
    ("blocked", "denied", ""),
    ("unsupported", "prompt", "delete window.PushManager"),
    ("install", "prompt", IPHONE),
]


class Look(NamedTuple):
    """The size and the colours of a page."""

    width: int
    height: int
    scheme: str


class Visit:
    """A person in a browser of this look, page by page."""

    def __init__(self, robin: Pushed, chromium: Chromium, look: Look) -> None:
        self._robin, self._chromium, self._look = robin, chromium, look
        chromium.open(robin.person.sign_in_url())

    def page(self, path: str, permission: Permission, script: str = "") -> InboxPage:
        """A page in a browser that says this of notifications and differs by this script."""
        self._chromium.permission(self._robin.server.url, permission)
        tab = self._chromium.open("about:blank")
        tab.page.set_viewport_size({"width": self._look.width, "height": self._look.height})
        scheme = "dark" if self._look.scheme == "dark" else "light"
        tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        tab.page.add_init_script(script)
        self._robin.go(tab, path)
        return InboxPage(tab.page)

    def look_at(self, inbox: InboxPage, name: str) -> None:
        folder = f"{self._look.width}-{self._look.scheme}"
        path = ARTIFACTS / "screens" / folder / f"push-{name}.png"
        inbox.page.screenshot(path=path, animations="disabled")
        expect_accessible(inbox)


@pytest.fixture
def visit(robin: Pushed, chromium: Chromium, width: int, height: int, scheme: str) -> Visit:
    robin.person.send_many(3)
    return Visit(robin, chromium, Look(width, height, scheme))


def offer_in(inbox: InboxPage) -> Locator:
    inbox.row("Note 1").snooze("Tomorrow morning")
    return offer_of(inbox)


def overlap(one: Locator, other: Locator) -> bool:
    first, second = one.bounding_box(), other.bounding_box()
    assert first
    assert second
    apart = (
        first["y"] + first["height"] <= second["y"] or second["y"] + second["height"] <= first["y"],
        first["x"] + first["width"] <= second["x"] or second["x"] + second["width"] <= first["x"],
    )
    return not any(apart)


def stands(inbox: InboxPage, status: str) -> None:
    """The preferences show this browser, and that it stands so."""
    browser = inbox.page.locator(".this-browser")
    expect(browser).to_have_attribute("data-push", status)
    browser.evaluate("node => node.scrollIntoView({ block: 'center' })")


def test_the_offer(visit: Visit):
    inbox = visit.page("/inbox/", "prompt", IPHONE)
    expect(offer_in(inbox)).to_contain_text("Add to Home Screen")
    visit.look_at(inbox, "offer-install")
    inbox.undo()
    inbox = visit.page("/inbox/", "granted")
    offer = offer_in(inbox)
    expect(offer).to_contain_text("Be told when it comes back?")
    assert not overlap(inbox.flash, offer)
    visit.look_at(inbox, "offer")
    offer.get_by_role("button", name="Turn on").press("Enter")
    expect(offer).to_contain_text("This browser shows your notifications.")
    expect(offer.get_by_role("heading")).to_be_focused()
    visit.look_at(inbox, "offer-done")


def test_this_browser(visit: Visit):
    for status, permission, script in STATES:
        preferences = visit.page("/preferences/", permission, script)
        stands(preferences, status)
        visit.look_at(preferences, status)
    preferences = visit.page("/preferences/", "granted", REFUSES)
    preferences.page.get_by_role("button", name="Turn on", exact=True).click()
    expect(preferences.page.locator(".this-browser")).to_contain_text("Private windows do")
    stands(preferences, "off")
    visit.look_at(preferences, "refused")
    preferences = visit.page("/preferences/", "granted")
    preferences.page.get_by_role("button", name="Turn on", exact=True).click()
    stands(preferences, "on")
    visit.look_at(preferences, "on")
