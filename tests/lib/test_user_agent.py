"""Browsers as they name themselves."""

from __future__ import annotations

import pytest

from inbox_app.lib.user_agent import browser, system

APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0"
CHROME = "AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
KNOWN = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox, Linux",
    f"Mozilla/5.0 (Windows NT 10.0) {CHROME}": "Chrome, Windows",
    f"Mozilla/5.0 (Windows NT 10.0) {CHROME} Edg/140.0": "Edge, Windows",
    f"Mozilla/5.0 (Linux; Android 15) {CHROME} SamsungBrowser/27.0": "Samsung Internet, Android",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) {APPLE} Safari/605": "Safari, macOS",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18) {APPLE} Mobile/15E Safari/604": "Safari, iPhone",
    "curl/8.5": ", ",
    "": ", ",
}


@pytest.mark.parametrize(("said", "known"), KNOWN.items())
def test_browser_and_system(said: str, known: str) -> None:
    assert f"{browser(said)}, {system(said)}" == known
