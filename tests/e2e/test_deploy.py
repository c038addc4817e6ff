"""The commands, variables and health checks of `deploy/compose.yaml`, run as processes: its images are not built here."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from support import forked
from support.deployment import compose
from support.s3 import ACCESS_KEY, SECRET_KEY, S3Server
from support.service import Process
from support.small_films import SMALL_ADREEL

DOMAIN = "studio.example.com"
SECONDS = 60
VALUES = {
    "ADREEL_DOMAIN": DOMAIN,
    "ADREEL_FILES_DOMAIN": f"files.{DOMAIN}",
    "POSTGRES_PASSWORD": "of-the-database",
    "S3_SECRET_KEY": SECRET_KEY,
    "ADREEL_SECRET_KEY": "0123456789abcdef0123456789abcdef",
}
AS_CADDY_SENDS_IT = {
    "Host": DOMAIN,
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": DOMAIN,
}


@dataclass
class Container:
    """A service of the file, as a process of this machine: only names of hosts and the port are other ones."""

    service: dict[str, Any]
    folder: Path
    replaced: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ADREEL_")}
        return {**kept, **self.service["environment"], **self.replaced, "ADREEL_DATA_DIR": str(self.folder)}

    def run(self) -> subprocess.CompletedProcess[str]:
        command = [*SMALL_ADREEL, *self.service["command"]]
        return forked.run(command, cwd=self.folder, env=self.environment, timeout=SECONDS)

    def start(self, **parts: str) -> Process:
        command: list[str] = self.service["command"]
        return Process([parts.get(part, part) for part in command], self.environment, self.folder)

    def check(self, port: str) -> int:
        """The exit code of the health check, with the port at which the service is found here."""
        kind, program, *arguments = self.service["healthcheck"]["test"]
        assert (kind, program) == ("CMD", "python")
        given = [argument.replace(":8000", f":{port}") for argument in arguments]
        return subprocess.run([sys.executable, *given], capture_output=True, timeout=SECONDS, check=False).returncode


@pytest.fixture
def containers(empty_pg_database: str, s3_server: S3Server, tmp_path: Path) -> dict[str, Container]:
    services = compose(VALUES)["services"]
    replaced = {
        "ADREEL_DATABASE_URL": empty_pg_database,
        "ADREEL_S3_ENDPOINT": s3_server.endpoint,
        "ADREEL_S3_BUCKET": s3_server.bucket(),
        "ADREEL_S3_ACCESS_KEY": ACCESS_KEY,
        "ADREEL_TRUSTED_PROXIES": "127.0.0.1",
    }
    made: dict[str, Container] = {}
    for name in ("migrate", "api", "worker"):
        folder = tmp_path / name
        folder.mkdir()
        made[name] = Container(services[name], folder, replaced)
    return made


def test_the_deployment_comes_up_behind_its_proxy(containers: dict[str, Container]) -> None:
    migrated = containers["migrate"].run()
    assert migrated.returncode == 0, migrated.stderr
    worker = containers["worker"].start()
    api = containers["api"].start(**{"0.0.0.0": "127.0.0.1", "8000": "0"})  # noqa: S104
    try:
        worker.wait_for(lambda line: "worker" in line and "ready" in line)
        port = _port(api.wait_for(lambda line: "http://127.0.0.1:" in line))
        assert containers["api"].check(port) == 0
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=AS_CADDY_SENDS_IT, trust_env=False) as proxy:
            assert proxy.get("/api/sessions").status_code == 401
            assert proxy.get("/").headers["location"].startswith("/login")
            assert proxy.get("/metrics").status_code == 404
        assert worker.stop() == 0, worker.output
        assert api.stop() == 0, api.output
        assert containers["api"].check(port) != 0
    finally:
        worker.kill()
        api.kill()


def test_a_deployment_without_its_tables_says_what_to_run(containers: dict[str, Container]) -> None:
    api = containers["api"].run()
    assert api.returncode == 1
    assert "adreel db upgrade" in api.stderr


def _port(line: str) -> str:
    return line.partition("http://127.0.0.1:")[2].split("/")[0].split()[0]
