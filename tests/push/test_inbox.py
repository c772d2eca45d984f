"""Web push end to end: the inbox subscribes, the server encrypts, a real browser shows and acts."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.push.browser import Browser
from tests.push.chromium import Chromium, ChromiumTab
from tests.push.desktop import Desktop, Note
from tests.push.firefox import Firefox
from tests.push.inbox import STANDS, TURN_OFF, TURN_ON, Pushed
from tests.push.service import PushService

HIDDEN = "about:blank"
# As long as the preferences are there, no page hears what the worker says.
DEAF = """navigator.serviceWorker.addEventListener("message", (event) => {
  if (location.pathname === "/preferences/") event.stopImmediatePropagation();
})"""
ONCE = """() => new Promise((resolve) => {{
  const timer = setInterval(() => {holds} && resolve(clearInterval(timer)), 20);
}})"""


def test_a_push_is_shown_and_a_click_opens_the_notification(
    push_browser: Browser, desktop: Desktop, service: PushService, robin: Pushed
):
    tab = robin.open(push_browser)
    robin.turn_on(tab)
    front = push_browser.open(HIDDEN)
    sent = robin.send("May Ben go?")
    note = desktop.wait_for("May Ben go?")
    assert note.body == "Please look"
    robin.told(sent, "The browser showed it.")
    desktop.click(note)
    tab.wait_for(f"location.search === '?id={sent}'")
    tab.wait_for("document.querySelector('[data-detail]') !== null")
    assert {each.url for each in push_browser.tabs} == {tab.url, front.url}
    said = robin.told(sent, "Web push was opened.", "Read in the inbox.")
    assert "Web push was put away." not in said


def test_a_click_loads_a_tab_anew_that_does_not_listen_yet(
    chromium: Chromium, desktop: Desktop, robin: Pushed
):
    tab = robin.open(chromium)
    assert isinstance(tab, ChromiumTab)
    tab.page.add_init_script(DEAF)
    robin.turn_on(tab)
    chromium.open(HIDDEN)
    sent = robin.send("May Ben go?")
    desktop.click(desktop.wait_for("May Ben go?"))
    tab.page.wait_for_url(f"**/inbox/?id={sent}")
    assert len(chromium.tabs) == 2


def test_a_button_answers_and_nothing_opens(push_browser: Browser, desktop: Desktop, robin: Pushed):
    tab = robin.open(push_browser)
    robin.turn_on(tab)
    sent = robin.send("May Ben go?", {"label": "Yes"}, {"label": "No"})
    note = desktop.wait_for("May Ben go?")
    assert note.buttons == ["Yes", "No"]
    desktop.press(note, 1)
    robin.told(sent, "They pressed button 2 in Web push.", "The second button was chosen.")
    assert tab.url.endswith("/preferences/")
    assert len(push_browser.tabs) == 1


def test_what_is_put_away_is_told(push_browser: Browser, desktop: Desktop, robin: Pushed):
    robin.turn_on(robin.open(push_browser))
    sent = robin.send("May Ben go?")
    desktop.dismiss(desktop.wait_for("May Ben go?"))
    robin.told(sent, "The browser showed it.", "Web push was put away.")


def test_what_is_on_screen_is_not_shown_once_more(
    push_browser: Browser, desktop: Desktop, robin: Pushed
):
    tab = robin.open(push_browser)
    robin.turn_on(tab)
    robin.go(tab, "/inbox/")
    tab.wait_for("document.querySelector('[role=\"feed\"], .calm') !== null")
    sent = robin.send("Here already")
    robin.told(sent, "The browser showed it.")
    robin.go(tab, "/preferences/")
    robin.send("Elsewhere")
    desktop.wait_for("Elsewhere")
    assert desktop.titles() == ["Elsewhere"]


def test_a_push_while_the_browser_was_closed_opens_the_inbox(
    push_browser: Browser, desktop: Desktop, robin: Pushed
):
    robin.turn_on(robin.open(push_browser))
    push_browser.close()
    sent = robin.send("While you were away")
    push_browser.reopen()
    desktop.click(desktop.wait_for("While you were away"))
    tab = push_browser.opened_tab()
    tab.wait_for(f"location.search === '?id={sent}'")
    robin.told(sent, "Web push was opened.")


def test_turned_off_here_nothing_comes(
    push_browser: Browser, desktop: Desktop, service: PushService, robin: Pushed
):
    tab = robin.open(push_browser)
    robin.turn_on(tab)
    [endpoint] = service.endpoints()
    robin.click(tab, TURN_OFF)
    tab.wait_for(f"{STANDS} === 'off'")
    assert service.wait_for_end(endpoint) is not None
    tab.wait_for("document.querySelectorAll('.address').length === 0")


def private(robin: Pushed, desktop: Desktop) -> Note:
    """What nobody else may see, on the screen."""
    robin.send("For Robin alone")
    return desktop.wait_for("For Robin alone")


def test_who_signs_out_is_told_nothing_here(
    push_browser: Browser, desktop: Desktop, service: PushService, robin: Pushed
):
    tab = robin.open(push_browser)
    robin.turn_on(tab)
    [endpoint] = service.endpoints()
    shown = private(robin, desktop)
    tab.evaluate("document.querySelector('form[action$=\"/sign-out\"]').requestSubmit()")
    tab.wait_for("location.pathname === '/signed-out/'")
    desktop.wait_for_closing(shown)
    sent = robin.send("Nobody's business")
    robin.told(sent, "Accepted.")
    assert len(service.accepted(endpoint)) == 1


def test_who_signs_in_next_sees_nothing_of_the_last(
    push_browser: Browser, desktop: Desktop, service: PushService, robin: Pushed
):
    tab = robin.open(push_browser)
    robin.turn_on(tab)
    [endpoint] = service.endpoints()
    shown = private(robin, desktop)
    tab.goto(robin.person.host.person("Kim").sign_in_url())
    desktop.wait_for_closing(shown)
    # What the push service still had for them would be shown as well.
    service.wait_for_end(endpoint)
    robin.go(tab, "/preferences/")
    tab.wait_for(f"{STANDS} === 'off'")


def test_what_was_read_in_the_inbox_leaves_the_screen(
    push_browser: Browser, desktop: Desktop, robin: Pushed
):
    tab = robin.open(push_browser)
    robin.turn_on(tab)
    read = robin.send("Read in the inbox")
    note = desktop.wait_for("Read in the inbox")
    robin.go(tab, f"/inbox/?id={read}")
    desktop.wait_for_closing(note)
    robin.go(tab, "/preferences/")
    # Whatever the browser tells of the first, it tells before this.
    away = robin.send("Put away")
    desktop.dismiss(desktop.wait_for("Put away"))
    robin.told(away, "Web push was put away.")
    assert "Web push was put away." not in robin.told(read, "The browser showed it.")


def test_a_browser_that_gave_up_its_subscription_is_pruned_and_shown(
    push_browser: Browser, desktop: Desktop, service: PushService, robin: Pushed
):
    tab = robin.open(push_browser)
    robin.turn_on(tab)
    [endpoint] = service.endpoints()
    service.gone(endpoint)
    robin.send("Lost")
    tab.wait_for("document.querySelector('.address')?.dataset.status === 'suppressed'")
    # The next page makes it good.
    robin.go(tab, "/preferences/")
    tab.wait_for(f"{STANDS} === 'on'")
    tab.wait_for("document.querySelector('.address')?.dataset.status === 'verified'")
    robin.send("Found")
    desktop.wait_for("Found")


def test_a_new_key_of_the_server_is_taken_over(
    push_browser: Browser, desktop: Desktop, service: PushService, robin: Pushed
):
    tab = robin.open(push_browser)
    robin.turn_on(tab)
    [endpoint] = service.endpoints()
    robin.rotate()
    robin.send("With the old key")
    desktop.wait_for("With the old key")
    robin.go(tab, "/preferences/")
    tab.wait_for(f"{STANDS} === 'on'")
    robin.reached_at(service.wait_for_endpoint(endpoint))
    robin.send("With the new key")
    desktop.wait_for("With the new key")


def test_a_change_that_the_server_did_not_hear_of_is_told_later(
    chromium: Chromium, desktop: Desktop, service: PushService, robin: Pushed
):
    tab = robin.open(chromium)
    assert isinstance(tab, ChromiumTab)
    robin.turn_on(tab)
    [endpoint] = service.endpoints()
    robin.rotate()
    tab.page.route("**/push/subscription", lambda route: route.abort())
    robin.go(tab, "/preferences/")
    made = service.wait_for_endpoint(endpoint)
    tab.wait_for(f"{STANDS} === 'off'")
    tab.page.unroute("**/push/subscription")
    robin.go(tab, "/preferences/")
    tab.wait_for(f"{STANDS} === 'on'")
    robin.reached_at(made)
    robin.send("Made good")
    desktop.wait_for("Made good")


def test_the_icon_of_the_app_has_the_number_with_no_page_open(
    chromium: Chromium, desktop: Desktop, robin: Pushed
):
    tab = robin.open(chromium)
    assert isinstance(tab, ChromiumTab)
    robin.turn_on(tab)
    [worker] = tab.page.context.service_workers
    # No browser tells what it shows there.
    worker.evaluate("() => { navigator.setAppBadge = async (number) => { self.badge = number; }; }")
    tab.close()
    robin.send("One")
    desktop.wait_for("One")
    robin.send("Two")
    desktop.wait_for("Two")
    worker.evaluate(ONCE.format(holds="self.badge === 2"))


@pytest.mark.parametrize(("answer", "stands"), [("allow", "on"), ("block", "blocked")])
def test_the_browsers_own_question_is_answered(
    firefox: Firefox, robin: Pushed, answer: Literal["allow", "block"], stands: str
):
    tab = firefox.open(robin.person.sign_in_url())
    robin.go(tab, "/preferences/")
    robin.click(tab, TURN_ON)
    firefox.answer_prompt(answer)
    tab.wait_for(f"{STANDS} === {stands!r}")


def test_a_browser_that_was_taken_back_does_not_return_by_itself(
    firefox: Firefox, service: PushService, robin: Pushed
):
    tab = robin.open(firefox)
    robin.turn_on(tab)
    [endpoint] = service.endpoints()
    robin.take_back()
    service.forget_clients()
    service.wait_for_end(service.wait_for_endpoint(endpoint))
    robin.reached_at()


def test_a_push_service_that_lost_the_browser_is_made_good(
    firefox: Firefox, desktop: Desktop, service: PushService, robin: Pushed
):
    tab = robin.open(firefox)
    robin.turn_on(tab)
    [endpoint] = service.endpoints()
    service.forget_clients()
    robin.reached_at(service.wait_for_endpoint(endpoint))
    robin.send("Found again")
    desktop.wait_for("Found again")
