"""A server that speaks HTTP/2 and a client that finds it by its name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from inbox_app.lib.http2 import Http2
from tests.lib.http2.calls import HOST, client_of
from tests.standins.certificate import Authority
from tests.standins.http2 import Http2StandIn


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    """Sockets are closed, and TLS is ended, differently by each event loop."""
    return "asyncio", {"use_uvloop": request.param}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def server(authority: Authority) -> AsyncIterator[Http2StandIn]:
    async with Http2StandIn(authority.server(HOST, protocols=["h2"])) as server:
        yield server


@pytest.fixture
async def client(authority: Authority, server: Http2StandIn) -> AsyncIterator[Http2]:
    made = client_of(authority, server)
    yield made
    await made.close()
