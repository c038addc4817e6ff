from __future__ import annotations

import pytest

from adreel.domain.errors import SetupError
from adreel.routers.common.guards import HostOriginPolicy
from adreel.routers.common.options import AppOptions

LOCAL = HostOriginPolicy(AppOptions(auth_required=False))
OPEN = HostOriginPolicy(AppOptions(auth_required=True))
KNOWN = HostOriginPolicy(
    AppOptions(auth_required=True, allowed_hosts=("studio.example",), public_url="https://ads.example")
)


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1:8000", "[::1]"])
def test_a_machine_serves_itself(host: str) -> None:
    assert LOCAL.is_host({"host": host})


@pytest.mark.parametrize("host", ["evil.example", "", "localhost.evil.example", "0.0.0.0", "localhost:port", "a b"])  # noqa: S104
def test_without_logins_no_other_name_is_served(host: str) -> None:
    assert not LOCAL.is_host({"host": host})


def test_with_logins_any_name_is_served_unless_names_are_listed() -> None:
    assert OPEN.is_host({"host": "any.example"})
    assert not OPEN.is_host({})
    assert KNOWN.is_host({"host": "studio.example:443"})
    assert KNOWN.is_host({"host": "ads.example"})
    assert not KNOWN.is_host({"host": "any.example"})


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://[", "https://studio.example.evil.example"])
def test_other_origins_are_refused(origin: str) -> None:
    assert not KNOWN.is_origin({"host": "studio.example", "origin": origin})


def test_our_own_origin_and_programs_pass() -> None:
    assert KNOWN.is_origin({"host": "studio.example", "origin": "https://studio.example"})
    assert KNOWN.is_origin({"host": "inner:8000", "origin": "https://ads.example"})
    assert KNOWN.is_origin({"host": "studio.example"})
    assert not KNOWN.is_origin({"host": "studio.example", "sec-fetch-site": "cross-site"})


@pytest.mark.parametrize("wrong", [{"allowed_origins": ("*",)}, {"allowed_hosts": ("*",)}, {"max_files": 0}])
def test_options_that_cannot_be_right_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SetupError):
        AppOptions(**wrong)  # pyright: ignore[reportArgumentType]
