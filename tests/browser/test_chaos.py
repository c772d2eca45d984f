"""A bad network, a server that crashes, three tabs: badges stay right, and nothing is lost."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import NOW, Person
from tests.browser.pages.inbox import InboxPage
from tests.browser.server import Server
from tests.standins.line import Line

SOON = 2_000.0
"""Milliseconds after a tab is connected again until it shows what the database holds."""
FAULTS = ("offline", "crash")
PAGE = 30
"""Rows that a tab loads at once."""
MEANWHILE = 12
"""Changes while a fault lasts."""
ONCE = "Once"
"""Begins the title of what a tab acts on, once, and nobody else touches."""
PRESSES = ("archive", "snooze", "save", "both")
"""What a tab does to it; "both" marks two as done together."""

# When the tab's line was last opened, and when its number of unread ones last changed.
WATCH = """
window.chaos = { connected: 0, changed: 0 };
const now = () => performance.timeOrigin + performance.now();
window.WebSocket = class extends window.WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", ({ data }) => {
      if (String(data).startsWith("40/_event")) window.chaos.connected = now();
    });
  }
};
document.addEventListener("DOMContentLoaded", () => {
  const read = () => document.querySelector('.rail [href$="view=unread"] .count')?.textContent;
  let count = read();
  new MutationObserver(() => {
    if (read() === count) return;
    count = read();
    window.chaos.changed = now();
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
});
"""
CLICK = """
(rows, [share, start, act, taken]) => {
  const mine = rows.filter((row) => row.isConnected
    && row.querySelector(".title").innerText.includes(start)
    && !taken.includes(row.dataset.row));
  const from = Math.floor(share * mine.length);
  const chosen = mine.slice(from, from + (act === "both" ? 2 : 1));
  const press = (root, name) => {
    const button = root?.querySelector(`[data-${name}]`);
    button?.click();
    return Boolean(button);
  };
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const menu = async (row, button, item) => {
    press(row, `act="${button}"`);
    await frame();
    return press(document, `item="${item}"`);
  };
  const acts = {
    archive: () => press(chosen[0], 'act="archive"'),
    snooze: () => menu(chosen[0], "snooze", "tomorrow"),
    save: () => menu(chosen[0], "more", "save"),
    both: async () => {
      for (const row of chosen) row.querySelector(".pick input").click();
      await frame();
      return press(document.querySelector(".bulk"), 'act="archive"');
    },
  };
  return (async () => {
    const ids = chosen.map((row) => row.dataset.row);
    return ids.length && (await acts[act]()) ? ids : [];
  })();
}
"""


@dataclass
class World:
    """Everything that happens to one person's inbox.

    Attributes:
        tabs: Two of one browser and one of another.
        done, snoozed, saved: What tabs did to items.
        sent: What the application was told it had sent.
        late: Milliseconds from each connection after a fault to the right badge.
    """

    chance: random.Random
    server: Server
    person: Person
    tabs: list[InboxPage]
    lines: dict[BrowserContext, Line]
    done: set[str] = field(default_factory=set[str])
    snoozed: set[str] = field(default_factory=set[str])
    saved: set[str] = field(default_factory=set[str])
    sent: set[str] = field(default_factory=set[str])
    late: list[float] = field(default_factory=list[float])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        pytest.param(300, 4, id="300", marks=pytest.mark.timeout(300)),
        pytest.param(
            10_000, 60, id="10000", marks=[pytest.mark.matrix, pytest.mark.timeout(3_000)]
        ),
    ],
)
def test_badges_are_right_soon_after_every_fault_and_nothing_is_lost(
    own_server: Server,
    own_person: Person,
    open_inbox: OpenInbox,
    mishaps: list[str],
    changes: int,
    faults: int,
) -> None:
    every = changes // faults
    with ExitStack() as stack:
        world = _world(own_server, own_person, open_inbox, stack, random.Random(changes))
        for n in range(changes):
            _change(world, n)
            if n % every == every - 1:
                _fault(world, FAULTS[n // every % 2], n)
        _settle(world)
        _check(world)
    assert len(world.late) >= faults
    assert max(world.late) <= SOON
    mishaps.clear()


def _world(
    server: Server,
    person: Person,
    open_inbox: OpenInbox,
    stack: ExitStack,
    chance: random.Random,
) -> World:
    lines = [stack.enter_context(Line()) for _ in range(2)]
    one, other = [open_inbox(person, proxy=line.proxy) for line in lines]
    for inbox in (one, other):
        inbox.context.add_init_script(WATCH)
    tabs = [one, one.another_tab(), other]
    for tab in tabs:
        tab.page.reload()
        tab.loaded()
    ends = dict(zip((one.context, other.context), lines, strict=True))
    world = World(chance, server, person, tabs, ends)
    for n in range(10):
        _send(world, n)
    return world


def _change(world: World, n: int) -> None:
    world.chance.choices([_send, _report, _press], [3, 4, 3])[0](world, n)


def _send(world: World, n: int) -> None:
    title = f"{world.chance.choice([ONCE, 'Note'])} {n}"
    world.sent.add(world.person.send(title, actions=[{"label": "Yes"}, {"label": "No"}]))


def _report(world: World, n: int) -> None:
    """Something elsewhere, such as on the person's phone."""
    items = world.person.items()
    others = sorted(key for key, item in items.items() if not item["title"].startswith(ONCE))
    if not others:
        return
    chosen, person = world.chance.choice(others), world.person
    acts: list[Callable[[], Any]] = [
        lambda: person.report(chosen, opened=NOW),
        lambda: person.report(chosen, opened=None),
        lambda: person.report(chosen, archived=NOW),
        lambda: person.report(chosen, archived=None),
        lambda: person.answer(chosen, f"Said {n}", author="Mara"),
    ]
    world.chance.choice(acts)()


def _press(world: World, n: int) -> None:
    """A tab does something to its rows, whatever the line to the server is like."""
    tab, act = world.chance.choice(world.tabs), world.chance.choice(PRESSES)
    taken = sorted(world.done | world.snoozed | world.saved)
    chosen: list[str] = tab.rows.evaluate_all(CLICK, [world.chance.random(), ONCE, act, taken])
    {"snooze": world.snoozed, "save": world.saved}.get(act, world.done).update(chosen)


def _fault(world: World, which: str, n: int) -> None:
    began = time.time() * 1000
    if which == "offline":
        context = world.chance.choice(world.tabs).context
        context.set_offline(True)
        world.lines[context].cut()
        for each in range(MEANWHILE):
            _change(world, n + each)
        world.lines[context].mend()
        context.set_offline(False)
    else:
        world.server.kill()
        for each in range(MEANWHILE // 3):
            _press(world, n + each)
        world.server.start()
    _settle(world)
    for tab in world.tabs:
        known: dict[str, float] = tab.page.evaluate("window.chaos")
        # Else its line was not cut.
        if known["connected"] > began:
            world.late.append(known["changed"] - known["connected"])


def _settle(world: World) -> None:
    """Waits until every tab is right."""
    for tab in world.tabs:
        expect(tab.connection).to_have_count(0)
    deadline = time.monotonic() + 20
    while not _is_right(world) and time.monotonic() < deadline:
        world.tabs[0].page.wait_for_timeout(50)
    for tab in world.tabs:
        tab.expect_unread(world.person.counts()["unread"])
    for tab in world.tabs:
        _expect_badge(tab, world.person)


def _expect_badge(tab: InboxPage, person: Person) -> None:
    """The tab shows how many are unseen; looking at rows still lowers that."""
    deadline = time.monotonic() + 20
    while True:
        unseen = person.counts()["unseen"]
        start = f"({unseen if unseen < 100 else '99+'}) " if unseen else "Inbox"
        if tab.page.title().startswith(start):
            return
        assert time.monotonic() < deadline, (tab.page.title(), unseen)
        tab.page.wait_for_timeout(50)


def _is_right(world: World) -> bool:
    """Whether every tab has the database's number, and the database every tab's clicks."""
    unread = world.person.counts()["unread"]
    shown = [str(unread)] if unread else []
    if not all(tab.unread_count.all_text_contents() == shown for tab in world.tabs):
        return False
    done, snoozed, saved = _acted(world)
    return done == world.done and snoozed == world.snoozed and saved == world.saved


def _acted(world: World) -> tuple[set[str], set[str], set[str]]:
    """What of those that only tabs act on is done, snoozed and saved in the database."""
    with closing(world.server.database()) as database:
        rows = database.execute(
            "SELECT tracking_id, archived, snoozed, saved FROM inbox_items i"
            " JOIN users u ON u.id = i.user_id WHERE u.external_id = ? AND i.title LIKE ?",
            [world.person.id, f"{ONCE} %"],
        ).fetchall()
    done, snoozed, saved = ({row[0] for row in rows if row[n]} for n in (1, 2, 3))
    return done, snoozed, saved


def _check(world: World) -> None:
    """Every notification is there once, in the database and in every tab."""
    with httpx.Client() as http:
        http.get(f"{world.server.url}/readyz").raise_for_status()
    with closing(world.server.database()) as database:
        rows = database.execute(
            "SELECT i.tracking_id FROM inbox_items i"
            " JOIN users u ON u.id = i.user_id WHERE u.external_id = ?",
            [world.person.id],
        ).fetchall()
    assert {key for (key,) in rows} == world.sent
    for acted, pressed in zip(_acted(world), (world.done, world.snoozed, world.saved), strict=True):
        assert pressed, "Nobody pressed this."
        assert (pressed - acted, acted - pressed) == (set(), set())
    # How far down a tab has loaded is its own affair: of a page that it loaded after a fault, what
    # waited to be sent may have taken some away.
    shown = [[row["id"] for row in tab.snapshot()] for tab in world.tabs]
    depth = min(PAGE, *map(len, shown))
    assert depth >= PAGE // 2
    assert shown[0][:depth] == shown[1][:depth] == shown[2][:depth]
    assert all(len(ids) == len(set(ids)) for ids in shown)
