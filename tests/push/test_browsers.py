"""Real browsers subscribe, and get what the application encrypts and signs."""

from __future__ import annotations

from typing import Any

import pytest

from inbox_app.channels.spec import SendResult
from inbox_app.domain.errors import Permanent
from tests.push.browser import Browser, PageError, Tab
from tests.push.desktop import Desktop
from tests.push.firefox import Firefox
from tests.push.sender import Sender
from tests.push.service import PushService
from tests.push.site import Site
from tests.push.store import Ending
from tests.standins.certificate import Authority

# The inbox's own tests take the same ways; these show that the stand-ins do.
pytestmark = pytest.mark.matrix
BLANK = "about:blank"
DOT = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
"""A picture."""


@pytest.fixture
def sender(service: PushService, authority: Authority) -> Sender:
    return Sender(service, authority)


def subscribed(browser: Browser, site: Site, sender: Sender) -> tuple[Tab, dict[str, Any]]:
    """A tab, and the subscription that its page made."""
    browser.permission(site.origin, "granted")
    tab = browser.open(site.url)
    return tab, tab.evaluate(f"push.subscribe('{sender.public}')")


def test_a_push_is_shown_and_a_click_leads_the_tab_there(
    push_browser: Browser, service: PushService, desktop: Desktop, site: Site, sender: Sender
):
    tab, subscription = subscribed(push_browser, site, sender)
    endpoint = subscription["endpoint"]
    assert service.endpoints() == [endpoint]
    front = push_browser.open(BLANK)
    result = sender.push(subscription, "Order 17", page=f"{site.url}?order=17", icon=DOT)
    assert isinstance(result, SendResult)
    note = desktop.wait_for("Order 17")
    assert (note.body, note.buttons, note.has_picture) == ("1 < 2 & 3", ["Mark done"], True)
    message = service.wait_for_ack(endpoint)
    assert service.accepted(endpoint) == [message]
    assert result.message_id.endswith(message.id)
    desktop.click(note)
    clicked = site.wait_for("notificationclick")
    assert (clicked["title"], clicked["trusted"]) == ("Order 17", True)
    tab.wait_for("location.search === '?order=17' && document.visibilityState === 'visible'")
    assert {each.url for each in push_browser.tabs} == {tab.url, front.url}
    desktop.wait_for_closing(note)


def test_a_click_opens_a_tab_where_there_is_none(
    push_browser: Browser, desktop: Desktop, site: Site, sender: Sender
):
    tab, subscription = subscribed(push_browser, site, sender)
    tab.close()
    sender.push(subscription, "Order 18", page=f"{site.url}?order=18")
    desktop.click(desktop.wait_for("Order 18"))
    assert push_browser.opened_tab().wait_for("location.search") == "?order=18"


def test_a_button_is_told_apart_from_the_note(
    push_browser: Browser, desktop: Desktop, site: Site, sender: Sender
):
    tab, subscription = subscribed(push_browser, site, sender)
    sender.push(subscription, "Order 19", page=f"{site.url}?order=19")
    desktop.press(desktop.wait_for("Order 19"), 0)
    clicked = site.wait_for("notificationclick")
    assert (clicked["action"], clicked["trusted"]) == ("done", True)
    assert tab.url == site.url


def test_a_note_is_dismissed(push_browser: Browser, desktop: Desktop, site: Site, sender: Sender):
    _, subscription = subscribed(push_browser, site, sender)
    sender.push(subscription, "Order 20")
    note = desktop.wait_for("Order 20")
    assert not note.has_picture
    desktop.dismiss(note)
    closed = site.wait_for("notificationclose")
    assert (closed["title"], closed["trusted"]) == ("Order 20", True)
    assert desktop.titles() == []


def test_a_closed_browser_gets_what_waits_once_it_is_open(
    push_browser: Browser, service: PushService, desktop: Desktop, site: Site, sender: Sender
):
    _, subscription = subscribed(push_browser, site, sender)
    push_browser.close()
    assert isinstance(sender.push(subscription, "Too late", ttl=60), SendResult)
    service.age(61)
    assert isinstance(sender.push(subscription, "In time", ttl=60), SendResult)
    push_browser.reopen()
    desktop.wait_for("In time")
    assert service.wait_for_ack(subscription["endpoint"]).ttl == 60
    assert desktop.titles() == ["In time"]


def test_an_unsubscribed_browser_is_gone(
    push_browser: Browser, service: PushService, site: Site, sender: Sender
):
    tab, subscription = subscribed(push_browser, site, sender)
    assert tab.evaluate("push.unsubscribe()") is True
    assert service.wait_for_end(subscription["endpoint"]) is Ending.BY_PAGE
    error = sender.push(subscription, "Nobody")
    assert isinstance(error, Permanent)
    assert (error.status, error.dead_address) == ("410", True)
    assert service.wait_for_post().status == 410
    assert service.endpoints() == []


def test_another_key_takes_another_subscription(
    push_browser: Browser, service: PushService, desktop: Desktop, site: Site, sender: Sender
):
    tab, old = subscribed(push_browser, site, sender)
    other = Sender(service, sender.authority)
    with pytest.raises(PageError, match="InvalidStateError"):
        tab.evaluate(f"push.subscribe('{other.public}')")
    tab.evaluate("push.unsubscribe()")
    new = tab.evaluate(f"push.subscribe('{other.public}')")
    assert service.endpoints() == [new["endpoint"]] != [old["endpoint"]]
    other.push(new, "With the new key")
    desktop.wait_for("With the new key")


def test_a_service_that_refuses_is_told_to_the_page(
    push_browser: Browser, service: PushService, site: Site, sender: Sender
):
    service.refuse_browsers()
    with pytest.raises(PageError, match="AbortError"):
        subscribed(push_browser, site, sender)
    assert service.endpoints() == []


def test_a_permission_that_is_taken_back_ends_the_subscription(
    push_browser: Browser, service: PushService, site: Site, sender: Sender
):
    tab, subscription = subscribed(push_browser, site, sender)
    push_browser.permission(site.origin, "denied")
    assert tab.wait_for("Notification.permission") == "denied"
    # Chromium notices as it is asked.
    assert tab.wait_for("push.current().then((found) => found === null)")
    service.wait_for_end(subscription["endpoint"])


def test_a_forgotten_firefox_subscribes_anew(
    firefox: Firefox, service: PushService, desktop: Desktop, site: Site, sender: Sender
):
    tab, old = subscribed(firefox, site, sender)
    service.forget_clients()
    renewed = site.wait_for("pushsubscriptionchange")
    assert service.wait_for_endpoint(old["endpoint"]) == renewed["endpoint"]
    sender.push(tab.evaluate("push.current()"), "Found again")
    desktop.wait_for("Found again")


def test_firefox_asks_and_is_allowed(firefox: Firefox, site: Site, sender: Sender):
    tab = firefox.open(site.url)
    assert tab.evaluate("Notification.permission") == "default"
    tab.click("#ask")
    firefox.answer_prompt("allow")
    assert tab.wait_for("document.body.dataset.answer") == "granted"
    assert tab.evaluate(f"push.subscribe('{sender.public}')")["keys"]["auth"]


def test_firefox_asks_and_is_blocked(firefox: Firefox, site: Site, sender: Sender):
    tab = firefox.open(site.url)
    tab.click("#ask")
    firefox.answer_prompt("block")
    assert tab.wait_for("document.body.dataset.answer") == "denied"
    with pytest.raises(PageError, match="NotAllowedError"):
        tab.evaluate(f"push.subscribe('{sender.public}')")
