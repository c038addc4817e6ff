from __future__ import annotations

from pathlib import Path

import pytest

from adreel.domain.errors import RefusedError
from adreel.providers.common.data_uri import data_uri, decode
from adreel.providers.replicate.files import check_host
from adreel.providers.replicate.responses import texts


@pytest.mark.parametrize(
    "url",
    [
        "https://replicate.delivery/a/b.mp4",
        "https://pbxt.replicate.delivery/a/b.mp4",
        "https://x.y.replicate.delivery:443/b.mp4",
        "http://127.0.0.1:9000/outputs/b.mp4",
        "https://cdn.example/b.mp4",
    ],
)
def test_outputs_come_from_known_hosts(url: str) -> None:
    check_host(url, {"127.0.0.1:9000", "cdn.example"})


@pytest.mark.parametrize(
    "url",
    [
        "http://replicate.delivery/a/b.mp4",
        "https://replicate.delivery.example/b.mp4",
        "https://evilreplicate.delivery/b.mp4",
        "https://replicate.delivery:8443/b.mp4",
        "https://me:word@replicate.delivery/b.mp4",
        "https://me@127.0.0.1:9000/b.mp4",
        "http://127.0.0.1:9001/b.mp4",
        "http://127.0.0.1/b.mp4",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "ftp://cdn.example/b.mp4",
        "https://[::1/b.mp4",
        "https://cdn.example:port/b.mp4",
        "",
    ],
)
def test_nothing_is_fetched_from_elsewhere(url: str) -> None:
    with pytest.raises(RefusedError):
        check_host(url, {"127.0.0.1:9000", "cdn.example"})


def test_a_data_uri_gives_back_its_content() -> None:
    assert decode(data_uri(b"\x00clip\xff", "video/mp4")) == b"\x00clip\xff"


@pytest.mark.parametrize("url", ["data:video/mp4;base64", "data:video/mp4,abc", "data:video/mp4;base64,a*b="])
def test_a_broken_data_uri_is_refused(url: str) -> None:
    with pytest.raises(RefusedError):
        decode(url)


def test_a_data_uri_of_unreasonable_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="more than 64 MiB"):
        decode("data:video/mp4;base64," + "A" * (64 * 1024 * 1024 + 4))


@pytest.mark.parametrize(
    ("output", "found"),
    [("a", ("a",)), (["a", "b"], ("a", "b")), ({"video": "a", "n": 1}, ("a",)), (None, ()), (7, ()), ([None], ())],
)
def test_outputs_come_in_several_forms(output: object, found: tuple[str, ...]) -> None:
    assert texts(output) == found
