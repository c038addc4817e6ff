from __future__ import annotations

import pytest

from adreel.bootstrap.settings import read_settings
from adreel.domain.errors import InputError
from adreel.server.exposure import login_reason, needs_login


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("public", [None, "http://localhost:8000", "http://127.0.0.1:8000/", "http://[::1]:8000"])
def test_a_service_that_only_its_machine_reaches_has_no_login(host: str, public: str | None) -> None:
    assert not needs_login(read_settings(public_url=public), host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "192.168.1.2", "fe80::1"])  # noqa: S104
def test_an_address_that_others_reach_makes_people_log_in(host: str) -> None:
    assert login_reason(read_settings(), host) == f"--host {host}"


@pytest.mark.parametrize(
    "public",
    ["https://studio.example", "http://10.0.0.5:8000", "http://lvh.me:8000", "http://127.0.0.1.nip.io", "https://["],
)
def test_a_public_url_that_leads_elsewhere_makes_people_log_in(public: str) -> None:
    assert login_reason(read_settings(public_url=public), "127.0.0.1") == "ADREEL_PUBLIC_URL"


def test_a_proxy_makes_people_log_in() -> None:
    assert login_reason(read_settings(trusted_proxies="127.0.0.1"), "127.0.0.1") == "ADREEL_TRUSTED_PROXIES"


def test_every_reason_is_named() -> None:
    settings = read_settings(public_url="https://studio.example", trusted_proxies="10.0.0.0/8")
    assert login_reason(settings, "10.0.0.5") == "--host 10.0.0.5 and ADREEL_PUBLIC_URL and ADREEL_TRUSTED_PROXIES"
    assert login_reason(read_settings(auth="on"), "127.0.0.1") == "ADREEL_AUTH=on"


@pytest.mark.parametrize("proxies", ["*", "proxy.internal", "10.0.0.0/33", "0.0.0.0/0"])
def test_proxies_that_cannot_be_meant_are_refused_with_the_setting(proxies: str) -> None:
    with pytest.raises(InputError, match="ADREEL_TRUSTED_PROXIES"):
        read_settings(trusted_proxies=proxies)
