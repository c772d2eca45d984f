"""What a browser says of itself, as far as people care: its name and its system."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 400
"""Characters of it that are kept."""

# The first that matches: most browsers also claim to be those below them.
BROWSERS: Final = (
    (re.compile(r"Edg(?:e|A|iOS)?/"), "Edge"),
    (re.compile(r"OPR/|Opera"), "Opera"),
    (re.compile(r"SamsungBrowser/"), "Samsung Internet"),
    (re.compile(r"Firefox/|FxiOS/"), "Firefox"),
    (re.compile(r"Chrome/|CriOS/|Chromium/"), "Chrome"),
    (re.compile(r"Version/.*Safari/"), "Safari"),
)
SYSTEMS: Final = (
    (re.compile(r"iPhone|iPod"), "iPhone"),
    (re.compile(r"iPad"), "iPad"),
    (re.compile(r"Android"), "Android"),
    (re.compile(r"Windows"), "Windows"),
    (re.compile(r"CrOS"), "ChromeOS"),
    (re.compile(r"Mac OS X|Macintosh"), "macOS"),
    (re.compile(r"Linux|X11"), "Linux"),
)


def browser(user_agent: str) -> str:
    """The browser's name, "" when it is not known."""
    return next((name for sign, name in BROWSERS if sign.search(user_agent)), "")


def system(user_agent: str) -> str:
    """The system's name, "" when it is not known."""
    return next((name for sign, name in SYSTEMS if sign.search(user_agent)), "")
