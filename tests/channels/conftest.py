"""Tools as a process has them, stand-ins on free ports, and an eye on secrets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from inbox_app.channels.spec import Tools
from inbox_app.lib.http import Http
from tests.channels.parcels import CANARY
from tests.clock import SetClock
from tests.standins.http import HttpStandIn
from tests.standins.smtp import SmtpStandIn


@pytest.fixture
async def tools(clock: SetClock) -> AsyncIterator[Tools]:
    """Tools that may reach this machine."""
    made = Tools(http=Http(allow=["127.0.0.1"]), now=clock.now)
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
    assert all(CANARY not in record.getMessage() for record in caplog.get_records("call"))
