"""No text of ours stands outside the catalogue, and every language finds its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from inbox_app.lib.catalogue import texts
from tests.browser.conftest import ARTIFACTS, OpenInbox
from tests.browser.host import Person
from tests.browser.pages.inbox import InboxPage
from tests.browser.pages.preferences import PreferencesPage

MARK = "⟦"
WIDTHS = [1440, 768, 390]
PAGES = ["/inbox/", "/preferences/", "/account/"]

# Everything that people read or hear, outside what people wrote themselves.
THEIRS = ", ".join(
    [
        *("[dir=auto]", "bdi", "[lang]:not(html)", "[data-content]", "script", "style", "time"),
        "noscript",
        *("kbd", ".count", ".badge", ".avatar", ".option-note"),
    ]
)
SAID = ["aria-label", "title", "placeholder", "alt"]
LEFT_OVER = """([theirs, said]) => {
  const isText = text => /\\p{L}/u.test(text);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (isText(data) && !parentElement.closest(theirs)) found.push(data.trim());
  }
  for (const name of said)
    for (const node of document.querySelectorAll(`[${name}]:not(time)`))
      if (isText(node.getAttribute(name))) found.push(node.getAttribute(name));
  return found;
}"""

WATCH_HEADING = """
window.seen = [];
new MutationObserver(() => {
  const heading = document.querySelector('h1');
  const hidden = 'wording' in document.documentElement.dataset;
  if (heading && !hidden) window.seen.push(heading.textContent);
}).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
"""
OVERFLOW = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""


def pseudo(direction: str) -> dict[str, Any]:
    """A language that is a third longer than English and can be told from it."""

    def longer(text: str) -> str:
        return f"{MARK}{text}{'~' * (len(text) // 3)}⟧"

    made: dict[str, Any] = {}
    for key, text in texts("de").items():
        made[key] = (
            {form: longer(each) for form, each in text.items()}
            if isinstance(text, dict)
            else longer(text)
        )
    return made | {"dir": direction, "time.day_and_clock": "{day}, {clock}"}


def speak_pseudo(page: Page, direction: str = "ltr") -> None:
    """From now on the page gets the pseudo language in place of German."""

    def answer(route: Route) -> None:
        route.fulfill(body=json.dumps(pseudo(direction)), content_type="application/json")

    page.context.route("**/words/de.json", answer)


@pytest.fixture
def busy(person: Person) -> Person:
    person.send("Hello", body="Text", actions=[{"label": "Yes"}, {"label": "No"}])
    asked = person.send("Question", body="Text")
    person.answer(asked, "Well?", author="Mara Klein")
    person.send("With a link", url="https://example.org/x")
    return person


def left_over(page: Page) -> list[str]:
    return [text for text in page.evaluate(LEFT_OVER, [THEIRS, SAID]) if MARK not in text]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [1440, 390])
def test_every_text_is_from_the_catalogue(
    open_inbox: OpenInbox, busy: Person, path: str, width: int
) -> None:
    inbox = open_inbox(busy, width=width, locale="de-DE")
    speak_pseudo(inbox.page)
    inbox.page.goto(path)
    expect(inbox.heading).to_contain_text(MARK)
    expect(inbox.page.locator("html")).not_to_have_attribute("data-wording", "")
    assert left_over(inbox.page) == []
    inbox.press("?")
    assert left_over(inbox.page) == []
    inbox.press("Escape")


def test_open_and_empty_and_flash_are_from_the_catalogue(
    open_inbox: OpenInbox, busy: Person
) -> None:
    inbox = open_inbox(busy, locale="de-DE")
    speak_pseudo(inbox.page)
    inbox.goto("/inbox/")
    inbox.page.get_by_role("link", name="Question").click()
    inbox.detail.showing("Question")
    assert left_over(inbox.page) == []
    inbox.press("e")
    inbox.flash.wait_for()
    assert left_over(inbox.page) == []
    inbox.page.goto("/inbox/?view=archived&id=nothing")
    inbox.detail.root.locator('[data-when="gone"]').locator("visible=true").wait_for()
    assert left_over(inbox.page) == []


def test_a_german_browser_sees_german_from_the_first_paint(
    open_inbox: OpenInbox, busy: Person
) -> None:
    inbox = open_inbox(busy, locale="de-DE")
    expect(inbox.heading).to_have_text("Eingang")
    expect(inbox.page.locator("html")).to_have_attribute("lang", "de")
    expect(inbox.page).to_have_title("(3) Eingang · Acme")
    inbox.page.add_init_script(WATCH_HEADING)
    inbox.page.reload()
    inbox.loaded()
    assert set(inbox.page.evaluate("window.seen")) <= {"Eingang"}


def test_texts_that_do_not_come_leave_english(
    open_inbox: OpenInbox, busy: Person, mishaps: list[str]
) -> None:
    inbox = open_inbox(busy)
    inbox.page.context.route("**/words/de.json", lambda route: route.fulfill(status=404))
    inbox.page.context.add_cookies(
        [{"name": "inbox_language", "value": "de", "url": busy.host.server.url}]
    )
    inbox.page.reload()
    expect(inbox.heading).to_have_text("Inbox")
    expect(inbox.heading).not_to_have_css("color", "rgba(0, 0, 0, 0)")
    mishaps.clear()


@pytest.mark.parametrize("path", [*PAGES, "/inbox/?id="])
@pytest.mark.parametrize("width", WIDTHS)
def test_right_to_left_mirrors_without_overflow(
    open_inbox: OpenInbox, busy: Person, path: str, width: int
) -> None:
    inbox = open_inbox(busy, width=width, locale="de-DE")
    speak_pseudo(inbox.page, "rtl")
    if path.endswith("="):
        path += next(iter(busy.items()))
    inbox.page.goto(path)
    expect(inbox.page.locator("html")).to_have_attribute("dir", "rtl")
    settled(inbox, path)
    assert inbox.page.evaluate(OVERFLOW) <= 0
    picture = f"rtl-{width}-{path.strip('/').partition('/?')[0]}{'-open' * ('id=' in path)}.png"
    inbox.page.screenshot(path=ARTIFACTS / "screens" / picture, animations="disabled")
    if width >= 768:
        rail = inbox.page.locator(".rail").bounding_box()
        assert rail is not None
        assert rail["x"] + rail["width"] == pytest.approx(width)


def settled(inbox: InboxPage, path: str) -> None:
    if "id=" in path:
        expect(inbox.detail.root).to_have_attribute("data-state", "ready")
    elif path.startswith("/inbox/"):
        inbox.loaded()
    elif path.startswith("/account/"):
        expect(inbox.page.locator(".session").first).to_be_visible()
    else:
        expect(inbox.heading).to_contain_text(MARK)


def test_what_failed_is_told_with_what_to_do_about_it(
    open_inbox: OpenInbox, person: Person
) -> None:
    centre = PreferencesPage.of(open_inbox(person, locale="de-DE"))
    centre.button("Telefonnummer hinzufügen").click()
    centre.page.get_by_label("Neue Telefonnummer").fill("0151")
    centre.button("Code senden").click()
    expect(centre.page.get_by_role("alert").filter(visible=True)).to_have_text(
        "Der Code konnte nicht gesendet werden: Das ist keine Telefonnummer. "
        "Schreiben Sie sie mit Landesvorwahl, wie +49 1512 3456789."
    )
