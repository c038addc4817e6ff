"""Two users of one service, one of whom asks for everything at once: what the other waits for.

One `adreel serve` with SQLite, its embedded worker and login. The modest user has one clip at a time made, of a new photo each
time, first alone, then while the greedy one keeps 32 long clips ordered and uploads photos and asks for cards without a pause.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

HEADING = "## A greedy user"
SETTINGS = {"ADREEL_AUTH": "on", "ADREEL_LIMIT_JOBS": "unlimited", "ADREEL_LIMIT_SESSIONS_PER_HOUR": "unlimited"}
"""What the service is started with: login, and no limit that would keep the greedy user from being greedy."""

JOBS, CLIPS, SHORT = 8, 4, 1.0
"""Jobs that the greedy user has under way, clips of each, and seconds of a clip of the modest user."""

UPLOADERS, PREVIEWERS = 6, 6
_PATIENCE = 300.0
_LOOK = 0.5
"""Seconds between two looks of the greedy user at a job: greed for work is measured here, not a flood of reads."""


@dataclass
class Waits:
    """Seconds that the modest user waited, by what was asked for."""

    upload: list[float] = field(default_factory=list[float])
    card: list[float] = field(default_factory=list[float])
    clip: list[float] = field(default_factory=list[float])


@dataclass
class Greed:
    """`long` is how many seconds the greedy user's clips have."""

    long: float
    alone: Waits = field(default_factory=Waits)
    beside: Waits = field(default_factory=Waits)
    long_clips: list[float] = field(default_factory=list[float])
    """Seconds that the greedy user's clips took, each from the beginning of its drawing."""


def add_users(folder: Path) -> tuple[str, str]:
    """API keys of the modest and of the greedy user, in the service's folder."""
    return _key(folder, "modest@example.com"), _key(folder, "greedy@example.com")


def _key(folder: Path, email: str) -> str:
    def run(*arguments: str, given: str = "") -> str:
        command = [sys.executable, "-m", "adreel", "user", *arguments]
        environment = {**os.environ, "ADREEL_DATA_DIR": str(folder)}
        return subprocess.run(
            command, input=given, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    run("add", email, given="a password of the benchmark\n")
    return run("key", email)


class User:
    def __init__(self, base: str, key: str, photos: Iterator[int]) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self.http = httpx.AsyncClient(base_url=base, timeout=_PATIENCE, trust_env=False, headers=headers)
        self._photos = photos

    async def create(self) -> str:
        return str((await self._post("/api/sessions/create", product_prompt="load"))["session_id"])

    async def upload(self, session_id: str, count: int = 1) -> list[str]:
        files = [("files", (f"{n}.png", picture(next(self._photos)), "image/png")) for n in range(count)]
        answer = (await self.http.post(f"/api/sessions/{session_id}/images", files=files)).raise_for_status()
        return [image["id"] for image in answer.json()["images"]]

    async def card(self, session_id: str) -> None:
        overlay = {"product_name": f"Mug {next(self._photos)}", "color": "#aa3322"}
        body = {"kind": "intro", "text_overlay": overlay}
        answer = await self.http.post(f"/api/sessions/{session_id}/card-preview", json=body)
        if answer.status_code != 429:
            answer.raise_for_status()

    async def start(self, session_id: str, images: list[str], seconds: float) -> None:
        await self._post("/api/save-approved-images", session_id=session_id, approved_image_ids=images)
        await self._post("/api/generate-clips", session_id=session_id, clip_duration=seconds, model="local")

    async def until_made(self, session_id: str, pause: float = 0.05) -> dict[str, Any]:
        deadline = time.perf_counter() + _PATIENCE
        while time.perf_counter() < deadline:
            session = (await self.http.get(f"/api/sessions/{session_id}")).raise_for_status().json()
            if session["stage"] != "clip_generation":
                return session
            await asyncio.sleep(pause)
        raise TimeoutError(f"session {session_id} is not done after {_PATIENCE:.0f} s")

    async def _post(self, path: str, **body: object) -> dict[str, Any]:
        return (await self.http.post(path, json=body)).raise_for_status().json()


def picture(number: int) -> bytes:
    """A product on a plain ground, another one for each number."""
    image, file = Image.new("RGB", (700, 500), (235, 232, number % 200 + 30)), io.BytesIO()
    image.paste((200, 40 + number * 7 % 150, 60), (200 + number % 40, 80, 440, 300))
    image.save(file, "PNG")
    return file.getvalue()


async def measure(base: str, modest_key: str, greedy_key: str, rounds: int, long: float) -> Greed:
    found = Greed(long)
    modest = User(base, modest_key, itertools.count())
    await _modestly(modest, found.alone, 1)
    found.alone = Waits()
    await _modestly(modest, found.alone, rounds)
    with _greedy_process(base, greedy_key, long, found.long_clips):
        await asyncio.sleep(30)
        await _modestly(modest, found.beside, rounds)
    return found


@contextmanager
def _greedy_process(base: str, key: str, long: float, long_clips: list[float]) -> Generator[None]:
    """The greedy user is a process of its own: in that of the modest one, the photos that it paints would keep the modest one's
    answers waiting for their reader. Raises RuntimeError if the service turned it away."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_be_greedy, args=(base, key, long, theirs))
    process.start()
    try:
        yield
        ours.send("stop")
        if not ours.poll(_PATIENCE):
            raise RuntimeError("the greedy user does not answer")
        failure, times = ours.recv()
    finally:
        process.kill()
        process.join()
    long_clips += times
    if failure:
        raise RuntimeError(f"the greedy user was turned away: {failure}")


def _be_greedy(base: str, key: str, long: float, end: Connection) -> None:
    os.nice(10)  # Its painting of photos is no work of the service: on two machines it would be on the other one.
    end.send(asyncio.run(_greedily_until(end, User(base, key, itertools.count(1_000_000)), Greed(long))))


async def _greedily_until(end: Connection, user: User, found: Greed) -> tuple[str, list[float]]:
    tasks = [asyncio.create_task(work) for work in _greedily(user, found)]
    await asyncio.to_thread(end.recv)
    for task in tasks:
        task.cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    failures = [repr(one) for one in done if isinstance(one, Exception)]
    return (failures[0] if failures else "", found.long_clips)


async def _modestly(user: User, waits: Waits, rounds: int) -> None:
    for _ in range(rounds):
        session_id = await user.create()
        images = await _timed(waits.upload, lambda one=session_id: user.upload(one))
        await _timed(waits.card, lambda one=session_id: user.card(one))
        started = time.perf_counter()
        await user.start(session_id, images, SHORT)
        session = await user.until_made(session_id)
        if session["stage"] != "clip_selection":
            raise RuntimeError(f"session {session_id} came to {session['stage']}")
        waits.clip.append(time.perf_counter() - started)


def _greedily(user: User, found: Greed) -> list[Any]:
    async def jobs() -> None:
        while True:
            session_id = await user.create()
            await user.start(session_id, await user.upload(session_id, CLIPS), found.long)
            session = await user.until_made(session_id, _LOOK)
            found.long_clips += [clip["generation_time"] for clip in session["generated_clips"]]

    async def uploads() -> None:
        session_id = await user.create()
        while True:
            await user.upload(session_id)

    async def cards() -> None:
        session_id = await user.create()
        while True:
            await user.card(session_id)

    return [
        *(jobs() for _ in range(JOBS)),
        *(uploads() for _ in range(UPLOADERS)),
        *(cards() for _ in range(PREVIEWERS)),
    ]


async def _timed(seconds: list[float], work: Callable[[], Awaitable[object]]) -> Any:  # noqa: ANN401 (whatever it answers)
    started = time.perf_counter()
    answer = await work()
    seconds.append(time.perf_counter() - started)
    return answer


def p95(values: list[float]) -> float:
    """Of what was measured: no value beyond the longest is made up for few rounds."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


BOUND = 2.0
"""How many times as long as alone the modest user may wait, at the 95th percentile."""


def _rows(found: Greed) -> list[tuple[str, list[float], list[float]]]:
    return [
        ("a photo uploaded and checked", found.alone.upload, found.beside.upload),
        ("a title card drawn", found.alone.card, found.beside.card),
        (f"a clip of {SHORT:.0f} s, from the request to its end", found.alone.clip, found.beside.clip),
    ]


def faults(found: Greed) -> list[str]:
    return [
        f"the modest user waited {p95(beside):.2f} s for {what}, and {p95(alone):.2f} s alone"
        for what, alone, beside in _rows(found)
        if p95(beside) > BOUND * p95(alone)
    ]


def section(found: Greed) -> str:
    table = "\n".join(
        f"| {what} | {_seconds(alone)} | {_seconds(beside)} | {p95(beside) / p95(alone):.1f} |"
        for what, alone, beside in _rows(found)
    )
    longest = max(found.long_clips, default=None)
    own = (
        "No clip of the greedy user ended meanwhile: it made way"
        if longest is None
        else f"A clip of the greedy user took up to {longest:.1f} s, with the time in which it made way"
    )
    return f"""{HEADING}

`make load` wrote this too: one service as above, with login, on {os.cpu_count()} cores. One user keeps {JOBS} jobs under way,
of {CLIPS} clips of {found.long:.0f} s each, looked at twice a second, with {UPLOADERS} uploads and {PREVIEWERS} title cards,
without a pause and with no limit on jobs, from a process of low priority. The other asks for one thing after the other,
{len(found.alone.clip)} times alone and {len(found.beside.clip)} times beside the first. In seconds: median, 95th percentile
and the longest, often that of the first request, before which the greedy user was alone:

| what the other user waits for | alone | beside the greedy user | p95, times |
|---|---|---|---|
{table}

All within {BOUND:.0f} times: {"yes" if not faults(found) else "NO"}. {own} (decision 0132).
"""


def _seconds(values: list[float]) -> str:
    return f"{statistics.median(values):.2f}, {p95(values):.2f}, {max(values):.2f}"


def run(base: str, folder: Path, rounds: int, long: float) -> Greed:
    """Measures a service that runs in `folder` with `SETTINGS`."""
    return asyncio.run(measure(base, *add_users(folder), rounds, long))
