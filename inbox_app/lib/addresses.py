"""Which network addresses the server may connect to on behalf of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

CLOSED_IPV4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        # The answering service of one cloud has a public address.
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
"""IPv4 outside the public net (IANA special-purpose registry, RFC 6890)."""

OPEN_IPV6 = IPv6Network("2000::/3")
"""All IPv6 that is routed in public (RFC 4291); what is closed lies around it and in it."""

CLOSED_IPV6 = tuple(
    IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
"""Teredo and its like, documentation, 6to4: deprecated tunnels that lead to any IPv4 address."""

NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 as seen from an IPv6-only network (RFC 6052)."""


def embedded(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped or NAT64 one; any other is returned as it is."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether ``address`` lies in the public net."""
    inner = embedded(address)
    if isinstance(inner, IPv4Address):
        return not any(inner in network for network in CLOSED_IPV4)
    return inner in OPEN_IPV6 and not any(inner in network for network in CLOSED_IPV6)


def literal(host: str) -> Address | None:
    """The address a host of a URL spells, None for a name.

    Raises:
        ValueError: it looks like an address and is none (``127.1``), or carries a scope, which
            only makes sense on this machine.
    """
    if ":" not in host and not host.replace(".", "").isdigit():
        return None
    address = ip_address(host)
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        raise ValueError("an address with a scope")
    return address


@dataclass(frozen=True)
class Guard:
    """Says where connections may go: the public net, and what is allowed besides.

    Attributes:
        networks: Allowed though not public.
        names: Hosts that may lead anywhere, in lower case.
    """

    networks: tuple[Network, ...] = ()
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, allow: Sequence[str]) -> Self:
        """A guard from texts such as ``127.0.0.1``, ``10.0.0.0/8`` or ``relay.internal``."""
        networks: list[Network] = []
        names: set[str] = set()
        for text in allow:
            try:
                networks.append(ip_network(text, strict=False))
            except ValueError:
                names.add(text.lower())
        return cls(tuple(networks), frozenset(names))

    def besides(self, host: str) -> Guard:
        """The same with one more host, which may be ""."""
        return replace(self, names=self.names | {host.lower()}) if host else self

    def names_one(self, host: str) -> bool:
        """Whether ``host``, a name or an address, stands among what is allowed besides."""
        try:
            address = literal(host)
        except ValueError:
            return False
        if address is None:
            return host.lower() in self.names
        return self._holds(address)

    def admits(self, host: str, address: Address) -> bool:
        """Whether ``address``, which ``host`` led to, may be connected to."""
        return is_public(address) or host.lower() in self.names or self._holds(address)

    def _holds(self, address: Address) -> bool:
        return any(embedded(address) in network for network in self.networks)
