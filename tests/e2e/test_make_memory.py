"""How much memory a film takes, with photos as phones and cameras make them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from support.small_films import FULL_ADREEL

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="getrusage counts in other units elsewhere"
)

PEAK = "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:]).returncode; \
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024); sys.exit(code)"
"""Runs a command and prints the largest resident set of one of its processes, in MiB: `adreel` draws and encodes in its own."""


def peak_mb(folder: Path, *arguments: str | Path) -> int:
    command = [sys.executable, "-c", PEAK, *FULL_ADREEL, "make", *map(str, arguments), "--json", "--out", "ad.mp4"]
    environment = {"ADREEL_DATA_DIR": str(folder / "data"), "ADREEL_JOBS": "2"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=550, check=False
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.splitlines()[-1])


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
    assert peak_mb(tmp_path, "0.jpg", "1.jpg", "--clip-seconds", "1.5") < 900


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
    assert peak_mb(tmp_path, *photos, "--clip-seconds", "0.5", "--cta", "", "--music", "none") < 1100
