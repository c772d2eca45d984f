"""Clients of the API: one that may do everything, and one of an end user."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from inbox_app.api.app import build
from inbox_app.domain.environment import Environment
from inbox_app.runtime import Runtime
from tests.api.calls import as_user, bearer


@pytest.fixture
async def application(client: httpx.AsyncClient, api_key: str) -> httpx.AsyncClient:
    """Calls with the API key; the paths begin with /api."""
    client.headers.update(bearer(api_key))
    return client


@pytest.fixture
async def ada(runtime: Runtime, environment: Environment) -> AsyncIterator[httpx.AsyncClient]:
    """Calls with the credentials of the end user ada."""
    transport = httpx.ASGITransport(build(lambda: runtime))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://inbox.test", headers=as_user(environment)
    ) as speaking:
        yield speaking
