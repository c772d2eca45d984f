"""A desktop of the test's own: a D-Bus session, and who shows notifications in it.

with Desktop(folder) as desktop:
    ...  # a browser started with `desktop.environment` shows a notification
    desktop.click(desktop.wait_for("Order 17"))

https://specifications.freedesktop.org/notification-spec/latest/
"""

from __future__ import annotations

import html
import re
import subprocess
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Annotated, Final, Self

from dbus_fast import Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

from tests.push.aside import PATIENCE, Aside, Watched

NAME: Final = "org.freedesktop.Notifications"
PLACE: Final = "/org/freedesktop/Notifications"
DISMISSED, CLOSED_BY_APP = 2, 3
DEFAULT: Final = "default"
PICTURES: Final = frozenset({"image-data", "image-path"})
NOT_OURS: Final = frozenset({DEFAULT, "settings"})
"""Keys of actions that a browser adds by itself."""
ORIGIN_LINK: Final = re.compile(r'<a href="[^"]*">[^<]*</a>\n\n')
"""Chromium begins a body with it."""
# No folders of services: nothing of the machine is started in this session.
CONFIG: Final = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir={folder}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
Texts = Annotated[list[str], DBusSignature("as")]
Hints = Annotated[dict[str, Variant], DBusSignature("a{sv}")]
About = Annotated[tuple[str, str, str, str], DBusSignature("ssss")]
Nothing = Annotated[None, DBusSignature("")]
Ended = Annotated[tuple[int, int], DBusSignature("uu")]
Invoked = Annotated[tuple[int, str], DBusSignature("us")]


@dataclass(frozen=True)
class Note:
    """A notification as a browser asked the desktop to show it.

    Attributes:
        body: As people read it, without what a browser adds.
        actions: Labels by their keys, the browser's own as well.
        hints: As the specification has them.
    """

    id: int
    app: str
    title: str
    body: str
    actions: Mapping[str, str]
    hints: Mapping[str, object]

    @property
    def has_picture(self) -> bool:
        """Whether the icon that the page asked for is shown beside the text."""
        return bool(PICTURES & self.hints.keys())

    @property
    def buttons(self) -> list[str]:
        """The labels of the buttons that the page asked for."""
        return [self.actions[key] for key in self.keys]

    @property
    def keys(self) -> list[str]:
        """The keys of these buttons."""
        return [key for key in self.actions if key not in NOT_OURS]


class Desktop(Watched):
    """A D-Bus session with a notification daemon.

    Attributes:
        environment: What programs are started with that are to be on this desktop.
        shown: The notifications on the screen, by their ids.
        closed: Those that the browser took away, in this order.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._config = folder / "session.conf"
        self._aside = Aside("desktop")
        self.clear()

    def __enter__(self) -> Self:
        # Not pytest's folder: the path of a socket may have 107 bytes.
        self._config.write_text(CONFIG.format(folder=tempfile.gettempdir()))
        self._bus = subprocess.Popen(
            ["dbus-daemon", f"--config-file={self._config}", "--nofork", "--print-address=1"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._bus.stdout
        address = self._bus.stdout.readline().strip()
        assert address, "dbus-daemon did not start."
        self.environment = {"DBUS_SESSION_BUS_ADDRESS": address}
        self._aside.__enter__()
        self._daemon = self._aside.open(_daemon(address, self))
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._aside.__exit__()
        self._bus.terminate()
        self._bus.communicate(timeout=PATIENCE)

    def clear(self) -> None:
        """An empty screen, for the next test."""
        with self.changing():
            self.shown: dict[int, Note] = {}
            self.closed: list[Note] = []

    # What happened

    def titles(self) -> list[str]:
        """Of all that is on the screen, the oldest first."""
        return [note.title for note in self.shown.values()]

    def wait_for(self, title: str) -> Note:
        """The notification with this title, as soon as it is shown."""
        return self.once(
            lambda: next((note for note in self.shown.values() if note.title == title), None),
            f"notification {title!r} on the screen, but {self.titles()}",
        )

    def wait_for_closing(self, note: Note) -> None:
        """The browser took the notification away."""
        self.once(lambda: note.id in {each.id for each in self.closed}, f"closing of {note}")

    # What people do

    def click(self, note: Note) -> None:
        """Clicks on the notification itself."""
        self._aside.run(self._daemon.invoke(note.id, DEFAULT))

    def press(self, note: Note, button: int) -> None:
        """Presses one of its buttons, the first is 0."""
        self._aside.run(self._daemon.invoke(note.id, note.keys[button]))

    def dismiss(self, note: Note) -> None:
        """Wipes it from the screen."""
        with self.changing():
            del self.shown[note.id]
        self._aside.run(self._daemon.end(note.id, DISMISSED))


class _Daemon(ServiceInterface):
    """What browsers call, and what they are told (signals)."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__(NAME)
        self._desktop = desktop
        self._ids = count(1)

    @dbus_method()
    def GetCapabilities(self) -> Texts:  # noqa: N802 - names of the specification
        return ["actions", "body", "body-markup", "body-hyperlinks", "icon-static", "persistence"]

    @dbus_method()
    def GetServerInformation(self) -> About:  # noqa: N802
        return "Stand-in", "Tests", "1", "1.2"

    @dbus_method()
    def Notify(  # noqa: N802, PLR0913, PLR0917
        self,
        app: DBusStr,
        replaces: DBusUInt32,
        icon: DBusStr,
        summary: DBusStr,
        body: DBusStr,
        actions: Texts,
        hints: Hints,
        timeout: DBusInt32,
    ) -> DBusUInt32:
        note = Note(
            id=replaces or next(self._ids),
            app=app,
            title=summary,
            body=html.unescape(ORIGIN_LINK.sub("", body)),
            actions=dict(zip(actions[::2], actions[1::2], strict=True)),
            hints={name: variant.value for name, variant in hints.items()},
        )
        with self._desktop.changing():
            self._desktop.shown[note.id] = note
        return note.id

    @dbus_method()
    def CloseNotification(self, note_id: DBusUInt32) -> Nothing:  # noqa: N802
        with self._desktop.changing():
            if note := self._desktop.shown.pop(note_id, None):
                self._desktop.closed.append(note)
        self.NotificationClosed(note_id, CLOSED_BY_APP)

    @dbus_signal()
    def NotificationClosed(self, note_id: int, reason: int) -> Ended:  # noqa: N802
        return note_id, reason

    @dbus_signal()
    def ActionInvoked(self, note_id: int, key: str) -> Invoked:  # noqa: N802
        return note_id, key

    async def invoke(self, note_id: int, key: str) -> None:
        self.ActionInvoked(note_id, key)

    async def end(self, note_id: int, reason: int) -> None:
        self.NotificationClosed(note_id, reason)


@asynccontextmanager
async def _daemon(address: str, desktop: Desktop) -> AsyncGenerator[_Daemon]:
    bus = await MessageBus(bus_address=address).connect()
    daemon = _Daemon(desktop)
    bus.export(PLACE, daemon)
    await bus.request_name(NAME)
    try:
        yield daemon
    finally:
        bus.disconnect()
