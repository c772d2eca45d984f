"""The service of one provider, played in a process of its own.

``python -m tests.benchmarks.played PROVIDER FOLDER`` plays it until its input is closed; it prints
its ports as JSON, and ``FOLDER/authority.pem`` vouches for its names and for localhost.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import uvloop

from inbox_app.cli.frontend import ROOT
from tests.channels.examples import Wire, examples
from tests.standins.certificate import Authority
from tests.standins.http import HttpStandIn, Request
from tests.standins.http2 import Http2StandIn


class _Forgetful(list[Request]):
    """Keeps nothing: a benchmark sends more than is worth keeping."""

    def append(self, item: Request, /) -> None:
        del item


@contextmanager
def played(provider: str, folder: Path) -> Generator[Mapping[str, int]]:
    """The ports of the service: ``http`` and ``http2``."""
    command = [sys.executable, "-m", "tests.benchmarks.played", provider, str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdin
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()


async def _play(provider: str, folder: Path) -> None:
    example, authority = examples()[provider], Authority(folder)
    hosts = (*example.hosts, "localhost")
    first = example.before[0] if example.before else example.yes
    plain = example.wire is Wire.HTTP and not example.hosts
    async with (
        HttpStandIn(first, tls=None if plain else authority.server(*hosts)) as http,
        Http2StandIn(authority.server(*hosts, protocols=["h2"]), example.yes) as http2,
    ):
        http.requests, http2.requests = _Forgetful(), _Forgetful()
        print(json.dumps({"http": http.port, "http2": http2.port}), flush=True)  # noqa: T201
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(_play(sys.argv[1], Path(sys.argv[2])))
