"""Finds the browser the tests drive, and brings one when the machine has none.

`make test` runs this before pytest; `conftest.py` asks `find_browser` for the same answer.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

# The first is the same engine without a desktop's parts: pages take half of the processor in it.
NAMES: Final = (
    *("chromium-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome-stable", "google-chrome", "chrome"),
)
MAC_CHROME: Final = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def find_browser() -> Path | None:
    """An installed Chromium or Chrome, else Playwright's own, else None."""
    return installed_browser() or downloaded_browser()


def installed_browser() -> Path | None:
    found = next(filter(None, map(shutil.which, (*NAMES, MAC_CHROME))), None)
    return Path(found) if found else None


def downloaded_browser() -> Path | None:
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def download() -> bool:
    """Lets Playwright fetch the Chromium it was made for."""
    return _succeeds(sys.executable, "-m", "playwright", "install", "chromium")


def install_from_debian() -> bool:
    """Installs Debian's Chromium; only root may."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    return _succeeds("apt-get", "update", "-qq") and _succeeds(
        "apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium-headless-shell"
    )


def main() -> int:
    ways: tuple[Callable[[], bool], ...] = (download, install_from_debian)
    if find_browser() or any(way() and find_browser() for way in ways):
        return 0
    sys.stderr.write("No browser for the tests: install Chromium or Chrome, then try again.\n")
    return 1


def _succeeds(*command: str) -> bool:
    try:
        done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    except OSError:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
