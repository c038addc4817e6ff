"""The command line as a person runs it, and films as ffmpeg sees them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imageio_ffmpeg


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def film(self) -> dict[str, Any]:
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def path(self) -> Path:
        return Path(self.film["video"])


Adreel = Callable[..., Ran]


def decoded_frames(film: Path) -> int:
    """Frames that ffmpeg decodes without complaint."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-xerror", "-err_detect", "explode", "-i", str(film)]
    done = subprocess.run(
        [*command, "-map", "0:v", "-map", "0:a?", "-progress", "pipe:1", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return int([line for line in done.stdout.splitlines() if line.startswith("frame=")][-1].split("=")[1])
