from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from adreel.bootstrap.settings import read_settings
from adreel.bootstrap.tracing import open_tracer, traces_address
from adreel.domain.errors import SetupError
from adreel.domain.work.tracing import NO_TRACES


@pytest.mark.parametrize("value", [None, "off", "OFF", " "])
async def test_traces_are_off_unless_there_is_a_collector(value: str | None) -> None:
    async with open_tracer(read_settings(traces=value)) as tracer:
        assert tracer is NO_TRACES


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        ("https://collector.example/", "https://collector.example/v1/traces"),
        ("https://collector.example/otlp/v1/traces?a=b", "https://collector.example/otlp/v1/traces?a=b"),
    ],
)
def test_an_endpoint_without_a_path_gets_the_usual_one(endpoint: str, address: str) -> None:
    assert traces_address(endpoint) == address


@pytest.mark.parametrize("endpoint", ["127.0.0.1:4318", "grpc://127.0.0.1:4317", "http://", "http://host:port", "on"])
def test_what_is_no_address_of_a_collector_is_refused(endpoint: str) -> None:
    with pytest.raises(SetupError, match=r"ADREEL_TRACES.*http://127\.0\.0\.1:4318"):
        traces_address(endpoint)


async def test_without_the_extra_traces_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "adreel.bootstrap.open_telemetry", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(SetupError, match=r"pip install adreel\[traces\]"):
        async with open_tracer(read_settings(traces="http://127.0.0.1:4318")):
            raise AssertionError("not reached")


def test_the_service_without_traces_loads_neither_sdk_nor_exporter(tmp_path: Path) -> None:
    """It runs a worker, whose engine could bring them, in a process without the setting. FastAPI brings the bare interfaces."""
    code = """
import asyncio, sys
from adreel.bootstrap.service import open_service_context
from adreel.bootstrap.settings import read_settings
import adreel.server.run

async def main():
    async with open_service_context(read_settings(), with_worker=True):
        print([name for name in ("opentelemetry.sdk", "opentelemetry.exporter", "requests") if name in sys.modules])

asyncio.run(main())
"""
    environment = {"PATH": "/usr/bin:/bin", "ADREEL_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True, env=environment
    )
    assert done.stdout.splitlines() == ["[]"]
