"""What the contenders work on: four unlike clips, music, and raw frames, made once from the example photos."""

from __future__ import annotations

import math
import subprocess
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import av
import cv2
import imageio_ffmpeg
import numpy as np
import numpy.typing as npt

from adreel.domain.films.formats import FPS, SAMPLE_RATE
from adreel.media.music import compose
from benchmarks.measure import BenchmarkError

GRAIN = 2.0
"""Standard deviation of the sensor noise laid over the pans: rendered photos have none, filmed clips always do."""

MOST_OFF = 4.0
"""Levels, of 255, by which encoding may change a picture in the mean: another picture is farther off."""

Image = npt.NDArray[np.uint8]
Noise = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class ClipKind:
    """How a clip differs from the others; `stretch` is the width of a pixel, its height being one."""

    name: str
    width: int
    height: int
    fps: int
    pixel_format: str
    stretch: str
    sound: bool


CLIP_KINDS = (
    ClipKind("hd", 1280, 720, 30, "yuv420p", "1/1", sound=True),
    ClipKind("tall", 1080, 1920, 24, "yuv420p", "1/1", sound=False),
    ClipKind("fast", 1920, 1080, 60, "yuv422p", "1/1", sound=True),
    ClipKind("pal", 720, 576, 25, "yuv420p", "16/15", sound=False),
)


def ffmpeg() -> str:
    """The ffmpeg that all contenders use."""
    return imageio_ffmpeg.get_ffmpeg_exe()


def quiet(*arguments: str) -> list[str]:
    """An ffmpeg command that overwrites and speaks only of errors."""
    return [ffmpeg(), "-hide_banner", "-loglevel", "error", "-nostdin", "-y", *arguments]


def make_clips(photos: list[Path], folder: Path, seconds: float) -> list[Path]:
    """One clip of each kind, each a slow pan and zoom over a photo, with grain."""
    return [
        make_clip(photos[index % len(photos)], folder, kind, round(seconds * kind.fps))
        for index, kind in enumerate(CLIP_KINDS)
    ]


def make_clip(photo: Path, folder: Path, kind: ClipKind, frames: int) -> Path:
    target = folder / f"{kind.name}.mp4"
    sound = ["-f", "lavfi", "-t", str(frames / kind.fps), "-i", "anoisesrc=color=pink:amplitude=0.1:sample_rate=44100"]
    command = quiet(
        *("-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{kind.width}x{kind.height}", "-r", str(kind.fps), "-i", "-"),
        *(sound if kind.sound else []),
        *("-vf", f"setsar={kind.stretch}", "-pix_fmt", kind.pixel_format),
        *("-c:v", "libx264", "-preset", "fast", "-crf", "18", "-c:a", "aac", str(target)),
    )
    command.remove("-nostdin")
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        _write(process.stdin, pan(read(photo), kind.width, kind.height, frames))
    if process.returncode != 0:
        raise RuntimeError(f"could not make the clip {target.name}")
    return target


def _write(pipe: IO[bytes], frames: Iterator[Image]) -> None:
    for frame in frames:
        pipe.write(frame.tobytes())
    pipe.close()


def read(photo: Path) -> Image:
    """BGR, shape (height, width, 3)."""
    image = cv2.imread(str(photo), cv2.IMREAD_COLOR)
    assert image is not None, f"{photo} cannot be read"
    return np.asarray(image, np.uint8)


def pan(photo: Image, width: int, height: int, frames: int) -> Iterator[Image]:
    """A move from the upper left towards the lower right while closing in by a tenth."""
    grain = np.random.default_rng(7).normal(0, GRAIN, (height + 64, width + 64, 3)).round().astype(np.int16)
    cover = 1.15 * max(width / photo.shape[1], height / photo.shape[0])
    flags = cv2.INTER_AREA if cover < 1 else cv2.INTER_CUBIC
    wide = np.asarray(cv2.resize(photo, None, fx=cover, fy=cover, interpolation=flags), np.uint8)
    for index in range(frames):
        yield _grained(_view(wide, width, height, index / max(frames - 1, 1)), grain, index)


def _view(wide: Image, width: int, height: int, place: float) -> Image:
    zoom = 1 + 0.1 * place
    left, top = ((wide.shape[1] - width) * place, (wide.shape[0] - height) * place)
    matrix = np.array([[zoom, 0, -left * zoom], [0, zoom, -top * zoom]])
    view = cv2.warpAffine(wide, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(view, np.uint8)


def _grained(view: Image, grain: Noise, index: int) -> Image:
    right, down = (index * 37) % 64, (index * 23) % 64
    height, width = view.shape[:2]
    return np.clip(view + grain[down : down + height, right : right + width], 0, 255).astype(np.uint8)


def make_music(folder: Path, seconds: float) -> Path:
    """A WAV of real music for all contenders: AAC encoders work differently, some far longer, on bare tones."""
    target = folder / "music.wav"
    samples = compose("upbeat", round(seconds * FPS), seed=7)
    with wave.open(str(target), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(np.rint(samples * 32767).astype("<i2").tobytes())
    return target


def check_same_film(raw: Path, film: Path) -> None:
    """Raises BenchmarkError unless the film shows the raw I420 frames, one by one, within what encoding changes."""
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        shape = (stream.frames, stream.height * 3 // 2, stream.width)
        if raw.stat().st_size != math.prod(shape):
            raise BenchmarkError(f"{raw.name} holds other frames than {film.name}")
        drawn = np.memmap(raw, np.uint8, "r", shape=shape)
        for index, picture in enumerate(container.decode(stream)):
            off = cv2.absdiff(picture.to_ndarray(), np.ascontiguousarray(drawn[index])).mean()
            if off > MOST_OFF:
                raise BenchmarkError(f"frame {index} of {raw.name} is not that of {film.name}: {off:.1f} levels off")
