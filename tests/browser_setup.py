"""Finds the browsers the tests drive, and brings them when the machine has none.

`make test` runs this before pytest; fixtures ask `find_browser`, `find_chromium` and `find_firefox`
for the same answers. ``python -m tests.browser_setup push`` fails where the tests of web push
cannot be run, besides.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

# The same engine without a desktop's parts: pages take half of the processor in it.
SHELL: Final = "chromium-headless-shell"
CHROMIUM: Final = ("chromium", "chromium-browser")
CHROME: Final = (
    *("google-chrome-stable", "google-chrome", "chrome"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
FIREFOX: Final = ("firefox-esr", "firefox")


def find_browser() -> Path | None:
    """An installed Chromium or Chrome, else Playwright's own, else None."""
    return _first_of(SHELL, *CHROMIUM, *CHROME) or downloaded_browser()


def find_chromium() -> Path | None:
    """A whole Chromium: the shell knows nothing of push, and Chrome has it served elsewhere."""
    return _first_of(*CHROMIUM) or downloaded_browser()


def find_firefox() -> Path | None:
    return _first_of(*FIREFOX)


def downloaded_browser() -> Path | None:
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def missing_for_push() -> list[str]:
    """Debian's packages with what the tests of web push need and this machine has not."""
    return [package for package, found in _FOR_PUSH.items() if not found()]


def download() -> bool:
    """Lets Playwright fetch the Chromium it was made for."""
    return _succeeds(sys.executable, "-m", "playwright", "install", "chromium")


def install_from_debian(*packages: str) -> bool:
    """Installs packages; only root may, and only where there is Debian."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    return _succeeds("apt-get", "update", "-qq") and _succeeds(
        "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages
    )


def main(*wanted: str) -> int:
    ways: tuple[Callable[[], bool], ...] = (download, lambda: install_from_debian(SHELL))
    if not find_browser() and not any(way() and find_browser() for way in ways):
        sys.stderr.write("No browser for the tests: install Chromium or Chrome, then try again.\n")
        return 1
    missing = missing_for_push()
    if missing and install_from_debian(*missing):
        missing = missing_for_push()
    if missing:
        sys.stderr.write(lacking(missing) + "\n")
    return int(bool(missing) and "push" in wanted)


def lacking(missing: list[str]) -> str:
    """What to do about packages that are missing."""
    command = f"apt-get install {' '.join(missing)}"
    return (
        f"Web push cannot be tested in real browsers here. As root on Debian: {command}\n"
        'To leave its tests out: make test MARKS="not live and not matrix and not push"'
    )


def _first_of(*names: str) -> Path | None:
    found = next(filter(None, map(shutil.which, names)), None)
    return Path(found) if found else None


def _has_libnotify() -> bool:
    """Firefox loads it as it starts, and shows nothing on the desktop without it."""
    try:
        ctypes.CDLL("libnotify.so.4")
    except OSError:
        return False
    return True


def _succeeds(*command: str) -> bool:
    try:
        done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    except OSError:
        return False
    return done.returncode == 0


_FOR_PUSH: Final[Mapping[str, Callable[[], object]]] = {
    "chromium": find_chromium,
    "firefox-esr": find_firefox,
    "dbus-daemon": lambda: _first_of("dbus-daemon"),
    "libnotify4": _has_libnotify,
}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
