"""A whole service in this process, and the stand-in for its provider in another."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import uvicorn
from PIL import Image

from adreel.bootstrap.service import ServiceContext, open_service_context
from adreel.bootstrap.settings import Settings, read_settings
from adreel.domain.films.formats import FrameSize
from adreel.domain.sessions.session import AssetKind
from adreel.media.segments.store import file_digest
from adreel.orchestrator.video_orchestrator import VideoGenerationOrchestrator
from adreel.server.build import make_app
from adreel.server.run import settle
from adreel.services.sessions.records import NewAsset

LATENCY = 2.0
"""Seconds that the provider takes for every clip."""

MODEL = "seedance-1-pro-fast"
SECONDS = 1.0
SMALL = {"16:9": FrameSize(320, 180)}
WRITERS = ("meta/llama-4-maverick-instruct", "google/gemini-2.5-flash")
HOST = "127.0.0.1"


@contextmanager
def provider() -> Generator[str]:
    """The stand-in's address."""
    process = subprocess.Popen([sys.executable, "-m", "adreel.testing.replicate"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(30)


async def prepare(address: str) -> str:
    """Makes the stand-in take `LATENCY` for each clip, all of which are one file, and write no scenes; its output host."""
    async with httpx.AsyncClient(base_url=f"{address}/_control", trust_env=False, timeout=30) as control:
        rules: dict[str, Any] = {"starting": 0.0, "processing": LATENCY, "creates_per_minute": 60_000, "alike": True}
        (await control.post("/rules", json={**rules, "others_per_minute": 600_000})).raise_for_status()
        for model in WRITERS:
            (await control.delete(f"/models/{model}")).raise_for_status()
        return str((await control.get(f"{address}/_control")).json()["outputs"]).removeprefix("http://")


async def seconds_until_seen(api: str, clips: int) -> list[float]:
    """For each of the newest `clips` orders the seconds until its end was first seen: by a look at it, or by a webhook."""
    async with httpx.AsyncClient(trust_env=False, timeout=30, headers={"authorization": "Bearer any"}) as http:
        made = (await http.get(f"{api}/predictions")).raise_for_status().json()["results"][:clips]
        control = f"{api.removesuffix('/v1')}/_control"
        looks = (await http.get(f"{control}/requests")).json()
        webhooks = (await http.get(f"{control}/webhooks")).json()
    times = [(look["path"].rsplit("/", 1)[-1], look["at"]) for look in looks if look["operation"] == "get"]
    times += [(each["prediction"], each["at"]) for each in webhooks if each["event"] == "completed" and "at" in each]
    return [_first_seen(each["id"], datetime.fromisoformat(each["created_at"]).timestamp(), times) for each in made]


def _first_seen(prediction: str, created: float, times: Sequence[tuple[str, float]]) -> float:
    return min(at - created for each, at in times if each == prediction and at >= created + LATENCY)


def settings_for(folder: Path, address: str, outputs: str, port: int | None) -> Settings:
    """With a `port` the provider is asked for webhooks there."""
    return read_settings(
        data_dir=folder,
        hosted_clips=64,
        session_budget=1000,
        replicate_api_token="any",  # noqa: S106
        replicate_base_url=f"{address}/v1",
        replicate_creates_per_minute=60_000,
        download_hosts=outputs,
        **({"public_url": f"http://{HOST}:{port}", "webhooks": "on"} if port else {}),
    )


@asynccontextmanager
async def opened(settings: Settings, door: socket.socket | None) -> AsyncGenerator[ServiceContext]:
    """The service with a worker; behind `door` its API, for webhooks."""
    async with open_service_context(settings, with_worker=True) as desk:
        settle()
        if door is None:
            yield desk
            return
        server = uvicorn.Server(uvicorn.Config(make_app(desk, HOST), log_config=None, access_log=False))
        serving = asyncio.create_task(server.serve(sockets=[door]))
        while not server.started:  # noqa: ASYNC110 (a server tells by this flag only)
            await asyncio.sleep(0.01)
        try:
            yield desk
        finally:
            server.should_exit = True
            await serving


def small(desk: ServiceContext) -> VideoGenerationOrchestrator:
    """The service's orchestrator, but its clips are small: what is measured is not the encoder."""
    core, worker = desk.core, desk.worker
    assert worker is not None
    return VideoGenerationOrchestrator(
        core.sessions, core.ledger, core.progress, worker.engine, core.catalogue.videos, core.providers, SMALL
    )


async def new_session(desk: ServiceContext, user: str, clips: int, seed: int) -> str:
    """A session with so many photos approved, unlike those of any other seed."""
    core = desk.core
    session = await core.sessions.create(user, seed=seed)
    photos = await asyncio.to_thread(lambda: [_photo(desk, session.id, seed * 1000 + n) for n in range(clips)])
    added = await core.sessions.add_images(user, session.id, photos)
    await core.sessions.approve_images(user, session.id, [image.id for image in added])
    return session.id


def _photo(desk: ServiceContext, session_id: str, number: int) -> NewAsset:
    key = f"sessions/{session_id}/images/{number}.png"
    path = desk.core.storage.local_path(key)
    assert path is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(number).integers(0, 256, (9, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((480, 270)).save(path)
    size = path.stat().st_size
    return NewAsset(AssetKind.IMAGE, key, file_digest(path), "image/png", size, view_type="front")


def open_door() -> socket.socket:
    """Where the API is reached, as `adreel serve` opens it."""
    door = socket.create_server((HOST, 0))
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door
