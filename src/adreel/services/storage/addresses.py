"""Restricts downloads to addresses of the public internet, so that no URL reaches the internal network."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from adreel.domain.errors import DownloadError

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host name and port → addresses, best first. Raises DownloadError."""

_INNER_V4 = (
    IPv4Network("100.64.0.0/10"),  # behind a carrier's own translation, metadata of some clouds
    IPv4Network("192.0.0.0/24"),  # protocol assignments, metadata of some clouds
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
    IPv4Network("198.18.0.0/15"),  # benchmarks
    IPv4Network("168.63.129.16/32"),  # a public address by which a cloud's machines reach their host
)
_PUBLIC_V6 = IPv6Network("2000::/3")
_INNER_V6 = (
    IPv6Network("2001::/23"),  # protocol assignments, Teredo among them
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("3fff::/20"),  # documentation
)
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """True for a unicast address of the public internet. An address that embeds an IPv4 address is judged by that one."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return _public_v4(found) if isinstance(found, IPv4Address) else _public_v6(found)


async def resolve(host: str, port: int) -> Sequence[str]:
    """The Resolver of the operating system."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        again = error.errno == socket.EAI_AGAIN
        raise DownloadError(f"the address of {host} cannot be found: {error.strerror}", retryable=again) from error
    except (OSError, UnicodeError) as error:
        raise DownloadError(f"the address of {host} cannot be found", retryable=False) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _public_v4(address: IPv4Address) -> bool:
    inner = address.is_private or address.is_loopback or address.is_link_local or address.is_unspecified
    special = address.is_multicast or address.is_reserved or any(address in network for network in _INNER_V4)
    return not inner and not special


def _public_v6(address: IPv6Address) -> bool:
    embedded = _embedded_v4(address)
    if embedded is not None:
        return _public_v4(embedded)
    special = address.is_private or address.is_multicast or address.is_reserved or address.is_link_local
    return address in _PUBLIC_V6 and not special and not any(address in network for network in _INNER_V6)


def _embedded_v4(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that traffic to this one reaches: mapped, through NAT64, by 6to4."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour
