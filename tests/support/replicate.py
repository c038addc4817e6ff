"""The stand-in for Replicate as a process of its own, and a client of its control.

A folder's conftest takes the fixtures with ``from support.replicate import stand_in, stand_in_process``.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from support import forked

Json = dict[str, Any]

STARTUP_SECONDS = 60


class StandIn:
    """A running stand-in. `api` is its API's address with the version, `outputs` its output host's, `output_host` name:port."""

    def __init__(self, *options: str) -> None:
        self.process, self.address = _started([sys.executable, "-m", "adreel.testing.replicate", *options])
        assert self.address.startswith("http://127.0.0.1:"), self.address
        self._http = httpx.Client(base_url=f"{self.address}/_control", trust_env=False, timeout=STARTUP_SECONDS)
        overview = self._http.get(f"{self.address}/_control").raise_for_status().json()
        self.api: str = overview["api"]
        self.outputs: str = overview["outputs"]
        self.webhook_secret: str = overview["webhook_secret"]
        self.output_host = self.outputs.removeprefix("http://")

    def fault(self, fault: str, **more: object) -> None:
        """Orders a fault: `times`, `on`, `model`, `seed`, `seconds`, `retry_after`, `text`."""
        self._http.post("/faults", json={"fault": fault, **more}).raise_for_status()

    def reset_faults(self) -> None:
        self._http.delete("/faults").raise_for_status()

    def waiting_faults(self) -> list[Json]:
        return self._http.get("/faults").json()

    def billing(self) -> Json:
        return self._http.get("/billing").raise_for_status().json()

    def requests(self, operation: str | None = None) -> list[Json]:
        calls: list[Json] = self._http.get("/requests").raise_for_status().json()
        return [call for call in calls if operation in (None, call["operation"])]

    def deliveries(self) -> list[Json]:
        return self._http.get("/webhooks").raise_for_status().json()

    def advance(self, seconds: float, speed: float | None = None) -> None:
        """Jumps ahead in the stand-in's time."""
        self._http.post("/clock", json={"advance": seconds, "speed": speed}).raise_for_status()

    def skew(self, seconds: float) -> None:
        """Lets the stand-in's clock differ by so many seconds from this machine's; jobs take as long as before."""
        self._http.post("/clock", json={"skew": seconds}).raise_for_status()

    def rules(self, **rules: object) -> None:
        """Sets `starting`, `processing`, `creates_per_minute`, `others_per_minute`, `burst`, `page_size`, `tokens`, `texts`,
        `alike`, `list_lag`, `log_steps`, `plans`.
        """
        self._http.post("/rules", json=rules).raise_for_status()

    def forget_model(self, name: str) -> None:
        self._http.delete(f"/models/{name}").raise_for_status()

    def learn_model(self, name: str, table: Json) -> None:
        self._http.put(f"/models/{name}", json=table).raise_for_status()

    def reset(self) -> None:
        self._http.post("/reset").raise_for_status()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self._http.close()
        os.kill(self.process.pid, how)
        self.process.wait(STARTUP_SECONDS)


def _started(command: list[str]) -> tuple[forked.Program, str]:
    """The program and the first line that it prints."""
    reading, writing = os.pipe()
    with open(reading, encoding="utf-8") as printed:  # noqa: PTH123
        with open(writing, "wb") as output, open(os.dup(2), "wb") as errors:  # noqa: PTH123
            program = forked.start(command, cwd=Path.cwd(), env=os.environ, stdout=output, stderr=errors)
        return program, printed.readline().strip()


@pytest.fixture(scope="session")
def stand_in_process() -> Iterator[StandIn]:
    running = StandIn()
    yield running
    running.stop()


@pytest.fixture
def stand_in(stand_in_process: StandIn) -> StandIn:
    """A stand-in that knows nothing yet, in real time."""
    stand_in_process.reset()
    return stand_in_process


def write_image(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (480, 270)) -> Path:
    """A picture of one colour; the format is that of the path's suffix."""
    Image.new("RGB", size, colour).save(path)
    return path


def write_large_image(path: Path) -> Path:
    """A picture of more than 256 KB, as a JPEG too."""
    noise = np.random.default_rng(0).integers(0, 256, (900, 1600, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    assert path.stat().st_size > 256 * 1024
    return path
