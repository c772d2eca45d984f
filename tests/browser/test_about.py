"""“Why you got this”: every rule has words, and its control leads to the right setting."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, expect

from inbox_app.domain.decision import Outcome, Rule
from tests.browser.conftest import OpenInbox
from tests.browser.host import NOW, Person
from tests.browser.pages.inbox import Detail, InboxPage

CELL = "cell/note//EMAIL"
ADDRESS = "address/EMAIL"

# What is decided, the words, and where the control leads.
TOLD: dict[Rule, tuple[Outcome, str, str]] = {
    Rule.ENVIRONMENT_OFF: (Outcome.SKIP, "Switched off for everyone", ""),
    Rule.TYPE_DISABLED: (Outcome.SKIP, "is switched off for everyone", ""),
    Rule.NO_CONTENT: (Outcome.FAIL, "gave no text for E-mail", ""),
    Rule.NO_ADDRESS: (Outcome.SKIP, "no address of yours is known", ADDRESS),
    Rule.SUPPRESSED: (Outcome.SKIP, "your address does not work", ADDRESS),
    Rule.DEDUPLICATED: (Outcome.SKIP, "you were told exactly this", ""),
    Rule.THROTTLED: (Outcome.SKIP, "as its limit allows", ""),
    Rule.PREFERENCE_OFF: (Outcome.SKIP, "(your choice)", CELL),
    Rule.PAUSED: (Outcome.HOLD, "Held until tomorrow 8:00 AM (paused by you)", "pause"),
    Rule.QUIET_HOURS: (Outcome.HOLD, "Held until tomorrow 8:00 AM (quiet hours)", "quiet-hours"),
    Rule.DIGEST: (Outcome.HOLD, "summary, tomorrow 8:00 AM", CELL),
    Rule.ESCALATION: (Outcome.HOLD, "tomorrow 8:00 AM if still unread", "escalation"),
    Rule.SCHEDULED: (Outcome.HOLD, "tomorrow 8:00 AM, as the sender asked", ""),
    Rule.BATCHED: (Outcome.MERGE, "Became part of another notification", CELL),
    Rule.ALLOWED: (Outcome.SEND, "On its way", CELL),
    Rule.READ_MEANWHILE: (Outcome.SKIP, "you had read it here", CELL),
    Rule.REMOVED: (Outcome.SKIP, "you took it out of the summary", CELL),
    Rule.ASKED: (Outcome.HOLD, "On its way", CELL),
    Rule.GONE: (Outcome.SKIP, "what it was about is no more", ""),
}


def tomorrow_at_eight() -> datetime:
    day = datetime.now(UTC) + timedelta(days=1)
    return day.replace(hour=8, minute=0, second=0, microsecond=0)


def decide(person: Person, tracking_id: str, outcome: Outcome, rule: Rule) -> None:
    """Notes a decision about the e-mail of a notification, as the plan does."""
    due = tomorrow_at_eight() if outcome is Outcome.HOLD and rule is not Rule.ASKED else None
    moment = due and round(due.timestamp() * 1_000_000)
    with person.host.server.database() as database:
        database.execute(
            "INSERT OR REPLACE INTO decisions (tracking_id, channel, outcome, rule, sentence, "
            "due_at) VALUES (?, 'EMAIL', ?, ?, '', ?)",
            (tracking_id, outcome, rule, moment),
        )


def line(detail: Detail, channel: str) -> Locator:
    return detail.root.locator(f'.why [data-channel="{channel}"]')


@pytest.mark.parametrize("rule", Rule)
def test_each_rule_is_told(open_inbox: OpenInbox, person: Person, rule: Rule) -> None:
    outcome, words, setting = TOLD[rule]
    tracking_id = person.send("Hello")
    decide(person, tracking_id, outcome, rule)
    inbox = open_inbox(person, path=f"/inbox/?id={tracking_id}", timezone_id="UTC")
    email = line(inbox.detail.showing("Hello"), "EMAIL")
    expect(email).to_contain_text(words)
    control = email.get_by_role("link")
    if setting:
        expect(control).to_have_attribute("href", f"/preferences/?at={quote(setting, safe='')}")
    else:
        expect(control).to_have_count(0)


def test_it_says_when_it_was_shown_and_opened(open_inbox: OpenInbox, person: Person) -> None:
    tracking_id = person.send("Hello")
    person.report(tracking_id, opened=NOW)
    inbox = open_inbox(person, path=f"/inbox/?id={tracking_id}", timezone_id="UTC")
    shown = line(inbox.detail.showing("Hello"), "INAPP_WEB")
    expect(shown).to_contain_text(re.compile("Shown Jan 2, 3:04.AM, you opened it Jan 2, 3:04.AM"))


def test_it_stays_current_when_a_delivery_moves_on(inbox: InboxPage, person: Person) -> None:
    tracking_id = person.send("Hello")
    decide(person, tracking_id, Outcome.HOLD, Rule.QUIET_HOURS)
    email = line(inbox.open("Hello"), "EMAIL")
    expect(email).to_contain_text("quiet hours")
    decide(person, tracking_id, Outcome.SKIP, Rule.READ_MEANWHILE)
    inbox.page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(email).to_contain_text("you had read it here")


def test_what_is_on_its_way_is_looked_at_again_by_itself(inbox: InboxPage, person: Person) -> None:
    tracking_id = person.send("Hello")
    decide(person, tracking_id, Outcome.SEND, Rule.ALLOWED)
    email = line(inbox.open("Hello"), "EMAIL")
    expect(email).to_contain_text("On its way")
    decide(person, tracking_id, Outcome.SKIP, Rule.GONE)
    expect(email).to_contain_text("what it was about is no more")


def test_in_german(open_inbox: OpenInbox, person: Person) -> None:
    tracking_id = person.send("Hallo")
    decide(person, tracking_id, Outcome.HOLD, Rule.QUIET_HOURS)
    inbox = open_inbox(person, path=f"/inbox/?id={tracking_id}", timezone_id="UTC", locale="de-DE")
    email = line(inbox.detail.showing("Hallo"), "EMAIL")
    expect(email).to_contain_text("Zurückgehalten bis morgen 8:00 (Ruhezeit)")
    expect(email.get_by_role("link")).to_have_text("Ändern")
