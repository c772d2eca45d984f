"""Names of services, played by stand-ins on this machine."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from fnmatch import fnmatch

from aiohttp.abc import AbstractResolver, ResolveResult


class Names(AbstractResolver):
    """Leads hosts, named with ``*`` where they have many, to ports of this machine.

    Attributes:
        asked: All hosts that were looked up.
    """

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._ports = dict(ports)
        self.asked: list[str] = []

    def lead(self, host: str, port: int) -> None:
        """Leads one more host to a port."""
        self._ports[host] = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked.append(host)
        for pattern, place in self._ports.items():
            if fnmatch(host, pattern):
                return [
                    ResolveResult(
                        hostname=host,
                        host="127.0.0.1",
                        port=place,
                        family=socket.AF_INET,
                        proto=0,
                        flags=0,
                    )
                ]
        raise OSError(f"nobody plays {host}")

    async def close(self) -> None:
        """Nothing is open."""
