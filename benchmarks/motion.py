"""The local engine against x264 alone on the same frames, against zoompan, and against a move that is exact."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from adreel.media.encoding import x264_params
from benchmarks.films import FPS, HEIGHT, WIDTH, X264, count_frames, x264_alone
from benchmarks.jitter import jitter_of
from benchmarks.material import Image, quiet, read
from benchmarks.measure import Command, Contender, Step, run_step

ENGINE = "local engine"
FLOOR_OF_ENGINE = "x264 alone, the engine's frames"
ZOOMPAN = "ffmpeg zoompan"
EXACT = "exact frames, same encoder"
ZOOM = 0.15
"""How much closer the camera comes in the compared moves."""

OVERSAMPLING = 4
"""The exact move is drawn this many times larger and averaged down: OpenCV places samples on a grid of 1/32 px."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Two photos, two clips at once, `frames` pictures each."""

    photos: tuple[Path, Path]
    frames: int
    folder: Path

    def contenders(self) -> list[Contender]:
        clock = self.folder / "drawing-seconds.txt"
        return [
            Contender(
                ENGINE, lambda: [[self._drawing("draw", clock)]], verify=lambda: self._verify("drawn"), clock=clock
            ),
            Contender(FLOOR_OF_ENGINE, lambda: [self._floor()], verify=lambda: self._verify("floor")),
            Contender(ZOOMPAN, lambda: [self._zoompan()], verify=lambda: self._verify("zoompan")),
        ]

    def dump_frames(self) -> None:
        """The engine's frames as the floor encodes them; not measured."""
        run_step([self._drawing("dump", self.folder / "unused.txt")])

    def jitters(self) -> dict[str, float]:
        """px/frame² of the last run's clips of the first photo, and of exact frames through the same encoder."""
        exact = self.exact_move()
        return {
            ENGINE: jitter_of(self.folder / "drawn0.mp4"),
            ZOOMPAN: jitter_of(self.folder / "zoompan0.mp4"),
            EXACT: jitter_of(exact),
        }

    def _drawing(self, work: str, clock: Path) -> Command:
        files = [str(self.folder), str(clock), *map(str, self.photos)]
        return [sys.executable, "-m", "benchmarks.drawing", work, str(self.frames), *files]

    def _floor(self) -> Step:
        extra = ("-threads", "2", "-x264-params", x264_params())
        return [x264_alone(self.folder / f"drawn{i}.yuv", self.folder / f"floor{i}.mp4", *extra) for i in range(2)]

    def _zoompan(self) -> Step:
        return [zoompan(photo, self.folder / f"zoompan{i}.mp4", self.frames) for i, photo in enumerate(self.photos)]

    def _verify(self, name: str) -> str:
        found = [count_frames(self.folder / f"{name}{index}.mp4") for index in range(2)]
        assert found == [self.frames] * 2, f"{name}: {found} frames"
        return f"2 × {self.frames} frames"

    def exact_move(self) -> Path:
        """A push in whose every frame is drawn to a hundredth of a pixel, then encoded as segments are."""
        target = self.folder / "exact.mp4"
        source = ("-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", "-")
        command = quiet(*source, *X264, "-threads", "2", "-x264-params", x264_params(), str(target))
        command.remove("-nostdin")
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            for frame in exact_frames(read(self.photos[0]), self.frames):
                process.stdin.write(frame.tobytes())
            process.stdin.close()
        assert process.returncode == 0, "the exact move could not be encoded"
        return target


def zoompan(photo: Path, target: Path, frames: int) -> Command:
    """The usual recipe for a move over a still: cover the frame, then zoom about the middle."""
    crop = f"crop=w='min(iw,ih*{WIDTH}/{HEIGHT})':h='min(ih,iw*{HEIGHT}/{WIDTH})'"
    middle = "x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2'"
    move = f"zoompan=z='1+{ZOOM}*on/{frames - 1}':{middle}:d={frames}:s={WIDTH}x{HEIGHT}:fps={FPS}"
    return quiet("-i", str(photo), "-vf", f"{crop},{move}", *X264, "-threads", "2", str(target))


def exact_frames(photo: Image, frames: int) -> Iterator[Image]:
    """The same push in as `zoompan` is asked for."""
    wide, high = WIDTH * OVERSAMPLING, HEIGHT * OVERSAMPLING
    cover = max(wide / photo.shape[1], high / photo.shape[0])
    middle = np.array([photo.shape[1] / 2, photo.shape[0] / 2])
    for index in range(frames):
        scale = cover * (1 + ZOOM * index / (frames - 1))
        matrix = np.array([[scale, 0, wide / 2 - scale * middle[0]], [0, scale, high / 2 - scale * middle[1]]])
        large = cv2.warpAffine(photo, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        yield np.asarray(cv2.resize(large, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)
