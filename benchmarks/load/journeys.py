"""Sessions that go all the way from one photo to a film, and readers who look at them meanwhile."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks.load.listeners import Ear

SEED = 7
"""One seed and one photo for all: the first session draws the clip, the others find it. The load is on the service."""


class Client:
    """A customer's program. `reads` holds the seconds that each GET of a session took."""

    def __init__(self, base: str) -> None:
        limits = httpx.Limits(max_connections=50)
        self.http = httpx.AsyncClient(base_url=base, timeout=120, trust_env=False, limits=limits)
        self.reads: list[float] = []

    async def create(self) -> str:
        return str((await self._post("/api/sessions/create", product_prompt="load", seed=SEED))["session_id"])

    async def journey(self, ear: Ear, photo: Path) -> None:
        """Upload, approve, clips, approve, film; each step begins when the listener has been told that the last is done."""
        session_id = ear.session_id
        files = [("files", ("photo.jpg", photo.read_bytes(), "image/jpeg"))]
        answer = (await self.http.post(f"/api/sessions/{session_id}/images", files=files)).raise_for_status().json()
        images = [image["id"] for image in answer["images"]]
        await self._post("/api/save-approved-images", session_id=session_id, approved_image_ids=images)
        await self._post("/api/generate-clips", session_id=session_id, clip_duration=0.5, model="local")
        await _until(ear, "clip_selection")
        clips = [clip["id"] for clip in (await self.read(session_id))["generated_clips"]]
        await self._post("/api/save-approved-clips", session_id=session_id, approved_clip_ids=clips)
        await self._post("/api/compose-final-video", session_id=session_id, text_overlay={"cta": "Order yours"})
        await _until(ear, "complete")

    async def read(self, session_id: str) -> dict[str, Any]:
        started = time.perf_counter()
        answer = (await self.http.get(f"/api/sessions/{session_id}")).raise_for_status()
        self.reads.append(time.perf_counter() - started)
        return answer.json()

    async def look_around(self, sessions: list[str], pause: float) -> None:
        """Reads one session after another, for as long as the task lives."""
        chance = random.Random(1)  # noqa: S311
        while True:
            await self.read(chance.choice(sessions))
            await asyncio.sleep(pause)

    async def _post(self, path: str, **body: object) -> dict[str, Any]:
        return (await self.http.post(path, json=body)).raise_for_status().json()


async def _until(ear: Ear, stage: str) -> None:
    while ear.stage != stage:
        if ear.stage == "failed":
            raise RuntimeError(f"session {ear.session_id} failed")
        await asyncio.sleep(0.05)
