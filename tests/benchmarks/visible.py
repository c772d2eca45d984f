"""How long a notification takes from the commit to the screen, in a real browser."""

from __future__ import annotations

import json
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page, expect, sync_playwright

from inbox_app.cli.frontend import ROOT, ensure_built
from tests.benchmarks.served import Served, served
from tests.benchmarks.table import Figure
from tests.browser_setup import find_browser

SAMPLES = 50
WARM_UP = 5
MEDIAN_BUDGET, P95_BUDGET = 100.0, 300.0
"""Milliseconds."""

WATCH = """
() => {
  const shown = new Map();
  const of = (number) => {
    if (!shown.has(number)) {
      const one = {};
      one.painted = new Promise((resolve) => { one.resolve = resolve; });
      shown.set(number, one);
    }
    return shown.get(number);
  };
  const now = () => performance.timeOrigin + performance.now();
  const note = (title) => {
    const number = title.textContent.match(/Bench (\\d+)$/)?.[1];
    if (number === undefined || of(number).row) return;
    of(number).row = now();
    // The second frame starts when the first one, with the row in it, has been painted.
    requestAnimationFrame(() => requestAnimationFrame(
      () => of(number).resolve([of(number).row, now()])));
  };
  new MutationObserver(() => document.querySelectorAll("[role=feed] .title").forEach(note))
    .observe(document.body, { childList: true, subtree: true, characterData: true });
  window.painted = (number) => of(number).painted;
}
"""


def measure() -> Iterator[Figure]:
    """Sends one notification after another into an open tab."""
    ensure_built(ROOT, print)
    with (
        tempfile.TemporaryDirectory(prefix="inbox-bench-") as folder,
        served(Path(folder), whole=True) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(server.sign_in)
        expect(page.locator("[role=feed], [data-empty]").first).to_be_visible()
        page.evaluate(WATCH)
        samples = [_sample(server, page, n) for n in range(WARM_UP + SAMPLES)][WARM_UP:]
        browser.close()
    yield from _figures(samples)


def _sample(server: Served, page: Page, number: int) -> tuple[float, float]:
    """Milliseconds from the answer, which follows the commit, to the row and to its painting."""
    committed = _send(server, f"Bench {number}")
    row, paint = page.evaluate("number => window.painted(number)", str(number))
    return row - committed, paint - committed


def _send(server: Served, title: str) -> float:
    body = {"type": "bench", "to": {"id": "bench"}, "inapp": {"title": title}}
    request = urllib.request.Request(
        f"http://localhost:{server.port}/api/send",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {server.api_key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        answer.read()
    return time.time() * 1000


def _figures(samples: list[tuple[float, float]]) -> Iterator[Figure]:
    rows, paints = [row for row, _ in samples], [paint for _, paint in samples]
    note = f"of {len(samples)}; the row is in the page after {median(rows):.1f} ms"
    yield Figure("commit to visible, median", median(paints), MEDIAN_BUDGET, "ms", note)
    yield Figure(
        "commit to visible, 95th percentile", quantiles(paints, n=20)[-1], P95_BUDGET, "ms"
    )
