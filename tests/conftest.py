"""What all tests share: a runtime on a real database, a set clock, and no way out to the net."""

from __future__ import annotations

import ipaddress
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from inbox_app.api.app import build
from inbox_app.bootstrap import open_runtime
from inbox_app.config import Settings
from inbox_app.domain.environment import Environment
from inbox_app.runtime import Runtime
from tests.clock import SetClock
from tests.databases import PostgresServer, SqliteFiles, postgres_server
from tests.factories import make_environment, make_key

# The same examples on every run, so that a red run is a change's fault; to look for new ones:
# pytest --hypothesis-profile=explore
hypothesis_settings.register_profile(
    "steady",
    deadline=None,
    max_examples=50,
    derandomize=True,
    # Examples share a database on purpose and bring a user of their own.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis_settings.register_profile(
    "explore", hypothesis_settings.get_profile("steady"), derandomize=False, max_examples=300
)
hypothesis_settings.load_profile("steady")


class LeftTheMachine(Exception):
    """A test tried to reach another machine."""


def _refuse_the_net(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: every connection of this process passes here, whoever opens it."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple):
        host = cast("tuple[Any, ...]", arguments[1])[0]
    else:
        return
    # An address is not looked up anywhere; only a name is.
    if not _is_here(host) and not (event == "socket.getaddrinfo" and _is_address(host)):
        raise LeftTheMachine(f"{event}: {host}")


def _is_here(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _is_address(host: object) -> bool:
    try:
        ipaddress.ip_address(str(host))
    except ValueError:
        return False
    return True


sys.addaudithook(_refuse_the_net)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> Iterator[PostgresServer]:
    """One PostgreSQL server for all test processes of this run."""
    with postgres_server(Path(tempfile.gettempdir()) / f"inbox-{testrun_uid[:12]}") as server:
        yield server


@pytest.fixture
def backend() -> str:
    """Which database `runtime` uses; folders that hold for both override it."""
    return "sqlite"


@pytest.fixture
def database_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of the test's own."""
    with ExitStack() as stack:
        if backend == "sqlite":
            files: SqliteFiles = request.getfixturevalue("sqlite_files")
            yield files.new(tmp_path / "inbox.db")
        else:
            server: PostgresServer = request.getfixturevalue("postgres")
            yield stack.enter_context(server.database())


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, database_url=database_url, secret_key="test-" * 8)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def runtime(settings: Settings, clock: SetClock) -> AsyncIterator[Runtime]:
    """An open runtime on a migrated database."""
    async with open_runtime(settings, clock) as rt:
        yield rt


@pytest.fixture
async def environment(runtime: Runtime) -> Environment:
    return await make_environment(runtime)


@pytest.fixture
async def api_key(runtime: Runtime, environment: Environment) -> str:
    return await make_key(runtime, environment)


@pytest.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks HTTP to the whole app, in this process."""
    transport = httpx.ASGITransport(build(lambda: runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://inbox.test") as speaking:
        yield speaking
