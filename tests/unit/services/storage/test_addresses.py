from __future__ import annotations

import pickle

import pytest

from adreel.domain.errors import DownloadError, StorageError
from adreel.services.storage.addresses import is_public
from adreel.services.storage.download_types import shown


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1",
     "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"],
)  # fmt: skip
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "::1",  # this machine
        "0.0.0.0", "0.1.2.3", "::",  # nobody, which means this machine to some systems  # noqa: S104
        "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd00::1", "fc00::1", "fec0::1",  # our network
        "169.254.169.254", "fe80::1", "fe80::1%eth0", "fd00:ec2::254",  # link, metadata
        "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16",  # carriers, metadata of other clouds
        "224.0.0.1", "239.1.1.1", "ff02::1", "255.255.255.255", "240.0.0.1",  # many, reserved
        "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1",  # papers, benchmarks
        "192.88.99.1", "2002:7f00:1::1", "2002:a00:1::", "2002:c0a8:101::1", "2001::1",  # 6to4, Teredo
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",  # IPv4 within IPv6
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808",  # through NAT64
        "4000::1", "100::1", "", "photos.example", "127.1", "1",  # not given out, no address
    ],
)  # fmt: skip
def test_all_others_are_not(address: str) -> None:
    assert not is_public(address)


def test_urls_are_shown_without_what_is_secret() -> None:
    url = "https://me:word@photos.example:8443/a.mp4?X-Amz-Signature=1#part"
    assert shown(url) == "https://photos.example:8443/a.mp4"
    assert shown("https://[::1") == "this URL"
    assert len(shown("https://photos.example/" + "a" * 1000)) == 200


def test_errors_keep_their_decision_when_they_travel_between_processes() -> None:
    error = pickle.loads(pickle.dumps(DownloadError("gone", retryable=False)))  # noqa: S301
    assert isinstance(error, StorageError)
    assert (str(error), error.retryable) == ("gone", False)
    assert StorageError("full").retryable
