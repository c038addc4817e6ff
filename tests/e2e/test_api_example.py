"""The example of the README makes a film over the API, and webhooks report the ends of its jobs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

from support.service import serve
from support.webhook_receiver import receiving

ROOT = Path(__file__).parents[2]
PHOTO = ROOT / "examples" / "mug" / "mug-front.jpg"


@contextmanager
def serving(data: Path, **settings: str) -> Generator[str]:
    data.mkdir()
    process, address = serve(data, **settings)
    try:
        yield address
    finally:
        process.stop()


def example(folder: Path, photo: Path, address: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "examples" / "api.py", photo, "--address", address]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)


def test_the_example_waits_finds_ids_and_saves_the_film(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path / "data", ADREEL_WEBHOOK_HOSTS=receiver.host) as address:
        made = httpx.post(f"{address}/api/account/webhooks", json={"url": receiver.url}, trust_env=False)
        assert made.status_code == 201, made.text
        receiver.secret = made.json()["secret"]
        done = example(tmp_path, PHOTO, address)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "ad.mp4").stat().st_size > 1000
        receiver.wait(lambda found: len(found.accepted) == 2)
    assert [(each["type"], each["data"]["action"]) for each in receiver.accepted] == [
        ("job.completed", "generate clips"),
        ("job.completed", "compose the final video"),
    ]
    assert receiver.refused == []


def test_the_example_says_why_it_ends(tmp_path: Path) -> None:
    text = tmp_path / "photo.jpg"
    text.write_text("this is no photo")
    with serving(tmp_path / "data") as address:
        done = example(tmp_path, text, address)
    assert done.returncode == 1
    assert "is not a picture that adreel reads" in done.stderr
