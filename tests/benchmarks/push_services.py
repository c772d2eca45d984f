"""Google and Apple in a process of their own, which take every push at once.

``python -m tests.benchmarks.push_services FOLDER`` puts what one is to trust into the folder,
listens on free ports and prints them: first HTTP/2, then where access tokens come from.
"""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from inbox_app.channels.spec import Resources, Tools
from inbox_app.cli.frontend import ROOT
from inbox_app.lib.clock import SystemClock
from inbox_app.lib.http import Http
from inbox_app.lib.http2 import Http2
from tests.standins.certificate import Authority
from tests.standins.http import HttpStandIn, Respond
from tests.standins.http2 import Http2StandIn
from tests.standins.names import Names

HOSTS = ("localhost", "oauth2.googleapis.com", "fcm.googleapis.com", "api.push.apple.com")
TOKEN = Respond(body=b'{"access_token":"ya29.' + b"x" * 200 + b'","expires_in":3599}')
TAKEN = Respond(body=b'{"name":"projects/shop/messages/0:1500415314455276%31bd1c96"}')


@dataclass(frozen=True)
class Services:
    """The running services.

    Attributes:
        port: Where HTTP/2 is spoken.
        token_port: Where access tokens come from.
        authority: The file of who vouches for them.
    """

    port: int
    token_port: int
    authority: Path

    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))

    def tools(self) -> Tools:
        """Those of a process for which the services are here."""
        trusted, allow = self.trusted(), ["127.0.0.1"]
        http = Http(allow=allow, resolver=Names({"*": self.token_port}), tls=trusted)
        http2 = Http2(allow=allow, resolver=Names({"*": self.port}), tls=trusted)
        return Tools(http=http, now=SystemClock().now, resources=Resources(http2))


@contextmanager
def services(folder: Path) -> Generator[Services]:
    command = [sys.executable, "-m", "tests.benchmarks.push_services", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            port, token_port = map(int, process.stdout.readline().split())
            yield Services(port, token_port, folder / "authority.pem")
        finally:
            process.terminate()


async def _listen(folder: Path) -> None:
    authority = Authority(folder)
    async with (
        Http2StandIn(authority.server(*HOSTS, protocols=["h2"]), usual=TAKEN) as taking,
        HttpStandIn(TOKEN, tls=authority.server(*HOSTS)) as giving,
    ):
        print(taking.port, giving.port, flush=True)  # noqa: T201 - read by the parent
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_listen(Path(sys.argv[1])))
