"""A client of WebDriver BiDi, for as much as the tests need.

https://w3c.github.io/webdriver-bidi/
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any, Final, TypeVar

from websockets.sync.client import ClientConnection, connect

from tests.push.aside import PATIENCE

Found = TypeVar("Found")
Result = Mapping[str, Any]
EVENTS: Final = ("browsingContext.contextCreated",)


class BidiError(Exception):
    """The browser did not do what it was told to."""


class Bidi:
    """A session with a browser (`session`)."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = count(1)
        self._events = 0

    def call(self, method: str, **params: Any) -> Result:
        """One command and its result.

        Raises:
            BidiError: it failed.
            TimeoutError: there was no answer.
        """
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": params}))
        end = time.monotonic() + PATIENCE
        while (answer := self._next(end)).get("id") != number:
            pass
        if answer["type"] == "error":
            raise BidiError(f"{answer['error']}: {answer['message']}")
        return answer["result"]

    def once(self, look: Callable[[], Found | None], awaited: str) -> Found:
        """What `look` finds as soon as it is neither false nor empty; it looks at each event.

        Raises:
            AssertionError: that took too long; it names what was awaited.
        """
        end = time.monotonic() + PATIENCE
        while True:
            before = self._events
            if found := look():
                return found
            # What happened while it looked is a reason to look again.
            if self._events == before:
                self._wait(end, awaited)

    def _wait(self, end: float, awaited: str) -> None:
        try:
            self._next(end)
        except TimeoutError:
            raise AssertionError(f"After {PATIENCE:g} seconds: no {awaited}.") from None

    def _next(self, end: float) -> Result:
        frame: Result = json.loads(self._connection.recv(max(0, end - time.monotonic())))
        self._events += frame["type"] == "event"
        return frame


@contextmanager
def session(url: str) -> Generator[Bidi]:
    """A session with the browser that says that it listens here."""
    with connect(f"{url}/session", max_size=None, proxy=None) as connection:
        bidi = Bidi(connection)
        bidi.call("session.new", capabilities={})
        bidi.call("session.subscribe", events=list(EVENTS))
        yield bidi
