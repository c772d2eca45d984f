"""Slack on this machine, and somebody who can connect it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from inbox_app.config import Settings
from inbox_app.domain.delivery import Integration
from inbox_app.domain.environment import Environment
from inbox_app.runtime import Runtime
from inbox_app.services.access import Viewer
from tests.clock import SetClock
from tests.services.slack.process import REDIRECT, integrate, open_with_slack, sign_in
from tests.standins.certificate import Authority
from tests.standins.slack import SlackApp, SlackStandIn


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
async def slack(authority: Authority) -> AsyncIterator[SlackStandIn]:
    async with SlackStandIn(tls=authority.server("slack.com")) as server:
        server.app = SlackApp(redirect_uri=REDIRECT)
        yield server


@pytest.fixture
async def runtime(
    settings: Settings, clock: SetClock, slack: SlackStandIn, authority: Authority
) -> AsyncIterator[Runtime]:
    """A process for which Slack is on this machine."""
    async with open_with_slack(settings, clock, slack, authority) as rt:
        yield rt


@pytest.fixture
async def integration(runtime: Runtime, environment: Environment) -> Integration:
    return await integrate(runtime, environment)


@pytest.fixture
async def ada(runtime: Runtime, environment: Environment, integration: Integration) -> Viewer:
    """Ada, signed in where Slack can be connected."""
    return await sign_in(runtime, environment, "ada")
