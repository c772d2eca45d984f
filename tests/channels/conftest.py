"""Tools as a process has them, stand-ins on free ports, and an eye on secrets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from inbox_app.channels.spec import Tools
from inbox_app.lib.http import Http
from tests.channels.examples import examples
from tests.channels.parcels import CANARY
from tests.channels.world import World, open_world, tools_for
from tests.clock import SetClock
from tests.standins.certificate import Authority
from tests.standins.http import HttpStandIn
from tests.standins.smtp import SmtpStandIn


@pytest.fixture
async def tools(clock: SetClock) -> AsyncIterator[Tools]:
    """Tools that may reach this machine."""
    made = Tools(http=Http(allow=["127.0.0.1"]), now=clock.now)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs the certificates of the services that are played."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
async def world(authority: Authority) -> AsyncIterator[World]:
    """All services, played on this machine."""
    hosts = {host for each in examples().values() for host in each.hosts}
    async with open_world(authority, ("nowhere.example", *sorted(hosts))) as world:
        yield world


@pytest.fixture
async def world_tools(world: World, authority: Authority, clock: SetClock) -> AsyncIterator[Tools]:
    """Tools that find the services of the world on this machine."""
    made = tools_for(world, authority, clock.now)
    yield made
    await made.close()


@pytest.fixture
async def http_server() -> AsyncIterator[HttpStandIn]:
    async with HttpStandIn() as server:
        yield server


@pytest.fixture
def smtp_server() -> Iterator[SmtpStandIn]:
    with SmtpStandIn(login=("hub", CANARY)) as server:
        yield server


@pytest.fixture(autouse=True)
def no_secret_in_any_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Every test of a channel keeps the secret out of what the server logs."""
    # The stand-in is the other side: it may say what it read.
    caplog.set_level("CRITICAL", logger="mail.log")
    caplog.set_level("DEBUG")
    yield
    ours = (
        each
        for each in caplog.get_records("call")
        if each.name != "hpack.hpack" or "Decod" not in each.msg
    )
    assert all(CANARY not in record.getMessage() for record in ours)
