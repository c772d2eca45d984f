"""The application with a person in it, as real browsers meet it."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator

from inbox_app.cli.frontend import ROOT, ensure_built
from tests.browser.host import Host, Person
from tests.browser.pages.inbox import InboxPage
from tests.browser.server import Server
from tests.push.aside import PATIENCE
from tests.push.browser import Browser, Permission, Tab
from tests.push.service import PushService
from tests.standins.certificate import Authority

READY = "document.querySelector('[role=\"feed\"], .calm') !== null"
TURN_ON, TURN_OFF = ".this-browser button.button", ".this-browser button.text-link"
STANDS = "document.querySelector('.this-browser')?.dataset.push"


@contextmanager
def running(folder: Path, service: PushService, authority: Authority) -> Generator[Server]:
    """A server that finds the push services behind its proxy."""
    with (ROOT / "rxconfig.py").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ensure_built(ROOT, print)
    settings = {"INBOX_PROXY": service.proxy, "SSL_CERT_FILE": str(authority.path)}
    server = Server(folder, settings)
    server.start()
    yield server
    server.stop()


class Pushed:
    """A person who is told by web push, too."""

    def __init__(self, host: Host) -> None:
        self.person: Person = host.person()
        self._kind = host.make_type("Approvals", channels=["INAPP_WEB", "WEB_PUSH"])

    @property
    def server(self) -> Server:
        return self.person.host.server

    def open(self, browser: Browser, permission: Permission = "granted") -> Tab:
        """Signs them in; a tab with their inbox."""
        browser.permission(self.server.url, permission)
        tab = browser.open(self.person.sign_in_url())
        tab.wait_for(READY)
        return tab

    def turn_on(self, tab: Tab) -> None:
        """They have this browser show their notifications."""
        self.go(tab, "/preferences/")
        tab.wait_for(f"{STANDS} === 'off'")
        self.click(tab, TURN_ON)
        tab.wait_for(f"{STANDS} === 'on'")

    def click(self, tab: Tab, selector: str) -> None:
        """Scrolls to an element and clicks it."""
        found = f"document.querySelector({selector!r})"
        tab.wait_for(f"{found}?.checkVisibility() && !{found}.disabled")
        tab.evaluate(f"{found}.scrollIntoView({{ block: 'center' }})")
        tab.click(selector)

    def go(self, tab: Tab, path: str) -> None:
        tab.goto(self.server.url + path)

    def send(self, title: str, *buttons: dict[str, str]) -> str:
        """One notification to the inbox and by web push; its tracking id."""
        body = {
            "type": self._kind,
            "to": {"id": self.person.id},
            "inapp": {"title": title, "actions": list(buttons)},
            "web_push": {"title": title, "message": "Please look"},
        }
        return self.person.host.post("/send", body)["trackingId"]

    def rotate(self) -> None:
        """An operator has the server make another pair of keys."""
        known = self.person.host.integrations()
        [name] = [each["id"] for each in known if each["channel"] == "WEB_PUSH"]
        self.person.host.post(f"/integrations/{name}/rotate", {})

    def take_back(self) -> None:
        """They take all their browsers back, elsewhere."""
        self.person.host.post(f"/users/{self.person.id}", {"webPushTokens": []})

    def told(self, tracking_id: str, *sentences: str) -> list[str]:
        """What the timeline tells, once it tells these."""

        def said() -> list[str]:
            return [each["sentence"] for each in self.person.host.timeline(tracking_id)]

        return _once(said, lambda found: set(sentences) <= set(found))

    def reached_at(self, *endpoints: str) -> None:
        """Waits until the server knows them by these addresses of push services, and no other."""

        def known() -> list[str]:
            user = self.person.host.user(self.person.id)
            found: list[dict[str, Any]] = user.get("webPushTokens") or []
            return [each["sub"]["endpoint"] for each in found]

        _once(known, lambda found: found == list(endpoints))


def offer_of(inbox: InboxPage) -> Locator:
    """Where web push is offered, or stands once it was."""
    return inbox.page.get_by_role("region", name="Notifications on this device")


def _once(look: Callable[[], list[str]], holds: Callable[[list[str]], bool]) -> list[str]:
    """What is found, once something holds of it."""
    end = time.monotonic() + PATIENCE
    while not holds(found := look()):
        assert time.monotonic() < end, found
        # Nobody tells an application of these as they come.
        time.sleep(0.05)  # noqa: TID251
    return found
