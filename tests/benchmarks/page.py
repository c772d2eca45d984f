"""What the inbox page costs the person in front of it, in a real browser."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from inbox_app.cli.frontend import ROOT, ensure_built
from tests.benchmarks import floor
from tests.benchmarks.depth import insert
from tests.benchmarks.served import Served, served
from tests.benchmarks.table import Figure
from tests.browser_setup import find_browser

PERSON = "reader"
ITEMS = 50_000
LOADS = 10
ACTS = 40
WARM_UP = 5
LCP_BUDGET, CLS_BUDGET, ACT_BUDGET = 1_500.0, 0.0, 100.0

VITALS = """
window.vitals = { lcp: 0, cls: 0 };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.vitals.lcp = entry.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) window.vitals.cls += entry.value;
  }
}).observe({ type: "layout-shift", buffered: true });
"""
# From an input to the painting of what it changes. The second frame starts when the first one,
# with the change in it, has been painted.
TIMED = """
([act, holds]) => new Promise((resolve) => {
  const started = performance.now();
  const done = () => requestAnimationFrame(() => requestAnimationFrame(
    () => resolve(performance.now() - started)));
  const changed = new Function(`return ${holds}`);
  const watch = new MutationObserver(() => {
    if (!changed()) return;
    watch.disconnect();
    done();
  });
  watch.observe(document.body,
    { childList: true, subtree: true, attributes: true, characterData: true });
  new Function(act)();
})
"""
FIRST_ROW = 'document.querySelector("[data-row]")'
TYPE = """
const box = document.querySelector('[type=search]');
Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(box, {text});
box.dispatchEvent(new Event('input', {{ bubbles: true }}));
"""


@dataclass(frozen=True)
class Load:
    """One cold load: milliseconds, shift score, and kB over the wire."""

    lcp: float
    cls: float
    scripts: float
    styles: float


def measure() -> Iterator[Figure]:
    """Loads the page again and again, then works in an inbox of many items."""
    ensure_built(ROOT, print)
    with tempfile.TemporaryDirectory(prefix="inbox-bench-") as folder, sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        least = _floor(browser, Path(folder) / "floor")
        with served(Path(folder), whole=True) as server:
            _load(browser, server.sign_in_url(PERSON))
            _fill(Path(folder) / "inbox.db")
            loads = [_load(browser, server.sign_in_url(PERSON)) for _ in range(LOADS)]
            yield from _loading(loads, least)
            yield from _working(browser, server)
        browser.close()


def _floor(browser: Browser, folder: Path) -> Load:
    with floor.serving(floor.build(folder)) as address:
        return _load(browser, f"{address}/inbox/")


def _fill(database: Path) -> None:
    """Gives the person who signs in many items."""
    with closing(sqlite3.connect(database)) as connection:
        (user_id,) = connection.execute(
            "SELECT id FROM users WHERE external_id = ?", [PERSON]
        ).fetchone()
    insert(database, [user_id], ITEMS)


def _load(browser: Browser, address: str) -> Load:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(VITALS)
    page = context.new_page()
    sizes = _weigh(context, page)
    page.goto(address, wait_until="networkidle")
    vitals: dict[str, float] = page.evaluate("window.vitals")
    context.close()
    return Load(vitals["lcp"], vitals["cls"], sizes["Script"] / 1000, sizes["Stylesheet"] / 1000)


def _weigh(context: BrowserContext, page: Page) -> dict[str, float]:
    """Adds up the bytes of scripts and style sheets as they are transferred."""
    kinds: dict[str, str] = {}
    sizes = {"Script": 0.0, "Stylesheet": 0.0}
    session = context.new_cdp_session(page)
    session.send("Network.enable")  # pyright: ignore[reportUnknownMemberType]

    def begin(event: Any) -> None:
        kinds[event["requestId"]] = event["type"]

    def end(event: Any) -> None:
        kind = kinds.get(event["requestId"], "")
        if kind in sizes:
            sizes[kind] += event["encodedDataLength"]

    session.on("Network.responseReceived", begin)
    session.on("Network.loadingFinished", end)
    return sizes


def _loading(loads: list[Load], least: Load) -> Iterator[Figure]:
    lcp = [each.lcp for each in loads]
    note = f"of {len(loads)} cold loads with {ITEMS:,} items; the worst {max(lcp):.0f} ms"
    yield Figure(
        "largest contentful paint, 75th percentile", quantiles(lcp)[-1], LCP_BUDGET, "ms", note
    )
    yield Figure("layout shift, the worst", max(each.cls for each in loads), CLS_BUDGET, "score")
    for name, mine, theirs in (
        ("scripts", loads[0].scripts, least.scripts),
        ("style sheets", loads[0].styles, least.styles),
    ):
        note = f"{mine:.1f} kB transferred, Reflex's empty page {theirs:.1f} kB"
        ratio = mine / theirs if theirs else float("nan")
        yield Figure(f"{name} to Reflex's empty page", ratio, None, "times", note)


def _working(browser: Browser, server: Served) -> Iterator[Figure]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(server.sign_in_url(PERSON))
    expect(page.get_by_role("article").first).to_be_visible()
    yield from _figures("open", [_open(page, n) for n in range(ACTS)])
    yield from _figures("archive", [_archive(page) for _ in range(ACTS)])
    yield from _figures("search", [_search(page, n) for n in range(ACTS)])


def _timed(page: Page, act: str, holds: str) -> float:
    return page.evaluate(TIMED, [act, holds])


def _open(page: Page, number: int) -> float:
    row = f'document.querySelectorAll("[data-row]")[{number % 8}]'
    key: str = page.evaluate(f"{row}.dataset.row")
    shown = (
        'document.querySelector(".detail").dataset.state === "ready"'
        f' && document.querySelector(".detail").dataset.detail === {json.dumps(key)}'
    )
    return _timed(page, f'{row}.querySelector("a").click()', shown)


def _archive(page: Page) -> float:
    key: str = page.evaluate(f"{FIRST_ROW}.dataset.row")
    gone = f"!document.querySelector('[data-row={json.dumps(key)}]')"
    return _timed(page, f"{FIRST_ROW}.querySelector('[data-act=archive]').click()", gone)


def _search(page: Page, number: int) -> float:
    """Until the rows of another word are there."""
    # Every third is archived, and the archive is not searched: none of these is.
    word = f"Number {40_000 - number * 30}"
    shown = (
        f'document.querySelectorAll("[data-row]").length >= 1 && '
        f"{FIRST_ROW}.innerText.includes({json.dumps(word)})"
    )
    return _timed(page, TYPE.format(text=json.dumps(f'"{word}"')), shown)


def _figures(name: str, samples: list[float]) -> Iterator[Figure]:
    kept = samples[WARM_UP:]
    note = f"of {len(kept)} in an inbox of {ITEMS:,}"
    yield Figure(f"{name}, input to paint, median", median(kept), ACT_BUDGET, "ms", note)
    yield Figure(f"{name}, 95th percentile", quantiles(kept, n=20)[-1], None, "ms")
