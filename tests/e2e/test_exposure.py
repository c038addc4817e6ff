"""Whether people log in, as ``adreel serve`` decides it from every way in."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from support.cli import Adreel
from support.service import serve

AS_NGINX_SENDS_IT = {"Host": "studio.example", "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}


@pytest.mark.parametrize(
    ("arguments", "settings", "reason"),
    [
        ((), {"ADREEL_PUBLIC_URL": "https://studio.example"}, "ADREEL_PUBLIC_URL"),
        ((), {"ADREEL_TRUSTED_PROXIES": "127.0.0.1"}, "ADREEL_TRUSTED_PROXIES"),
        (("--host", "0.0.0.0"), {}, "--host 0.0.0.0"),  # noqa: S104
    ],
)
def test_a_service_reachable_from_outside_asks_for_a_login(
    tmp_path: Path, arguments: tuple[str, ...], settings: dict[str, str], reason: str
) -> None:
    process, address = serve(tmp_path, "--no-worker", *arguments, **settings)
    try:
        assert f"login required because of {reason}" in process.output
        for headers in (AS_NGINX_SENDS_IT, {}):
            answer = httpx.get(f"{address}/api/sessions", headers=headers, trust_env=False)
            assert answer.status_code == 401
        assert httpx.get(f"{address}/metrics", headers=AS_NGINX_SENDS_IT, trust_env=False).status_code == 404
    finally:
        assert process.stop() == 0, process.output


def test_a_proxy_that_no_setting_names_is_refused(tmp_path: Path) -> None:
    process, address = serve(tmp_path, "--no-worker")
    try:
        assert "without a login" in process.output
        assert httpx.get(f"{address}/api/sessions", trust_env=False).status_code == 200
        as_sent = {**AS_NGINX_SENDS_IT, "Host": "127.0.0.1"}
        refused = httpx.get(f"{address}/api/sessions", headers=as_sent, trust_env=False)
        assert refused.status_code == 400
        assert "ADREEL_TRUSTED_PROXIES" in refused.json()["detail"]
    finally:
        assert process.stop() == 0, process.output


def test_the_data_folder_is_its_owners_also_when_it_was_not(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for _ in range(2):
        process, _ = serve(data)
        modes = {path.name: path.stat().st_mode & 0o777 for path in (data, *data.iterdir())}
        assert process.stop() == 0, process.output
        assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}
        assert {"adreel.db", "adreel.db-wal", "adreel.db-shm", "engine.db", "secret", "executor.lock"} <= set(modes)
        # As an earlier version left it.
        data.chmod(0o755)
        for path in data.iterdir():
            path.chmod(0o755 if path.is_dir() else 0o644)
        (data / "work").chmod(0o700)


def test_doctor_reports_what_others_can_read(adreel: Adreel, tmp_path: Path) -> None:
    data = tmp_path / "shared"
    data.mkdir()
    data.chmod(0o755)
    ran = adreel("doctor", ADREEL_DATA_DIR=str(data))
    assert f"note  privacy: {data} can be used by others (mode 755); run: chmod 700 {data}" in ran.out
    data.chmod(0o700)
    assert "ok    privacy" in adreel("doctor", ADREEL_DATA_DIR=str(data)).out


@pytest.mark.parametrize(
    ("url", "reported"), [("studio.example", "origin"), ("https://ada:geheim@studio.example", "***@")]
)
def test_a_public_url_that_cannot_be_one_is_one_line(adreel: Adreel, url: str, reported: str) -> None:
    ran = adreel("serve", "--port", "0", ADREEL_PUBLIC_URL=url)
    assert ran.code == 1
    assert reported in ran.err
    assert "geheim" not in ran.err + ran.out
    assert "Traceback" not in ran.err
