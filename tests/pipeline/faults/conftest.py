"""A runtime in a hurry that may call this machine, stand-ins, and an eye on secrets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from inbox_app.config import Settings
from inbox_app.runtime import Runtime
from tests.channels.faults import patience
from tests.channels.parcels import CANARY
from tests.standins.http import HttpStandIn
from tests.standins.smtp import SmtpStandIn


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test asks for others."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, allow_hosts=("127.0.0.1",))


@pytest.fixture
def rt(request: pytest.FixtureRequest, runtime: Runtime) -> Runtime:
    """The runtime, in a hurry with those who stall."""
    given = getattr(request.node, "callspec", None)
    action = given and (given.params.get("action") or given.params.get("answer"))
    return replace(runtime, tools=replace(runtime.tools, timeout=patience(action)))


@pytest.fixture
async def gateway() -> AsyncIterator[HttpStandIn]:
    async with HttpStandIn() as server:
        yield server


@pytest.fixture
def mail_server() -> Iterator[SmtpStandIn]:
    with SmtpStandIn(login=("hub", CANARY)) as server:
        yield server


@pytest.fixture(autouse=True)
def no_secret_in_any_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    # The stand-in is the other side: it may say what it read.
    caplog.set_level("CRITICAL", logger="mail.log")
    caplog.set_level("DEBUG")
    yield
    assert all(CANARY not in record.getMessage() for record in caplog.get_records("call"))
