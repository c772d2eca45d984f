"""The services of the world, played on this machine under their own names."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from inbox_app.bootstrap import open_runtime
from inbox_app.channels.spec import Resources, Tools
from inbox_app.config import Settings
from inbox_app.lib.clock import Clock
from inbox_app.lib.http import Http
from inbox_app.lib.http2 import Http2
from inbox_app.runtime import Runtime
from tests.channels.examples import Example, Wire
from tests.standins.certificate import Authority
from tests.standins.http import Action, Do, HttpStandIn, Respond
from tests.standins.http2 import Http2StandIn
from tests.standins.names import Names


@dataclass(frozen=True)
class World:
    """All services.

    Attributes:
        plain: Plays those whose address is a setting, in the open.
        named: Plays those with fixed hosts, over TLS.
        named2: The same for calls over HTTP/2.
    """

    plain: HttpStandIn
    named: HttpStandIn
    named2: Http2StandIn

    @property
    def port(self) -> int:
        """Where `plain` listens."""
        return self.plain.port

    def server_of(self, example: Example) -> HttpStandIn | Http2StandIn:
        """Who plays a provider."""
        if example.wire is Wire.HTTP2:
            return self.named2
        return self.named if example.hosts else self.plain

    def play(self, example: Example, action: Action) -> None:
        """Lets a provider's service do this with the next message."""
        server = self.server_of(example)
        if isinstance(server, Http2StandIn):
            # What comes before is asked over HTTP/1.1.
            self.named.script(*example.before)
            assert isinstance(action, Do | Respond)
            server.script(action)
        else:
            server.script(*example.before, action)


@asynccontextmanager
async def open_world(authority: Authority, hosts: tuple[str, ...]) -> AsyncGenerator[World]:
    """Plays these hosts for as long as it is open."""
    async with (
        HttpStandIn() as plain,
        HttpStandIn(tls=authority.server(*hosts)) as named,
        Http2StandIn(authority.server(*hosts, protocols=["h2"])) as named2,
    ):
        yield World(plain, named, named2)


@asynccontextmanager
async def runtime_in(
    world: World, authority: Authority, settings: Settings, clock: Clock
) -> AsyncGenerator[Runtime]:
    """A process for which the world is on this machine."""
    tools = tools_for(world, authority, clock.now)
    async with open_runtime(settings, clock) as rt:
        yield replace(rt, tools=tools)
    await tools.close()


def tools_for(world: World, authority: Authority, now: Callable[[], datetime]) -> Tools:
    """Tools of a process for which the world is on this machine."""
    allow, names = ["127.0.0.1"], Names({"*": world.named.port})
    http = Http(allow=allow, resolver=names, tls=authority.trusted())
    names2 = Names({"*": world.named2.port})
    http2 = Http2(allow=allow, resolver=names2, tls=authority.trusted())
    return Tools(http=http, now=now, resources=Resources(http2))
