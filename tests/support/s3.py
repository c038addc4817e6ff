"""A real S3 server (SeaweedFS) on this machine, for tests of what is kept in S3. A pytest plugin: it brings fixtures."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sysconfig
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import httpx
import pytest
from botocore.config import Config

from adreel.services.storage.s3_client import S3Config

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ACCESS_KEY, SECRET_KEY, REGION = "studio", "studiosecret", "us-east-1"
READY_SECONDS = 60
STARTS = 3
GRPC_OFFSET = 10_000
"""The server opens a second port for each of its own, this much higher."""

_ROLES = ("s3", "master", "volume", "filer", "admin")


@dataclass(frozen=True, slots=True)
class S3Server:
    """A running server. Each test makes a bucket of its own."""

    endpoint: str

    def client(self) -> S3Client:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            config=Config(s3={"addressing_style": "path"}),
        )

    def bucket(self) -> str:
        """A new, empty bucket."""
        name = f"test-{uuid.uuid4().hex[:12]}"
        self.client().create_bucket(Bucket=name)
        return name

    def config(self, page_size: int = 1000, part_bytes: int = 8 * 1024 * 1024) -> S3Config:
        """How to reach a new, empty bucket."""
        return S3Config(
            bucket=self.bucket(),
            region=REGION,
            endpoint=self.endpoint,
            access_key=ACCESS_KEY,
            secret_key=SECRET_KEY,
            page_size=page_size,
            part_bytes=part_bytes,
        )


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Ports below those that the system hands out, free together with their second port."""
    wanted: list[int] = []
    while len(wanted) < count:
        port = random.randint(10_240, 22_000)
        if port not in wanted and _free(port) and _free(port + GRPC_OFFSET):
            wanted.append(port)
    return wanted


def _command(folder: Path, ports: list[int]) -> list[str]:
    weed = Path(sysconfig.get_path("scripts")) / "weed"
    given = [f"-{role}.port={port}" for role, port in zip(_ROLES, ports, strict=True)]
    off = ["-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.autoCreateBucket=false"]
    return [str(weed), "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *off, *given]


def _wait_until_ready(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{endpoint}/healthz", timeout=2, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"the S3 server did not start: {log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One server for all tests of a session; stopped whatever happens."""
    process, server = _started(tmp_path_factory.mktemp("s3"))
    try:
        yield server
    finally:
        # Nothing of it is kept: no need to let it put things in order, which takes seconds.
        process.kill()
        process.wait()


def _started(folder: Path) -> tuple[subprocess.Popen[bytes], S3Server]:
    for attempt in range(1, STARTS + 1):
        place = folder / str(attempt)
        (place / "data").mkdir(parents=True)
        ports = free_ports(len(_ROLES))
        server = S3Server(f"http://127.0.0.1:{ports[0]}")
        process = _start(place, ports)
        try:
            _wait_until_ready(process, server.endpoint, place / "log.txt")
            return process, server
        except RuntimeError:
            # Somebody took a port before the server did: then it ends, and others are tried.
            process.kill()
            process.wait()
            if attempt == STARTS:
                raise
    raise AssertionError("not reached")


def _start(place: Path, ports: list[int]) -> subprocess.Popen[bytes]:
    secrets = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
    with (place / "log.txt").open("wb") as out:
        return subprocess.Popen(
            _command(place / "data", ports),
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=place,
            env={**os.environ, **secrets},
        )


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    return free_ports(1)[0]
