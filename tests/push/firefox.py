"""Firefox, driven over WebDriver BiDi."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Generator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Final, Literal

from tests.browser_setup import find_firefox
from tests.push.aside import PATIENCE
from tests.push.bidi import Bidi, BidiError, session
from tests.push.browser import Browser, PageError, PageLeft, Permission, Tab
from tests.push.desktop import Desktop
from tests.push.service import PushService

LISTENING: Final = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
WINDOW: Final = "chrome://browser/content/browser.xhtml"
PROMPT: Final = "document.querySelector('#web-notifications-notification')"
ANSWERS: Final = {"allow": "button", "block": "secondaryButton"}
PREFERENCES: Final[Mapping[str, str | int | bool]] = {
    "dom.push.testing.allowInsecureServerURL": True,
    # Remote control switches it off otherwise.
    "dom.push.connection.enabled": True,
    "dom.push.retryBaseInterval": 200,
    # Remote control only pretends otherwise that a worker brings a tab to the front.
    "focusmanager.testmode": False,
    # The desktop's notifications, not its own windows.
    "alerts.useSystemBackend": True,
    # Milliseconds after a click during which a worker may open windows.
    "dom.webnotifications.disable_open_click_delay": 5000,
    # Milliseconds during which a question takes no answer.
    "security.notification_enable_delay": 0,
    "network.proxy.type": 0,
}
ACTIONS: Final[Mapping[Permission, str]] = {
    "granted": "ALLOW_ACTION",
    "denied": "DENY_ACTION",
    "prompt": "UNKNOWN_ACTION",
}


class FirefoxTab(Tab):
    """A tab of Firefox, or the window around all tabs."""

    def __init__(self, bidi: Bidi, context: str) -> None:
        self._bidi = bidi
        self.context = context

    @property
    def url(self) -> str:
        tree = self._bidi.call("browsingContext.getTree", root=self.context)
        return tree["contexts"][0]["url"]

    def goto(self, url: str) -> None:
        self._bidi.call("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        try:
            answer = self._bidi.call(
                "script.evaluate",
                expression=f"(async () => JSON.stringify(await ({expression})))()",
                target={"context": self.context},
                awaitPromise=True,
            )
        except BidiError as error:
            raise PageLeft(str(error)) from None
        if answer["type"] == "exception":
            raise PageError(answer["exceptionDetails"]["text"])
        found = answer["result"].get("value")
        return None if found is None else json.loads(found)

    def click(self, selector: str) -> None:
        self._bidi.call("browsingContext.activate", context=self.context)
        locator = {"type": "css", "value": selector}
        found = self._bidi.call(
            "browsingContext.locateNodes", context=self.context, locator=locator
        )
        [node] = found["nodes"]
        origin = {"type": "element", "element": {"sharedId": node["sharedId"]}}
        steps = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        mouse = {"type": "pointer", "id": "mouse", "actions": steps}
        self._bidi.call("input.performActions", context=self.context, actions=[mouse])

    def close(self) -> None:
        self._bidi.call("browsingContext.close", context=self.context)


class Firefox(Browser):
    """Firefox without a screen."""

    name = "firefox"

    def __init__(self, folder: Path, service: PushService, desktop: Desktop) -> None:
        super().__init__(folder, service, desktop)
        self._open: ExitStack | None = None

    def reopen(self) -> None:
        self._write_preferences()
        with ExitStack() as stack:
            url = stack.enter_context(_running(self.folder, self._environment))
            self._bidi = stack.enter_context(session(url))
            # It listens before it has a window.
            first = self._bidi.once(self._contexts, "first tab")
            self._blank, self._opened = {each["context"] for each in first}, set[str]()
            self._window = self._bidi.once(self._found_window, "window")
            self._open = stack.pop_all()

    def close(self) -> None:
        if self._open is not None:
            opened, self._open = self._open, None
            with opened:
                self._bidi.call("browser.close")

    @property
    def tabs(self) -> list[FirefoxTab]:
        found = (each["context"] for each in self._contexts())
        return [FirefoxTab(self._bidi, each) for each in found if each not in self._blank]

    def open(self, url: str) -> FirefoxTab:
        made = self._bidi.call("browsingContext.create", type="tab")["context"]
        self._opened.add(made)
        tab = FirefoxTab(self._bidi, made)
        tab.goto(url)
        return tab

    def opened_tab(self) -> FirefoxTab:
        def found() -> FirefoxTab | None:
            return next((each for each in self.tabs if each.context not in self._opened), None)

        return self._bidi.once(found, "tab besides those that were opened")

    def permission(self, origin: str, state: Permission) -> None:
        self._window.evaluate(f"""
            Services.perms.addFromPrincipal(
              Services.scriptSecurityManager.createContentPrincipalFromOrigin({json.dumps(origin)}),
              "desktop-notification",
              Services.perms.{ACTIONS[state]},
            )""")

    def answer_prompt(self, answer: Literal["allow", "block"]) -> None:
        """Presses a button of the question whether a page may show notifications."""
        self._window.wait_for(f"Boolean({PROMPT}?.button)")
        self._window.evaluate(f"void {PROMPT}.{ANSWERS[answer]}.click()")

    def _found_window(self) -> FirefoxTab | None:
        known = self._contexts(**{"moz:scope": "chrome"})
        windows = (each["context"] for each in known if each["url"] == WINDOW)
        return next((FirefoxTab(self._bidi, each) for each in windows), None)

    def _contexts(self, **more: str) -> list[Mapping[str, Any]]:
        return self._bidi.call("browsingContext.getTree", maxDepth=0, **more)["contexts"]

    def _write_preferences(self) -> None:
        preferences = {**PREFERENCES, "dom.push.serverURL": self.service.places.autopush}
        lines = [
            f"user_pref({json.dumps(name)}, {json.dumps(value)});"
            for name, value in preferences.items()
        ]
        (self.folder / "user.js").write_text("\n".join(lines))


@contextmanager
def _running(folder: Path, environment: Mapping[str, str]) -> Generator[str]:
    """A process with the profile in this folder; yields where it listens.

    It has been told to end when this ends, or is made to.
    """
    with subprocess.Popen(
        [
            *(str(find_firefox()), "--headless", "--no-remote", "--profile", str(folder)),
            *("--remote-debugging-port=0", "--remote-allow-system-access"),
        ],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        # With a group of its own it can be ended with all of its processes.
        start_new_session=True,
    ) as process:
        listening: Future[str] = Future()
        reader = threading.Thread(target=_read, args=(process.stderr, listening))
        reader.start()
        try:
            yield listening.result(PATIENCE)
            process.wait(PATIENCE)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            reader.join(PATIENCE)


def _read(output: IO[str], listening: Future[str]) -> None:
    """Finds where Firefox listens, and reads on so that it never waits to be read."""
    lines: list[str] = []
    for line in output:
        lines.append(line)
        if found := LISTENING.search(line):
            listening.set_result(found[1])
    if not listening.done():
        listening.set_exception(AssertionError("Firefox did not start:\n" + "".join(lines)))
