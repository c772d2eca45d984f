"""What tests ask of a browser, whichever it is.

with Chromium(folder, service, desktop) as browser:
    browser.permission(origin, "granted")
    tab = browser.open(url)
    tab.click("#subscribe")
    endpoint = service.wait_for_endpoint()
"""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, Self

from tests.push.aside import PATIENCE
from tests.push.desktop import Desktop
from tests.push.service import PushService

Permission = Literal["granted", "denied", "prompt"]


POLL: Final = """(async () => {{
  for (const end = Date.now() + 1000; ; ) {{
    const found = await ({expression});
    if (found || Date.now() > end) return found;
    await new Promise((resume) => setTimeout(resume, 20));
  }}
}})()"""


class PageError(Exception):
    """A script threw in the page, or what it returned was rejected."""


class PageLeft(Exception):
    """The tab went elsewhere, or was closed, before a script ended."""


class Tab(ABC):
    """One tab. What waits gives up after `PATIENCE` seconds."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Its address."""

    @abstractmethod
    def goto(self, url: str) -> None:
        """Goes there, and waits until it is loaded."""

    @abstractmethod
    def evaluate(self, expression: str) -> Any:
        """What an expression comes to, as JSON has it; a promise is awaited.

        Raises:
            PageError: it threw, or was rejected.
            PageLeft: there is no page any more to hear from.
        """

    @abstractmethod
    def click(self, selector: str) -> None:
        """Clicks an element as a person does: a gesture that pages may ask for permission with."""

    @abstractmethod
    def close(self) -> None:
        """Closes it."""

    def wait_for(self, expression: str) -> Any:
        """What an expression comes to, once that is true; the tab may go elsewhere meanwhile.

        Raises:
            PageError: it threw, or was rejected.
            AssertionError: it was false all the time.
        """
        poll, end = POLL.format(expression=expression), time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(PageLeft):
                if found := self.evaluate(poll):
                    return found
        raise AssertionError(f"After {PATIENCE:g} seconds: {expression} is not so in {self.url}.")


class Browser(ABC):
    """A browser with a profile of its own, known to the push service and on the desktop.

    Args:
        folder: Where the profile lies; an empty one is a new browser.

    Attributes:
        name: For people.
    """

    name: ClassVar[str]

    def __init__(self, folder: Path, service: PushService, desktop: Desktop) -> None:
        self.folder = folder
        self.service = service
        # Whatever else it writes down is written there as well.
        self._environment = {**os.environ, **desktop.environment, "HOME": str(folder)}

    def __enter__(self) -> Self:
        self.reopen()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    @abstractmethod
    def reopen(self) -> None:
        """Starts it, with the profile there is."""

    @abstractmethod
    def close(self) -> None:
        """Ends it, as people do; nothing happens when it is not open."""

    @property
    @abstractmethod
    def tabs(self) -> Sequence[Tab]:
        """All tabs, but for the empty one it starts with."""

    @abstractmethod
    def open(self, url: str) -> Tab:
        """A new tab in front of the others, once it is loaded."""

    @abstractmethod
    def opened_tab(self) -> Tab:
        """The first tab that no test opened, as soon as there is one: pages and workers may."""

    @abstractmethod
    def permission(self, origin: str, state: Permission) -> None:
        """Decides, as people do in the settings, whether an origin may show notifications.

        The decision outlives closing.
        """
