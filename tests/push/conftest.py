"""Push services and a desktop for all tests of a process; a new browser for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.browser.host import Host
from tests.browser.server import Server
from tests.browser_setup import lacking, missing_for_push
from tests.push.browser import Browser
from tests.push.chromium import Chromium
from tests.push.desktop import Desktop
from tests.push.firefox import Firefox
from tests.push.inbox import Pushed, running
from tests.push.service import PushService
from tests.push.site import Site
from tests.standins.certificate import Authority

HERE = Path(__file__).parent
BROWSERS = ("chromium", "firefox")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not isinstance(item, pytest.Function) or HERE not in item.path.parents:
            continue
        if "equipped" in item.fixturenames:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.push)


@pytest.fixture(scope="session")
def equipped() -> None:
    """Real browsers and a desktop can be started here."""
    missing = missing_for_push()
    assert not missing, lacking(missing)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def running_service(authority: Authority) -> Iterator[PushService]:
    with PushService(authority) as service:
        yield service


@pytest.fixture
def service(running_service: PushService) -> PushService:
    """The push services, as if nobody had used them before."""
    running_service.clear()
    return running_service


@pytest.fixture(scope="session")
def running_desktop(equipped: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    with Desktop(tmp_path_factory.mktemp("desktop")) as desktop:
        yield desktop


@pytest.fixture
def desktop(running_desktop: Desktop) -> Desktop:
    """The desktop, with nothing on its screen."""
    running_desktop.clear()
    return running_desktop


@pytest.fixture(scope="session")
def running_site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def site(running_site: Site) -> Site:
    """The page, whose worker has seen nothing."""
    running_site.clear()
    return running_site


# Not for the whole session: while Playwright runs, it keeps an event loop in this thread, and the
# asynchronous tests of other folders need their own.
@pytest.fixture(scope="package")
def engine() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(params=BROWSERS)
def push_browser(
    request: pytest.FixtureRequest, tmp_path: Path, service: PushService, desktop: Desktop
) -> Iterator[Browser]:
    """A new browser; the test runs in each of the two."""
    if request.param == Firefox.name:
        made: Browser = Firefox(tmp_path, service, desktop)
    else:
        made = Chromium(tmp_path, service, desktop, request.getfixturevalue("engine"))
    with made:
        yield made


@pytest.fixture
def chromium(
    tmp_path: Path, service: PushService, desktop: Desktop, engine: Playwright
) -> Iterator[Chromium]:
    """A new Chromium, for what only Playwright can do."""
    with Chromium(tmp_path, service, desktop, engine) as made:
        yield made


@pytest.fixture
def firefox(tmp_path: Path, service: PushService, desktop: Desktop) -> Iterator[Firefox]:
    """A new Firefox, for what the other does not have."""
    with Firefox(tmp_path, service, desktop) as made:
        yield made


@pytest.fixture(scope="package")
def server(
    running_service: PushService, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The application, which finds the push services behind its proxy."""
    with running(tmp_path_factory.mktemp("hub"), running_service, authority) as server:
        yield server


@pytest.fixture(scope="package")
def host(server: Server) -> Iterator[Host]:
    host = Host(server)
    yield host
    host.close()


@pytest.fixture
def robin(host: Host) -> Pushed:
    """Somebody with an inbox."""
    return Pushed(host)
