from __future__ import annotations

import pytest

from adreel.domain.errors import InputError
from adreel.domain.network import client_group, is_loopback, is_loopback_url, parse_address, parse_networks


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7:4711 ", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[::ffff:203.0.113.7]:1", "203.0.113.7"),
    ],
)
def test_an_address_is_read_with_or_without_port_brackets_and_zone(text: str, address: str) -> None:
    assert str(parse_address(text)) == address


@pytest.mark.parametrize(
    "text", ["", "unknown", "_hidden", "127.1", "2130706433", "1.2.3.4.5", "1.2.3.4:", "[::1", "::1]", "a" * 10_000]
)
def test_what_is_no_address_is_none(text: str) -> None:
    assert parse_address(text) is None


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1", "localhost", "LOCALHOST.", "a.localhost"]
)
def test_these_never_leave_the_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",  # noqa: S104
        "::",
        "",
        "10.0.0.1",
        "192.168.1.5",
        "fe80::1",
        "localhost.example",
        "127.0.0.1.nip.io",
        "lvh.me",
        "127.1",
    ],
)
def test_these_may_be_reached_from_elsewhere(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("url", "is_private"),
    [
        ("http://localhost:8000", True),
        ("http://127.0.0.2", True),
        ("http://[::1]:8000", True),
        ("https://studio.example", False),
        ("https://localhost@studio.example", False),
        ("https://studio.example#localhost", False),
        ("http://127.0.0.1.nip.io", False),
        ("http://[::1", False),
        ("localhost", False),
    ],
)
def test_a_url_is_private_only_when_its_host_is_loopback(url: str, *, is_private: bool) -> None:
    assert is_loopback_url(url) is is_private


def test_networks_are_addresses_or_blocks() -> None:
    assert [str(network) for network in parse_networks(("127.0.0.1", "10.0.0.0/8", "fd00::/8"))] == [
        "127.0.0.1/32",
        "10.0.0.0/8",
        "fd00::/8",
    ]


@pytest.mark.parametrize("name", ["*", "proxy", "10.0.0.1/8", "0.0.0.0/0", "::/0", "10.0.0.0/33", "1.2.3.4:80"])
def test_networks_that_cannot_be_meant_are_refused_by_name(name: str) -> None:
    with pytest.raises(InputError, match=r"'.+'"):
        parse_networks((name,))


def test_addresses_that_one_client_can_choose_from_are_one_group() -> None:
    assert client_group("2001:db8:1:2::1") == client_group("[2001:db8:1:2:ffff::9]:80")
    assert client_group("2001:db8:1:2::1") != client_group("2001:db8:1:3::1")
    assert client_group("::ffff:192.0.2.1") == client_group("192.0.2.1:5") == "192.0.2.1"
    assert client_group("192.0.2.1") != client_group("192.0.2.2")
    assert client_group("unknown") == "unknown"
