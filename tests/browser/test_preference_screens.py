"""Pictures of the preference page in its states, at every width, light and dark, to be looked at.

The whole page is kept in ``docs/screenshots``, its states in ``tests/.artifacts/screens``.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ARTIFACTS, OpenInbox
from tests.browser.host import Host, Person
from tests.browser.looks import EVERY_LOOK, PICTURES
from tests.browser.pages.preferences import PreferencesPage

TALL = {1440: 3200, 768: 3900, 390: 6000}
"""Pixels: the height at which the whole page shows."""

pytestmark = [
    pytest.mark.slow,
    EVERY_LOOK,
]


@pytest.fixture
def ada(host: Host) -> Person:
    person = host.person("Ada Diaz")
    profile = {"email": f"{person.id}@acme.example", "number": "+4915155501990"}
    host.post(f"/users/{person.id}", profile)
    for title in ("Mara shared “Q4 launch”", "Ines shared “Retry webhooks”"):
        host.post("/send", {"type": "share", "to": {"id": person.id}, "inapp": {"title": title}})
    return person


def picture(page: Page, folder: Path, name: str) -> None:
    page.screenshot(path=folder / f"preferences-{name}.png", animations="disabled")


def test_states(open_inbox: OpenInbox, ada: Person, scheme: str, width: int, height: int) -> None:
    inbox = open_inbox(ada, width=width, height=height, color_scheme=scheme)
    centre, page = PreferencesPage.of(inbox), inbox.page
    folder = ARTIFACTS / "screens" / f"{width}-{scheme}"
    centre.button("Pause all…").click()
    picture(page, folder, "pausing")
    centre.button("For an hour").click()
    expect(centre.lead).to_contain_text("Paused until")
    picture(page, folder, "paused")
    centre.button("Resume now").click()
    centre.page.locator(".address").first.get_by_role("button", name="Replace").click()
    page.get_by_label("New e-mail address").fill(f"{ada.id}@new.example")
    centre.button("Send a code").click()
    page.get_by_label("The six digits we sent there").fill("000000")
    expect(page.locator(".complaint").filter(visible=True)).to_contain_text("not the code")
    picture(page, folder, "code")
    centre.cell("Share").select_option("daily")
    expect(centre.undo).to_be_visible()
    picture(page, folder, "saved")
    centre.button("Sign in alert: E-mail: Required").focus()
    picture(page, folder, "locked")
    centre.search.fill("nothing like it")
    picture(page, folder, "nothing-found")
    centre.search.fill("")
    page.set_viewport_size({"width": width, "height": TALL[width]})
    expect(centre.figures.first).to_be_visible()
    picture(page, PICTURES, f"{width}-{scheme}")
