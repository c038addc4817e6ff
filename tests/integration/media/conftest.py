"""Clips of every kind, made on the spot with ffmpeg."""

from __future__ import annotations

from pathlib import Path

import pytest

from adreel.media.ffmpeg.process import Limits, find_ffmpeg, run
from support.pictures import ClipMaker


@pytest.fixture(scope="session")
def ffmpeg() -> Path:
    return find_ffmpeg()


@pytest.fixture(scope="session")
def make_clip(ffmpeg: Path, tmp_path_factory: pytest.TempPathFactory) -> ClipMaker:
    """``make_clip(name, *arguments)`` writes a file of that name in a folder of its own."""

    def make(name: str, *arguments: str | Path) -> Path:
        out = tmp_path_factory.mktemp("clip") / name
        run([str(part) for part in (ffmpeg, "-v", "error", *arguments, out)], limits=Limits(seconds=60))
        return out

    return make


@pytest.fixture(scope="session")
def spoken(make_clip: ClipMaker) -> Path:
    """One second of 24 moving pictures, 320x180, H.264, with a 440 Hz tone in AAC; index at the end of the file."""
    picture = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=24:d=1")
    tone = ("-f", "lavfi", "-i", "sine=f=440:d=1")
    coded = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "veryfast", "-c:a", "aac")
    return make_clip("spoken.mp4", *picture, *tone, *coded)
