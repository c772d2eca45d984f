"""Three tabs of one person stay equal to each other and to the database."""

from __future__ import annotations

import random
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.host import NOW, Person
from tests.browser.pages.inbox import InboxPage

CHANGES = 300
SEED = 20261121


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_three_tabs_stay_equal(inbox: InboxPage, person: Person) -> None:
    chance = random.Random(SEED)
    for n in range(12):
        person.send(f"Start {n}", actions=[{"label": "Yes"}, {"label": "No"}])
    tabs = [inbox, inbox.another_tab(), inbox.another_tab()]
    for n in range(CHANGES):
        chance.choice([_from_api, _from_api, _from_a_tab])(chance, person, tabs, n)

    person.send("The last")
    for tab in tabs:
        expect(tab.row("The last").root).to_be_attached()
    _expect_equal(tabs, person)


def _from_api(chance: random.Random, person: Person, tabs: list[InboxPage], n: int) -> None:
    known = sorted(person.items())
    chosen = chance.choice(known)
    chance.choice(
        [
            lambda: person.send(f"Sent {n}", actions=[{"label": "Yes"}, {"label": "No"}]),
            lambda: person.report(chosen, opened=NOW),
            lambda: person.report(chosen, opened=None),
            lambda: person.report(chosen, archived=NOW),
            lambda: person.report(chosen, archived=None),
            lambda: person.report(chosen, actioned1=NOW),
            lambda: person.answer(chosen, f"Said {n}", author="Mara"),
        ]
    )()


def _from_a_tab(chance: random.Random, person: Person, tabs: list[InboxPage], n: int) -> None:
    """Presses one of the buttons of one of the rows of one of the tabs.

    Counted and pressed in one step: a row may leave the page between two.
    """
    tab = chance.choice(tabs)
    name = chance.choice(["archive", "read", "unread"])
    buttons = tab.page.locator(f'[data-row] [data-act="{name}"]')
    buttons.evaluate_all(
        "(found, share) => found[Math.floor(share * found.length)]?.click()", chance.random()
    )


def _expect_equal(tabs: list[InboxPage], person: Person) -> None:
    counts = person.counts()
    for tab in tabs:
        tab.expect_unread(counts["unread"])
        expect(tab.rows).to_have_count(counts["all"])
    truth = {
        tracking_id: _as_shown(item)
        for tracking_id, item in person.items().items()
        if "archived" not in item
    }
    first, *others = [tab.snapshot() for tab in tabs]
    assert {row["id"]: row for row in first} == truth
    assert others == [first, first]


def _as_shown(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": item["id"],
        "unread": "opened" not in item,
        "chosen": int("actioned1" in item or "actioned2" in item),
        "replies": str(len(item.get("replies", []))),
    }
