"""How much memory a film takes, with photos as phones and cameras make them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from support.cli import decoded_frames
from support.small_films import FULL_ADREEL

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="getrusage counts in other units elsewhere"
)

PEAK = "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:]).returncode; \
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024); sys.exit(code)"
"""Runs a command and prints the largest resident set of one of its processes, in MiB: `adreel` draws and encodes in its own."""


def made(folder: Path, *arguments: str | Path) -> tuple[dict[str, Any], int]:
    """The film as `adreel make --json` describes it, and the peak in MiB."""
    command = [sys.executable, "-c", PEAK, *FULL_ADREEL, "make", *map(str, arguments), "--json", "--out", "ad.mp4"]
    environment = {"ADREEL_DATA_DIR": str(folder / "data"), "ADREEL_JOBS": "2"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=550, check=False
    )
    assert done.returncode == 0, done.stderr
    *film, peak = done.stdout.splitlines()
    return json.loads("\n".join(film)), int(peak)


def picture(side: tuple[int, int], number: int, mode: str) -> Image.Image:
    """A bottle on a light ground, or cut out of it."""
    width, height = side
    image = Image.new(mode, side, (214, 222, 224, 0)[: len(mode)])
    color = (34 + 40 * number, 98, 108, 255)[: len(mode)]
    image.paste(color, (width * 3 // 10, height // 4, width * 2 // 3, height * 4 // 5))
    image.paste((240, 236, 220, 255)[: len(mode)], (width * 2 // 5, height * 9 // 20, width * 11 // 20, height // 2))
    return image


@pytest.mark.full_size
def test_two_photos_of_a_shop(tmp_path: Path) -> None:
    for number in range(2):
        picture((2160, 2160), number, "RGB").save(tmp_path / f"{number}.jpg", quality=90)
    film, peak = made(tmp_path, "0.jpg", "1.jpg", "--clip-seconds", "1.5")
    assert peak < 900
    assert (film["width"], film["height"], film["fps"]) == (1920, 1080, 30)
    assert film["frames"] == 2 * 45 + 30 == decoded_frames(tmp_path / "ad.mp4")
    assert all(check["passed"] for check in film["checks"])


@pytest.mark.full_size
@pytest.mark.long
def test_many_large_photos_take_little_more_than_two(tmp_path: Path) -> None:
    """Cut-outs of 48 megapixels: one takes 430 MB to decode."""
    picture((8000, 6000), 1, "RGBA").save(tmp_path / "0.png", compress_level=1)
    content = (tmp_path / "0.png").read_bytes()
    for number in range(1, 6):
        # What follows a picture makes it another file.
        (tmp_path / f"{number}.png").write_bytes(content + bytes([number]))
    photos = [f"{number}.png" for number in range(6)]
    _, peak = made(tmp_path, *photos, "--clip-seconds", "0.5", "--cta", "", "--music", "none")
    assert peak < 1100
