"""Measures the encoder profiles against each other and writes docs/encoder-profiles.md: ``python -m benchmarks.profiles``.

Frames are the local engine's, half of them with film grain; quality is VMAF of ffmpeg's libvmaf, against the frames themselves.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.formats import FPS, FrameSize
from adreel.domain.films.scene import ApprovedImage, CameraMovement, Scene, ViewType
from adreel.domain.ports import Shot
from adreel.media.ffmpeg.process import find_ffmpeg
from adreel.media.photos.photo import load_photo
from adreel.media.segments.encoder import SegmentEncoder
from adreel.providers.local.engine import LocalEngine

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "encoder-profiles.md"
SIZE, FRAMES = FrameSize(1080, 1920), 45
PROFILES = (EncoderProfile.STANDARD, EncoderProfile.FAST, EncoderProfile.RENEWED)
PHOTOS = ("mug/mug-angle.jpg", "mug/mug-detail.jpg", "mug/mug-front.jpg")
_MOVES = (CameraMovement.PUSH_IN, CameraMovement.PAN_RIGHT, CameraMovement.PUSH_IN)
_GRAIN = 5.0
"""Standard deviation of the grain in luma steps."""

Frames = list[npt.NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class Encoded:
    """`cpu` seconds for each second of film, `size` in bytes, VMAF of the mean and of the worst frame."""

    clip: str
    profile: EncoderProfile
    cpu: float
    size: int
    mean: float
    least: float


def clips() -> Iterator[tuple[str, Frames]]:
    """Six clips of 1.5 seconds, three of them with grain."""
    engine = LocalEngine(load_photo)
    for number, (photo, move) in enumerate(zip(PHOTOS, _MOVES, strict=True)):
        image = ApprovedImage(id="image", view_type=ViewType.FRONT, path=ROOT / "examples" / photo)
        shot = Shot(image, Scene(ViewType.FRONT, "", move, 0.6), SIZE, FRAMES, number)
        frames = [frame.copy() for frame in engine.frames(shot)]
        yield Path(photo).stem, frames
        random = np.random.default_rng(number)
        yield f"{Path(photo).stem}, grain", [_grained(frame, random) for frame in frames]


def _grained(frame: npt.NDArray[np.uint8], random: np.random.Generator) -> npt.NDArray[np.uint8]:
    grained = frame.astype(np.float32)
    grained[: SIZE.height] += random.normal(0, _GRAIN, (SIZE.height, SIZE.width)).astype(np.float32)
    return np.clip(grained, 16, 235).astype(np.uint8)


def encoded(name: str, frames: Frames, profile: EncoderProfile, folder: Path, raw: Path) -> Encoded:
    film = folder / "film.mp4"
    began = time.process_time()
    with SegmentEncoder(film, SIZE, len(frames), profile=profile) as encoder:
        for frame in frames:
            encoder.write(frame)
    cpu = (time.process_time() - began) / len(frames) * FPS
    mean, least = vmaf(film, raw, folder / "vmaf.json")
    return Encoded(name, profile, cpu, film.stat().st_size, mean, least)


def vmaf(film: Path, raw: Path, log: Path) -> tuple[float, float]:
    """VMAF of a film against raw frames: the mean, and that of the worst frame."""
    size = f"{SIZE.width}x{SIZE.height}"
    pictures = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-r", str(FPS), "-i", str(raw)]
    chain = f"libvmaf=log_fmt=json:log_path={log}:n_threads=2"
    command = [str(find_ffmpeg()), "-v", "error", "-i", str(film), *pictures, "-lavfi", chain, "-f", "null", "-"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    found = json.loads(log.read_text(encoding="utf-8"))["pooled_metrics"]["vmaf"]
    return found["mean"], found["min"]


def page(found: list[Encoded]) -> str:
    rows = "\n".join(
        f"| {each.clip} | {each.profile} | {each.cpu:.2f} | {each.size / 1000:.0f} | {each.mean:.2f} | {each.least:.2f} |"
        for each in found
    )
    count, cores, load = len(found) // len(PROFILES), os.cpu_count(), os.getloadavg()[0]
    return f"""# Encoder profiles

Measured by `make profiles` on {datetime.now(UTC):%Y-%m-%d}: {count} clips of {FRAMES / FPS:g} s, 9:16 at full size, drawn by the
local engine from the example photos, every second one with artificial grain (standard deviation {_GRAIN:g}). One thread; CPU
seconds are for a second of film, and with other work on the machine (load average {load:.1f} on {cores} cores) only their ratios
count. VMAF is that of libvmaf in the ffmpeg that adreel ships with (model vmaf_v0.6.1), against the frames before encoding.

| clip | profile | CPU s | kB | VMAF mean | worst frame |
|---|---|---|---|---|---|
{rows}

{_summary(found)}

Grain that differs from frame to frame costs `fast` and `renewed` two and three times the bytes. Shots that are drawn of a photo
have no such grain: that of the photo moves with it. Only clips from a camera do.

`standard` is that of films. `adreel batch --encoder fast` makes a catalogue with `fast` (decision 0176). `renewed` is that of
beats with a price in a batch, which are always drawn (decision 0174). Segments of the three join one another. Drafts have a
profile of their own (decision 0144).
"""


def _summary(found: list[Encoded]) -> str:
    lines: list[str] = []
    for grained in (False, True):
        clips_of = [each for each in found if each.clip.endswith("grain") is grained]
        standard = [each for each in clips_of if each.profile is EncoderProfile.STANDARD]
        for profile in PROFILES[1:]:
            pairs = list(zip(standard, [each for each in clips_of if each.profile is profile], strict=True))
            cpu = sum(new.cpu for _, new in pairs) / sum(old.cpu for old, _ in pairs)
            size = sum(new.size for _, new in pairs) / sum(old.size for old, _ in pairs)
            gains = [new.mean - old.mean for old, new in pairs]
            lines.append(
                f"- {'with' if grained else 'without'} grain, `{profile}` against `standard`: {100 * cpu:.0f} % of the time, "
                f"{100 * size:.0f} % of the bytes, VMAF {min(gains):+.2f} to {max(gains):+.2f}."
            )
    return "\n".join(lines)


def main() -> None:
    found: list[Encoded] = []
    with tempfile.TemporaryDirectory() as name:
        folder, raw = Path(name), Path(name) / "frames.yuv"
        for clip, frames in clips():
            raw.write_bytes(b"".join(frame.tobytes() for frame in frames))
            found += [encoded(clip, frames, profile, folder, raw) for profile in PROFILES]
    PAGE.write_text(page(found), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
