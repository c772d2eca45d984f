"""Sends per second of each adapter to its service on this machine, beside the bare client.

The bare client makes the same calls, byte for byte, over the same number of tasks: what an adapter
adds is rendering its request, reading the answer, and the guarded way out. Web push is measured
beside pywebpush's own `webpush()` as well, and beside encrypting and signing alone.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import asyncio
import json
import ssl
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import aiohttp
import httpx
import requests
import uvloop
from py_vapid import Vapid02
from pywebpush import WebPusher, webpush

from inbox_app.channels import registry
from inbox_app.channels.spec import Resources, Tools
from inbox_app.lib.http import Http
from inbox_app.lib.http2 import Http2
from tests.benchmarks.played import played
from tests.benchmarks.table import Figure
from tests.channels.examples import Example, Wire, examples, speaking
from tests.channels.examples.web_push import BROWSER, KEY
from tests.channels.world import open_world, tools_for
from tests.standins.certificate import Authority
from tests.standins.http import Request
from tests.standins.names import Names

MANY = 400
AT_ONCE = 8
"""Tasks: the bare HTTP/2 client gets slower with more of them."""
ROUNDS = 5
CONTACT = "mailto:ops@acme.example"
PUSH_BUDGET, CORE_BUDGET = 2.0, 0.6
HOP = frozenset({"host", "content-length", "connection", "accept", "transfer-encoding"})
Call = Callable[[], Awaitable[None]]


def measure() -> Iterator[Figure]:
    """A figure for each adapter over HTTP, and three for web push."""
    for name in speaking(Wire.HTTP, Wire.HTTP2):
        with tempfile.TemporaryDirectory(prefix="inbox-bench-") as folder:
            asked = uvloop.run(_recorded(name, Path(folder)))
            with played(name, Path(folder)) as ports:
                mine, bare = uvloop.run(_rates(name, Path(folder), ports, asked))
                note = f"{mine:,.0f}/s of {bare:,.0f}/s, {AT_ONCE} at once"
                yield Figure(f"{name}: sends / bare client", mine / bare, None, "share", note)
                if name == "web_push":
                    yield from _web_push(mine, Path(folder), ports["http"])


async def _recorded(name: str, folder: Path) -> Request:
    """What the adapter asks of the service, to be asked again by the bare client."""
    example, authority = examples()[name], Authority(folder)
    async with open_world(authority, (*example.hosts, "localhost")) as world:
        tools = tools_for(world, authority, _now)
        world.play(example, example.yes)
        await _send(name, example, tools, world.port)
        await tools.close()
        return world.server_of(example).requests[-1]


async def _send(name: str, example: Example, tools: Tools, port: int) -> None:
    settings = registry.settings_of(name, example.settings(port))
    provider = registry.provider_named(name)
    await registry.deliver(provider, example.parcel, settings, tools, 30)


async def _rates(
    name: str, folder: Path, ports: Mapping[str, int], asked: Request
) -> tuple[float, float]:
    example = examples()[name]
    trusted = _trusted(folder)
    tools = _tools(folder, ports)

    async def adapter() -> None:
        await _send(name, example, tools, ports["http"])

    bare, close = _bare(example, ports, trusted, asked)
    await adapter()
    await bare()
    pairs = [(await _rate(adapter), await _rate(bare)) for _ in range(ROUNDS)]
    await close()
    await tools.close()
    return median(one for one, _ in pairs), median(other for _, other in pairs)


def _trusted(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "authority.pem"))


def _tools(folder: Path, ports: Mapping[str, int]) -> Tools:
    allow = ["127.0.0.1"]
    http = Http(allow=allow, resolver=Names({"*": ports["http"]}), tls=_trusted(folder))
    http2 = Http2(allow=allow, resolver=Names({"*": ports["http2"]}), tls=_trusted(folder))
    return Tools(http, _now, resources=Resources(http2))


def _bare(
    example: Example, ports: Mapping[str, int], trusted: ssl.SSLContext, asked: Request
) -> tuple[Call, Call]:
    """The same call by a client alone, and what closes it."""
    headers = {n: v for n, v in asked.headers.items() if n not in HOP and n[0] != ":"}
    if example.wire is Wire.HTTP2:
        return _bare_http2(ports["http2"], trusted, asked, headers)
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=Names({"*": ports["http"]}), ssl=trusted)
    )
    secure = bool(example.hosts)
    root = f"https://{asked.headers['host']}" if secure else f"http://127.0.0.1:{ports['http']}"

    async def call() -> None:
        async with session.request(
            asked.method, root + asked.path, headers=headers, data=asked.body
        ) as answer:
            await answer.read()

    return call, session.close


def _bare_http2(
    port: int, trusted: ssl.SSLContext, asked: Request, headers: Mapping[str, str]
) -> tuple[Call, Call]:
    client = httpx.AsyncClient(http1=False, http2=True, verify=trusted, trust_env=False)
    url = f"https://localhost:{port}{asked.path}"

    async def call() -> None:
        await client.post(url, headers=dict(headers), content=asked.body)

    return call, client.aclose


async def _rate(call: Call) -> float:
    """Calls a second."""
    left = iter(range(MANY))

    async def caller() -> None:
        for _ in left:
            await call()

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
    return MANY / (time.perf_counter() - started)


def _web_push(mine: float, folder: Path, port: int) -> Iterator[Figure]:
    theirs, raw = _pywebpush(folder, port), _encrypting()
    note = f"{mine:,.0f}/s, webpush() {theirs:,.0f}/s"
    yield Figure(
        "web push / pywebpush.webpush()", mine / theirs, PUSH_BUDGET, "times", note, at_least=True
    )
    note = f"{mine:,.0f}/s, {raw:,.0f}/s"
    yield Figure(
        "web push / encrypting and signing alone", mine / raw, CORE_BUDGET, "share", note, True
    )


def _pywebpush(folder: Path, port: int) -> float:
    """Sends a second of the library's own function, which signs each and keeps its connection."""
    session = requests.Session()
    session.verify = str(folder / "authority.pem")
    session.trust_env = False
    sub = {**BROWSER.token["sub"], "endpoint": f"https://localhost:{port}/wpush/v2/abc"}
    content = json.dumps({"notification": {"title": "Hello", "body": "It has shipped"}})

    def push() -> None:
        webpush(
            sub,
            content,
            vapid_private_key=KEY,
            vapid_claims={"sub": CONTACT},
            requests_session=session,
            timeout=30,
        )

    push()
    return median(_calls(push) for _ in range(ROUNDS))


def _encrypting() -> float:
    """Messages a second that are encrypted and signed, and not sent."""
    signer = Vapid02.from_raw(KEY.encode())
    content = json.dumps({"notification": {"title": "Hello", "body": "It has shipped"}}).encode()

    def prepare() -> None:
        WebPusher(BROWSER.token["sub"]).encode(content)
        signer.sign({"aud": "https://localhost", "sub": CONTACT, "exp": int(time.time()) + 3600})

    return median(_calls(prepare) for _ in range(ROUNDS))


def _calls(act: Callable[[], None]) -> float:
    started = time.perf_counter()
    for _ in range(MANY):
        act()
    return MANY / (time.perf_counter() - started)


def _now() -> datetime:
    return datetime.now(UTC)
