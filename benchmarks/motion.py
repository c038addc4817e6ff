"""The local engine against x264 alone on the same frames, against zoompan, and against a move that is exact."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from adreel.media.segments.x264 import x264_params
from benchmarks.drawing import threads
from benchmarks.films import FPS, HEIGHT, WIDTH, X264, count_frames, x264_alone
from benchmarks.jitter import Paths, follow, grays_of, jitter, smooth
from benchmarks.material import Image, quiet
from benchmarks.measure import Command, Contender, Step, run_step

ENGINE = "local engine"
FLOOR_OF_ENGINE = "x264 alone, the engine's frames"
ZOOMPAN = "ffmpeg zoompan"
EXACT = "exact frames, same encoder"
ZOOM = 0.12
"""How much closer zoompan's camera comes, about as much as the engine's."""

OVERSAMPLING = 3
"""The exact move is drawn this many times larger and averaged down: OpenCV places samples on a grid of 1/32 px."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Two photos, two clips at once, `frames` pictures each."""

    photos: tuple[Path, Path]
    frames: int
    folder: Path

    def contenders(self) -> list[Contender]:
        clock = self.folder / "drawing-clock.txt"
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

    def jitters(self) -> dict[str, list[float]]:
        """px/frame² in the last run's two clips, for the engine, zoompan, and exact frames."""
        drawn = [follow(grays_of(self.folder / f"drawn{index}.mp4")) for index in range(2)]
        zoomed = [follow(grays_of(self.folder / f"zoompan{index}.mp4")) for index in range(2)]
        exact = [follow(grays_of(self._exact_move(index, paths))) for index, paths in enumerate(drawn)]
        measured = {ENGINE: drawn, ZOOMPAN: zoomed, EXACT: exact}
        return {name: [jitter(paths) for paths in both] for name, both in measured.items()}

    def _drawing(self, work: str, clock: Path) -> Command:
        files = [str(self.folder), str(clock), *map(str, self.photos)]
        return [sys.executable, "-m", "benchmarks.drawing", work, str(self.frames), *files]

    def _floor(self) -> Step:
        extra = ("-threads", str(threads(len(self.photos))), "-x264-params", x264_params())
        return [x264_alone(self.folder / f"drawn{i}.yuv", self.folder / f"floor{i}.mp4", *extra) for i in range(2)]

    def _zoompan(self) -> Step:
        return [zoompan(photo, self.folder / f"zoompan{i}.mp4", self.frames) for i, photo in enumerate(self.photos)]

    def _verify(self, name: str) -> str:
        found = [count_frames(self.folder / f"{name}{index}.mp4") for index in range(2)]
        assert found == [self.frames] * 2, f"{name}: {found} frames"
        return f"2 × {self.frames} frames"

    def _exact_move(self, index: int, paths: Paths) -> Path:
        """The engine's first frame moved along the smooth part of the engine's own move, encoded as segments are."""
        first = first_frame(self.folder / f"drawn{index}.yuv")
        target = self.folder / f"exact{index}.mp4"
        source = ("-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", "-")
        command = quiet(*source, *X264, "-threads", "2", "-x264-params", x264_params(), str(target))
        command.remove("-nostdin")
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            for frame in exact_frames(first, smooth(paths)):
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


def first_frame(raw: Path) -> Image:
    """BGR, from a file of I420 frames."""
    pixels = np.fromfile(raw, np.uint8, WIDTH * HEIGHT * 3 // 2)
    return np.asarray(cv2.cvtColor(pixels.reshape(-1, WIDTH), cv2.COLOR_YUV2BGR_I420), np.uint8)


def exact_frames(picture: Image, paths: Paths) -> Iterator[Image]:
    """The picture under the affine move that fits the paths best, every frame true to a hundredth of a pixel."""
    enlarge = np.diag([OVERSAMPLING, OVERSAMPLING, 1.0])
    size = (WIDTH * OVERSAMPLING, HEIGHT * OVERSAMPLING)
    start = np.column_stack([paths[0], np.ones(len(paths[0]))])
    for places in paths:
        matrix = np.eye(3)
        matrix[:2] = np.linalg.lstsq(start, places, rcond=None)[0].T
        large = cv2.warpAffine(
            picture, (enlarge @ matrix)[:2], size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
        )
        yield np.asarray(cv2.resize(large, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)
