"""A server that sends e-mails, and somebody who reads them, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from inbox_app.api.app import build
from inbox_app.domain.environment import Environment
from inbox_app.runtime import Runtime
from tests.api.mail.mailing import Post, posting
from tests.databases import BOTH


@pytest.fixture(params=BOTH)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
async def reader(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A browser or a mail program, without any credentials."""
    transport = httpx.ASGITransport(build(lambda: runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://inbox.test") as speaking:
        yield speaking


@pytest.fixture
async def post(
    runtime: Runtime, environment: Environment, application: httpx.AsyncClient
) -> AsyncIterator[Post]:
    async with posting(runtime, environment, application) as made:
        yield made
