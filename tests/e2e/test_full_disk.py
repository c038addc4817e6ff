"""No room on the disk, at every door: the command line before it renders, the service as it says that it is not ready."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import cv2
import httpx
import pytest

from adreel.domain.films.formats import FrameSize
from support.cli import Adreel
from support.pictures import moving
from support.replicate import StandIn
from support.service import Customer, serve

MODEL = "seedance-1-pro-fast"
TOO_MUCH = str(10**9)
"""Megabytes that no disk has free."""


def checks_of(address: str) -> dict[str, str]:
    return httpx.get(f"{address}/ready", trust_env=False).json()["checks"]


def until(address: str, **wanted: str) -> dict[str, str]:
    """The checks, once they say what is wanted."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        checks = checks_of(address)
        if all(checks.get(name) == state for name, state in wanted.items()):
            return checks
        time.sleep(0.2)
    raise AssertionError(f"not {wanted}: {checks_of(address)}")


@pytest.mark.parametrize("command", ["make", "compose"])
def test_the_command_line_refuses_before_it_renders(
    adreel: Adreel, photos: dict[str, Path], tmp_path: Path, command: str
) -> None:
    clip = tmp_path / "given" / "clip.avi"
    clip.parent.mkdir()
    write_clip(clip)
    source = photos["white"] if command == "make" else clip
    ran = adreel(command, source, ADREEL_MIN_FREE_MB=TOO_MUCH)
    assert ran.code == 2, ran.err
    [line] = [line for line in ran.err.splitlines() if line.startswith("adreel:")]
    assert "has no room for the clips and the film" in line
    assert "bytes" in line
    assert "Traceback" not in ran.err
    assert list(tmp_path.glob("**/*.mp4")) == []


def write_clip(path: Path) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (320, 180))
    for frame in moving(FrameSize(320, 180), 30, seed=1):
        writer.write(cv2.cvtColor(frame, cv2.COLOR_YUV2BGR_I420))
    writer.release()


def test_a_service_without_room_says_so_and_takes_nothing_on(tmp_path: Path) -> None:
    process, address = serve(tmp_path, ADREEL_MIN_FREE_MB=TOO_MUCH)
    try:
        assert until(address, disk="failed") == {
            "database": "ok",
            "migrations": "ok",
            "jobs": "ok",
            "storage": "ok",
            "disk": "failed",
        }
        session = httpx.post(f"{address}/api/sessions/create", json={}, trust_env=False).json()["session_id"]
        files = [("files", ("a.png", b"x" * 100, "image/png"))]
        refused = httpx.post(f"{address}/api/sessions/{session}/images", files=files, trust_env=False)
        assert (refused.status_code, refused.json()["type"]) == (507, "urn:adreel:problem:no-space")
    finally:
        process.stop()


def test_databases_and_storage_that_are_lost_are_named(tmp_path: Path) -> None:
    process, address = serve(tmp_path)
    try:
        assert set(until(address, disk="ok", storage="ok", jobs="ok", database="ok").values()) == {"ok"}
        (tmp_path / "engine.db").rename(tmp_path / "engine.away")
        assert until(address, jobs="failed")["database"] == "ok"
        (tmp_path / "engine.away").rename(tmp_path / "engine.db")
        (tmp_path / "adreel.db").rename(tmp_path / "adreel.away")
        assert until(address, database="failed", jobs="ok")["storage"] == "ok"
        (tmp_path / "adreel.away").rename(tmp_path / "adreel.db")
        storage = tmp_path / "storage"
        shutil.rmtree(storage)
        storage.write_text("no folder")
        assert until(address, storage="failed", database="ok")["disk"] == "ok"
        storage.unlink()
        until(address, storage="ok")
    finally:
        process.stop()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Generator[Path]:
    """A disk of its own for who may mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}M", "adreel-test", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False) if shutil.which("mount") else None
    if done is None or done.returncode != 0:
        pytest.skip("this user may not mount a small disk; what it shows is shown without one in the other tests")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)  # noqa: S607 (the system's)


def fill(disk: Path) -> Path:
    """Takes all that is left."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(64 * 1024))
    with suppress(OSError), ballast.open("ab", buffering=0) as file:
        while True:
            file.write(b"x")
    return ballast


async def test_a_paid_clip_outlives_a_full_disk(tmp_path: Path, photos: dict[str, Path], stand_in: StandIn) -> None:
    """The disk is full while the clip is being made at the provider, and has room again later: nobody restarts anything."""
    stand_in.rules(processing=2.0)
    hosted = {
        "ADREEL_REPLICATE_API_TOKEN": "any",
        "ADREEL_REPLICATE_BASE_URL": stand_in.api,
        "ADREEL_DOWNLOAD_HOSTS": stand_in.output_host,
    }
    with small_disk(tmp_path / "disk", 60) as disk:
        process, address = serve(disk, **hosted)
        try:
            async with Customer(address) as customer:
                session = await customer.start()
                images = await customer.upload(session, [photos["white"]])
                await customer.post("/api/save-approved-images", session_id=session, approved_image_ids=images)
                order = {"session_id": session, "video_prompt": "calm", "clip_duration": 2, "model": MODEL}
                await customer.post("/api/generate-clips", **order)
                wait_for(lambda: len(clips_of(stand_in)) == 1)
                ballast = fill(disk)
                assert until(address, disk="failed")["jobs"] == "ok"
                await asyncio.sleep(12)
                ballast.unlink()
                until(address, disk="ok")
                stage = await stage_of(customer, session)
                if stage == "failed":
                    # Its steps were recorded, and so its end was published: it is repeated, and nothing is bought for that.
                    assert "room" in (await customer.get(f"/api/sessions/{session}"))["error"]
                    await customer.post("/api/generate-clips", **order)
                    stage = await stage_of(customer, session)
                assert stage == "clip_selection"
            assert len(clips_of(stand_in)) == 1
        finally:
            process.stop()


async def stage_of(customer: Customer, session: str) -> str:
    """The stage at which its work ends."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        stage = (await customer.get(f"/api/sessions/{session}"))["stage"]
        if stage != "clip_generation":
            return str(stage)
        await asyncio.sleep(0.3)
    raise AssertionError("the session hangs")


def clips_of(stand_in: StandIn) -> list[str]:
    return [entry["model"] for entry in stand_in.billing()["entries"] if not entry["model"].startswith("meta")]


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
