"""Parses network addresses in settings, URLs and headers. Pure: no name is resolved."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from adreel.domain.errors import InputError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

IPV6_GROUP_BITS = 64
"""A subscriber is given a /64 at least (RFC 6177), so its addresses count as one client."""

_LONGEST = 100
"""Characters; an IPv6 address with brackets, zone and port is shorter."""

_BRACKETED = re.compile(r"\[([^\[\]]+)\](?::[0-9]{1,5})?")
_V4_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")


def parse_address(text: str) -> Address | None:
    """Returns the address in `text`, which may have a port, brackets or a zone; None for anything else.

    IPv4-mapped IPv6 addresses (``::ffff:192.0.2.1``) are returned as IPv4.
    """
    trimmed = text.strip()[:_LONGEST]
    match = _BRACKETED.fullmatch(trimmed) or _V4_WITH_PORT.fullmatch(trimmed)
    bare = (match[1] if match else trimmed).partition("%")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped) or address


def parse_networks(names: Iterable[str]) -> tuple[Network, ...]:
    """Parses addresses and CIDR blocks. Raises InputError for names, wildcards and blocks that hold every address."""
    return tuple(_network(name) for name in names)


def is_loopback(host: str) -> bool:
    """True for loopback addresses and for names that never leave this machine (``localhost``, RFC 6761)."""
    address = parse_address(host)
    if address is not None:
        return address.is_loopback
    name = host.lower().removesuffix(".")
    return name == "localhost" or name.endswith(".localhost")


def is_loopback_url(url: str) -> bool:
    """Whether only this machine can reach `url`. False for a URL that cannot be parsed."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return False
    return host is not None and is_loopback(host)


def client_group(client: str) -> str:
    """Returns one name for all addresses that one client can choose from: an IPv4 address, or an IPv6 /64."""
    address = parse_address(client)
    if address is None:
        return client[:_LONGEST]
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((int(address), IPV6_GROUP_BITS), strict=False))


def _network(name: str) -> Network:
    try:
        network = ipaddress.ip_network(name)
    except ValueError as error:
        raise InputError(f"{name!r} is not an address or a CIDR block such as 10.0.0.0/8: {error}") from error
    if network.prefixlen == 0:
        raise InputError(f"{name!r} holds every address there is; name the addresses of the proxies")
    return network


def is_same_origin(origin: str, host: str) -> bool:
    """True when a page of this origin (the header Origin) comes from this host (the header Host)."""
    try:
        return urlsplit(origin).netloc.lower() == host.lower() != ""
    except ValueError:
        return False
