"""One built front end, one server per test process, one new browser context per test."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from inbox_app.cli.frontend import ROOT, ensure_built
from tests.browser.host import Host, Person
from tests.browser.pages.inbox import InboxPage
from tests.browser.server import Server
from tests.browser_setup import find_browser

HERE = Path(__file__).parent
ARTIFACTS = HERE.parent / ".artifacts"
PATIENCE = 15_000
"""Milliseconds that an expectation waits at most; two cores are shared by many processes."""

expect.set_options(timeout=PATIENCE)

OpenInbox = Callable[..., InboxPage]


# pytest-playwright's own fixtures are not used: they rest on one that pytest 9 warns about.
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


def pytest_configure() -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / ".gitignore").write_text("*\n")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def built() -> None:
    """The front end, built once; other test processes wait for the one that builds."""
    with (ROOT / "rxconfig.py").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ensure_built(ROOT, print)


@pytest.fixture(scope="session")
def server(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("data"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def own_server(built: None, tmp_path: Path) -> Iterator[Server]:
    """A server that a test may kill."""
    running = Server(tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def host(server: Server) -> Iterator[Host]:
    sender = Host(server)
    yield sender
    sender.close()


@pytest.fixture
def own_person(own_server: Server) -> Iterator[Person]:
    """Somebody on `own_server`."""
    sender = Host(own_server)
    yield sender.person()
    sender.close()


@pytest.fixture
def person(host: Host) -> Person:
    return host.person()


# Not for the whole session: while Playwright runs, it keeps an event loop in this thread, and the
# asynchronous tests of other folders need their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def new_context(
    browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts; of a test that fails, what happened in them is kept."""
    made: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**options)
        # Pictures of every frame would take as much of the processor as the page itself.
        context.tracing.start(snapshots=True)
        made.append(context)
        return context

    yield make
    for number, context in enumerate(made):
        kept = ARTIFACTS / "traces" / f"{slug(request.node.name)}-{number}.zip"
        context.tracing.stop(path=kept if request.node.stash.get(FAILED, False) else None)
        context.close()


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


@pytest.fixture
def mishaps() -> list[str]:
    """What pages complained of; a test that breaks things on purpose clears it."""
    return []


@pytest.fixture
def open_inbox(
    new_context: Callable[..., BrowserContext], mishaps: list[str]
) -> Iterator[OpenInbox]:
    """Signs a person in, in a browser of their own; no page may complain until the end."""

    def complain(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            mishaps.append(message.text)

    def watch(page: Page) -> None:
        page.on("console", complain)
        page.on("pageerror", lambda error: mishaps.append(str(error)))

    def open_one(
        person: Person, path: str = "", width: int = 1440, height: int = 900, **options: Any
    ) -> InboxPage:
        context = new_context(
            base_url=person.host.server.url,
            viewport={"width": width, "height": height},
            **options,
        )
        context.on("page", watch)
        inbox = InboxPage(context.new_page()).sign_in(person.sign_in_url())
        return inbox.goto(path) if path else inbox

    yield open_one
    assert mishaps == []


@pytest.fixture
def inbox(open_inbox: OpenInbox, person: Person) -> InboxPage:
    """An empty inbox in a tab."""
    return open_inbox(person)
