"""How these tests call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from inbox_app.lib.http import Answer
from inbox_app.lib.http2 import Http2
from tests.standins.certificate import Authority
from tests.standins.http2 import Http2StandIn
from tests.standins.names import Names

HOST = "api.push.example"
URL = f"https://{HOST}/3/device/abc"
HEADERS = {"authorization": "bearer x", "apns-topic": "app"}


def client_of(authority: Authority, server: Http2StandIn, **more: Any) -> Http2:
    """A client that finds the server by its name."""
    names, trusted = Names({HOST: server.port}), authority.trusted()
    return Http2(allow=["127.0.0.1"], resolver=names, tls=trusted, **more)


async def post(
    client: Http2,
    url: str = URL,
    timeout: float = 10,
    headers: Mapping[str, str] = HEADERS,
    body: bytes = b'{"a": 1}',
    **more: Any,
) -> Answer:
    return await client.post(url, headers=headers, body=body, timeout=timeout, **more)


async def begun(client: Http2, server: Http2StandIn, count: int = 1) -> list[asyncio.Task[Answer]]:
    """Calls that the server does not answer yet, as it was told."""
    before = len(server.stalled)
    tasks = [asyncio.create_task(post(client)) for _ in range(count)]
    await server.until(lambda: len(server.stalled) >= before + count)
    return tasks
