"""Chromium, driven by Playwright."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext, Error, Page, Playwright

from tests.browser_setup import find_chromium
from tests.push.aside import PATIENCE
from tests.push.browser import Browser, PageError, PageLeft, Permission, Tab
from tests.push.desktop import Desktop
from tests.push.service import PushService

MILLISECONDS: Final = PATIENCE * 1000
LEFT: Final = ("Execution context was destroyed", "has been closed")
"""What Playwright says when there is no page to hear from."""
LIMITED: Final = """Promise.race([
  (async () => ({expression}))(),
  new Promise((_, refuse) => setTimeout(refuse, {patience}, new Error("no answer"))),
])"""
"""Playwright would wait for ever."""
SETTINGS: Final = "chrome://settings/content/notifications"
DECISIONS: Final[Mapping[Permission, str]] = {
    "granted": "allow",
    "denied": "block",
    "prompt": "default",
}


class ChromiumTab(Tab):
    """A tab of Chromium.

    Attributes:
        page: For page objects.
    """

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def url(self) -> str:
        return self.page.url

    def goto(self, url: str) -> None:
        self.page.goto(url, timeout=MILLISECONDS)

    def evaluate(self, expression: str) -> Any:
        try:
            return self.page.evaluate(LIMITED.format(expression=expression, patience=MILLISECONDS))
        except Error as error:
            failure = PageLeft if any(each in error.message for each in LEFT) else PageError
            raise failure(error.message) from None

    def click(self, selector: str) -> None:
        self.page.click(selector, timeout=MILLISECONDS)

    def close(self) -> None:
        self.page.close()


class Chromium(Browser):
    """Chromium without a screen: the whole of it, the headless shell knows nothing of push."""

    name = "chromium"

    def __init__(
        self, folder: Path, service: PushService, desktop: Desktop, playwright: Playwright
    ) -> None:
        super().__init__(folder, service, desktop)
        self._playwright = playwright
        self._context: BrowserContext | None = None

    def reopen(self) -> None:
        # An ordinary context of Playwright is incognito, where nobody can subscribe.
        context = self._playwright.chromium.launch_persistent_context(
            self.folder,
            executable_path=find_chromium(),
            args=self._switches(),
            env=self._environment,
        )
        self._context = context
        # The empty tab it starts with.
        self._settings = context.pages[0]
        self._opened: set[Page] = {self._settings}

    def close(self) -> None:
        if self._context is not None:
            self._context.close()
            self._context = None

    @property
    def tabs(self) -> list[ChromiumTab]:
        return [ChromiumTab(page) for page in self._running.pages if page is not self._settings]

    def open(self, url: str) -> ChromiumTab:
        page = self._running.new_page()
        self._opened.add(page)
        tab = ChromiumTab(page)
        tab.goto(url)
        return tab

    def opened_tab(self) -> ChromiumTab:
        for page in self._running.pages:
            if page not in self._opened:
                return ChromiumTab(page)
        return ChromiumTab(self._running.wait_for_event("page", timeout=MILLISECONDS))

    def permission(self, origin: str, state: Permission) -> None:
        if self._settings.url != SETTINGS:
            self._settings.goto(SETTINGS, wait_until="commit", timeout=MILLISECONDS)
        # What the settings page itself does: others forget it with the process, or tell no worker.
        decided = [origin, "notifications", DECISIONS[state]]
        self._settings.evaluate(
            "(decided) => chrome.send('setOriginPermissions', decided)", decided
        )

    @property
    def _running(self) -> BrowserContext:
        assert self._context, "Chromium is closed."
        return self._context

    def _switches(self) -> list[str]:
        places = self.service.places
        switches = [
            f"--gcm-checkin-url={places.checkin}",
            f"--gcm-registration-url={places.registration}",
            f"--gcm-mcs-endpoint={places.mcs}",
            f"--ignore-certificate-errors-spki-list={places.fingerprint}",
            "--no-proxy-server",
        ]
        # It refuses to run as root in its sandbox.
        return [*switches, "--no-sandbox"] if os.geteuid() == 0 else switches
