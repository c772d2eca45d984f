"""Which addresses are public."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.lib.addresses import Guard, is_public, literal

CLOSED = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "2001::1",
    "100::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
]
OPEN = [
    "8.8.8.8",
    "1.1.1.1",
    "172.15.255.255",
    "172.32.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("text", CLOSED)
def test_it_is_not_public(text: str):
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", OPEN)
def test_it_is_public(text: str):
    assert is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_an_address_is_as_public_in_every_wrapping(address: IPv4Address):
    mapped = IPv6Address(int(IPv6Address("::ffff:0:0")) + int(address))
    translated = IPv6Address(int(IPv6Address("64:ff9b::")) + int(address))
    assert is_public(mapped) == is_public(translated) == is_public(address)


@given(st.ip_addresses())
def test_what_is_public_is_global_to_the_standard_library_too(
    address: IPv4Address | IPv6Address,
):
    if is_public(address) and getattr(address, "ipv4_mapped", None) is None:
        assert address.is_global
        assert not address.is_multicast


@pytest.mark.parametrize("host", ["127.1", "2130706433", "1.2.3.4.5", "fe80::1%eth0", "::g"])
def test_a_host_that_only_looks_like_an_address_is_refused(host: str):
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the parser says
        literal(host)


def test_a_name_is_no_address():
    assert literal("example.com") is None
    assert literal("1e100.net") is None


def test_networks_and_names_can_be_let_in():
    guard = Guard.of(["127.0.0.1", "10.1.0.0/16", "Relay.internal"])
    assert guard.admits("x", ip_address("127.0.0.1"))
    assert guard.admits("x", ip_address("::ffff:10.1.2.3"))
    assert guard.admits("RELAY.internal", ip_address("192.168.7.7"))
    assert not guard.admits("x", ip_address("127.0.0.2"))
    assert not guard.admits("x", ip_address("10.2.0.1"))
    assert not guard.admits("sub.relay.internal", ip_address("192.168.7.7"))
