"""The service as people run it: processes of the command line, and a client that goes through a film's whole making."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import connect

from support.forked import start
from support.small_films import FULL_ADREEL, SMALL_ADREEL

READY_SECONDS = 60
JOB_SECONDS = 240
_ADDRESS = re.compile(r"http://[\w.:\[\]-]+")


class Process:
    """One ``adreel`` process, whose films are small unless `full_size`. Its output is kept, for the message of a failing test."""

    def __init__(self, args: list[str], environment: Mapping[str, str], cwd: Path, *, full_size: bool = False) -> None:
        self.args = args
        self.lines: list[str] = []
        command = [*(FULL_ADREEL if full_size else SMALL_ADREEL), *args]
        reading, writing = os.pipe()
        with open(writing, "wb") as output:  # noqa: PTH123 (a pipe)
            environment = {**_clean_environment(), **environment}
            self._process = start(command, cwd=cwd, env=environment, stdout=output, stderr=output)
        self._output = reading
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_for(self, found: Callable[[str], bool]) -> str:
        """The first line that `found` takes, once it has been printed."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            for line in list(self.lines):
                if found(line):
                    return line
            assert self._process.poll() is None, f"adreel {' '.join(self.args)} ended:\n{self.output}"
            time.sleep(0.02)
        raise AssertionError(f"adreel {' '.join(self.args)} says nothing of that:\n{self.output}")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Asks it to stop, as a terminal or an init system does, and gives its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"adreel {' '.join(self.args)} does not stop:\n{self.output}") from None
        finally:
            self._reader.join(5)

    def _read(self) -> None:
        with open(self._output, encoding="utf-8") as output:  # noqa: PTH123 (a pipe)
            for line in output:
                self.lines.append(line.rstrip("\n"))


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("ADREEL_")}


def serve(data: Path, *args: str, **settings: str) -> tuple[Process, str]:
    """``adreel serve`` on a free port, and its address once it answers. Its films are small."""
    return _serve(data, args, settings, full_size=False)


def serve_full_size(data: Path, *args: str, **settings: str) -> tuple[Process, str]:
    return _serve(data, args, settings, full_size=True)


def _serve(data: Path, args: Sequence[str], settings: Mapping[str, str], *, full_size: bool) -> tuple[Process, str]:
    environment = {"ADREEL_DATA_DIR": str(data), **settings}
    process = Process(["serve", "--port", "0", *args], environment, data, full_size=full_size)
    try:
        line = process.wait_for(lambda line: _ADDRESS.search(line) is not None)
    except AssertionError:
        process.kill()
        raise
    found = _ADDRESS.search(line)
    assert found is not None
    return process, found.group()


def work(data: Path, **settings: str) -> Process:
    """``adreel worker``, once it takes work. Its films are small."""
    return _work(data, settings, full_size=False)


def work_full_size(data: Path, **settings: str) -> Process:
    return _work(data, settings, full_size=True)


def _work(data: Path, settings: Mapping[str, str], *, full_size: bool) -> Process:
    process = Process(["worker"], {"ADREEL_DATA_DIR": str(data), **settings}, data, full_size=full_size)
    try:
        process.wait_for(lambda line: "worker" in line and "ready" in line)
    except AssertionError:
        process.kill()
        raise
    return process


@dataclass
class Listener:
    """Everything that the WebSocket of one session has told."""

    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    heartbeats: int = 0

    @property
    def stages(self) -> list[str]:
        """Stages in order, each once for as long as it lasted."""
        told = [event["stage"] for event in self.events]
        return [stage for index, stage in enumerate(told) if index == 0 or told[index - 1] != stage]

    def of(self, stage: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["stage"] == stage]

    async def listen(self, url: str, headers: Mapping[str, str]) -> None:
        async with connect(url, additional_headers=dict(headers)) as socket:
            async for message in socket:
                told = json.loads(message)
                if told.get("type") == "heartbeat":
                    self.heartbeats += 1
                else:
                    self.events.append(told)

    async def until(self, is_it: Callable[[dict[str, Any]], bool], after: int = 0) -> dict[str, Any]:
        """The first event with a higher number than `after` for which `is_it` holds."""
        deadline = time.monotonic() + JOB_SECONDS
        while time.monotonic() < deadline:
            for event in self.events:
                if event["seq"] > after and is_it(event):
                    return event
            await asyncio.sleep(0.02)
        raise AssertionError(f"that was not told; the last events were {self.events[-5:]}")


class Customer:
    """Goes through the making of a film over HTTP and the WebSocket, as a program of a customer would."""

    def __init__(self, base: str, headers: Mapping[str, str] | None = None) -> None:
        self.headers = dict(headers or {})
        self.http = httpx.AsyncClient(base_url=base, headers=self.headers, timeout=60, trust_env=False)
        self.listener = Listener()
        self._base = base
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Customer:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])
        await self.http.aclose()

    async def get(self, path: str) -> dict[str, Any]:
        return _answer(await self.http.get(path))

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        return _answer(await self.http.post(path, json=body))

    async def start(self, product_prompt: str = "") -> str:
        """A new session that is listened to from its first event."""
        session = await self.post("/api/sessions/create", product_prompt=product_prompt)
        assert set(session) >= {"session_id", "stage", "created_at"}
        assert session["stage"] == "created"
        self.listen(str(session["session_id"]))
        return str(session["session_id"])

    def listen(self, session_id: str, after: int = 0) -> None:
        address = self._base.replace("http", "ws", 1)
        url = f"{address}/ws/{session_id}?after={after}"
        self._listening = asyncio.create_task(self.listener.listen(url, self.headers))

    async def upload(self, session_id: str, photos: list[Path]) -> list[str]:
        files = [("files", (photo.name, photo.read_bytes(), "image/jpeg")) for photo in photos]
        answer = _answer(await self.http.post(f"/api/sessions/{session_id}/images", files=files))
        return [image["id"] for image in answer["images"]]

    async def clips(
        self, session_id: str, seconds: float, prompt: str = "calm", model: str = "local"
    ) -> list[dict[str, Any]]:
        """All clips, once every one of them is made."""
        seen = len(self.listener.events)
        started = await self.post(
            "/api/generate-clips", session_id=session_id, video_prompt=prompt, clip_duration=seconds, model=model
        )
        assert started["status"] == "processing"
        await self.listener.until(lambda event: event["stage"] in ("clip_selection", "failed"), seen)
        return list((await self.get(f"/api/sessions/{session_id}"))["generated_clips"])

    async def compose(self, session_id: str, **wishes: Any) -> dict[str, Any]:
        """The session, once its film is made."""
        seen = len(self.listener.events)
        started = await self.post("/api/compose-final-video", session_id=session_id, **wishes)
        assert started["status"] == "processing"
        await self.listener.until(lambda event: event["stage"] in ("complete", "failed"), seen)
        return await self.get(f"/api/sessions/{session_id}")

    async def download(self, url: str, path: Path) -> Path:
        answer = await self.http.get(url, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        path.write_bytes(answer.content)
        return path


def _answer(response: httpx.Response) -> dict[str, Any]:
    assert response.is_success, (
        f"{response.request.method} {response.request.url}: {response.status_code} {response.text}"
    )
    return response.json()
