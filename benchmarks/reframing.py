"""`python -m benchmarks.reframing`: crops of 16:9 clips for 9:16 and 1:1, held against where the product truly is; writes
docs/reframing.md. Ends with 1 when the product is outside a crop in any frame.

The clips are drawn: the cut-out of a bottle over a textured ground, on a path that is known in every frame.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import cv2
import numpy as np
import numpy.typing as npt

from adreel.domain.films.box import Box
from adreel.domain.films.film import Fit
from adreel.domain.films.formats import ASPECTS
from adreel.media.clips.examine import ClipExaminer
from adreel.media.ffmpeg.process import find_ffmpeg
from adreel.media.reframing.follow import drawn_size, product_path
from adreel.media.segments.render import SegmentMaker
from adreel.media.segments.store import SegmentStore
from adreel.providers.local.engine import LocalEngine
from benchmarks.jitter import follow, grays_of, jitter
from benchmarks.material import quiet
from benchmarks.report import ROOT, machine, table

REPORT = ROOT / "docs" / "reframing.md"
CUT_OUT = ROOT / "examples" / "perfume" / "perfume-cutout.png"
WIDTH, HEIGHT, FRAMES = 1920, 1080, 46
TALL = 620
"""Pixels of the product's height."""

FLOOR = 1.15
"""Times the jitter of a crop that stands still, up to which a crop that moves is at the floor of codec and tracker."""

Image = npt.NDArray[np.uint8]
Place = Callable[[float], tuple[float, float]]

MOVES: dict[str, Place] = {
    "drifts": lambda t: (0.35 + 0.12 * t, 0.5 + 0.02 * math.sin(3 * t)),
    "crosses the frame": lambda t: (0.2 + 0.6 * (0.5 - 0.5 * math.cos(math.pi * t)), 0.5),
    "swings": lambda t: (0.5 + 0.22 * math.sin(2 * math.pi * t), 0.5),
}
"""The middle of the product, as shares of the frame, at the share `t` of the clip."""


@dataclass(frozen=True, slots=True)
class Measured:
    """`inside`: frames with the whole product in the crop; `nearest` its least distance to the crop's edge, `turn` the largest
    second difference of the crop's path, both in pixels of the source; jitters in px/frame²."""

    move: str
    aspect: str
    inside: int
    nearest: float
    turn: float
    jitter: float
    still: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.reframing", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="write no page")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="adreel-reframing-") as name:
        folder = Path(name)
        floors = _floors(folder)
        found = [each for move in MOVES for each in _measured(move, folder, floors)]
    text = document(found)
    print(text)
    if not given.quick:
        REPORT.write_text(text, encoding="utf-8")
    if any(each.inside < FRAMES for each in found):
        sys.exit("the product is outside the crop in some frame")


def _floors(folder: Path) -> dict[str, float]:
    """The jitter of a crop that stands still, of a product that does, by aspect: the doing of codec and tracker."""
    source = folder / "still.mp4"
    _clip(source, lambda _t: (0.5, 0.5))
    maker = SegmentMaker(SegmentStore(folder / "still"), find_ffmpeg())
    info = ClipExaminer(folder / "examined", find_ffmpeg()).info(source)
    return {
        aspect: _jitter(
            maker.from_clip(source, info, ASPECTS[aspect], FRAMES, Fit.COVER, threads=2, on_frame=_quietly).video
        )
        for aspect in ("9:16", "1:1")
    }


def _measured(move: str, folder: Path, floors: Mapping[str, float]) -> Iterator[Measured]:
    find, executable = LocalEngine(_no_photo).find_product, find_ffmpeg()
    maker = SegmentMaker(SegmentStore(folder / "segments"), executable, find=find)
    source = folder / f"{move.replace(' ', '-')}.mp4"
    truth = _clip(source, MOVES[move])
    info = ClipExaminer(folder / "examined", executable).info(source)
    for aspect in ("9:16", "1:1"):
        size = ASPECTS[aspect]
        path = product_path(source, info, size, FRAMES, executable, find, smooth=False)
        assert path is not None, f"{move}: no product was found"
        scale = drawn_size(info, size).width / WIDTH
        gaps = [_gap(box, path.box(index), scale) for index, box in enumerate(truth)]
        lefts = np.array(path.lefts) / scale
        made = maker.from_clip(source, info, size, FRAMES, Fit.FOLLOW, threads=2, on_frame=_quietly)
        inside = sum(gap >= 0 for gap in gaps)
        turn = float(np.abs(np.diff(lefts, 2)).max())
        yield Measured(move, aspect, inside, min(gaps), turn, _jitter(made.video), floors[aspect])
        print(f"{move}, {aspect}: {inside} of {FRAMES} inside", file=sys.stderr)


def _no_photo(*_: object) -> NoReturn:
    raise AssertionError("no photo is read here")


def _quietly(_done: int) -> None:
    return


def _gap(product: Box, crop: Box, scale: float) -> float:
    """The least distance of the product to the sides of the crop, in pixels of the source; negative outside."""
    sides = (product.left - crop.left / scale, crop.right / scale - product.right)
    return min(*sides, product.top - crop.top / scale, crop.bottom / scale - product.bottom)


def _jitter(video: Path) -> float:
    return jitter(follow(grays_of(video)))


def _clip(path: Path, place: Place) -> list[Box]:
    """Draws a clip; returns where the product is in each frame, in whole pixels around it."""
    ground, product = _ground(), _product()
    command = quiet("-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{WIDTH}x{HEIGHT}", "-r", "30", "-i", "-")
    command.remove("-nostdin")
    command += ["-c:v", "libx264", "-preset", "veryfast", "-qp", "14", "-pix_fmt", "yuv420p", str(path)]
    truth: list[Box] = []
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for index in range(FRAMES):
            frame, box = _frame(ground, product, *place(index / (FRAMES - 1)))
            process.stdin.write(frame.tobytes())
            truth.append(box)
        process.stdin.close()
    assert process.returncode == 0, "the clip could not be encoded"
    return truth


def _ground() -> Image:
    """A quiet ground with detail that can be followed."""
    noise = np.random.default_rng(7).normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 6)
    light = np.linspace(150, 110, HEIGHT, dtype=np.float32)[:, None] + soft / soft.std() * 7
    return np.clip(np.dstack([light * 0.92, light * 0.97, light]), 0, 255).astype(np.uint8)


def _product() -> npt.NDArray[np.float32]:
    """The cut-out with its opacity, 0-1, as tall as it is shown."""
    picture = cv2.imread(str(CUT_OUT), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    rows, columns = np.nonzero(picture[:, :, 3] > 8)
    cut = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].astype(np.float32) / 255
    width = round(cut.shape[1] * TALL / cut.shape[0])
    return np.asarray(cv2.resize(cut, (width, TALL), interpolation=cv2.INTER_AREA), np.float32)


def _frame(ground: Image, product: npt.NDArray[np.float32], across: float, down: float) -> tuple[Image, Box]:
    height, width = product.shape[:2]
    left, top = across * WIDTH - width / 2, down * HEIGHT - height / 2
    matrix = np.array([[1, 0, left], [0, 1, top]], np.float64)
    box = Box(math.floor(left), math.floor(top), math.ceil(left + width), math.ceil(top + height))
    laid = cv2.warpAffine(product, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    part = np.s_[int(box.top) : int(box.bottom), int(box.left) : int(box.right)]
    opacity, frame = laid[part][:, :, 3:], ground.copy()
    frame[part] = np.rint(ground[part] * (1 - opacity) + laid[part][:, :, :3] * 255 * opacity)
    return frame, box


def document(found: list[Measured]) -> str:
    rows = [
        [
            each.move,
            each.aspect,
            f"{each.inside} of {FRAMES}",
            f"{each.nearest:.0f}",
            f"{each.turn:.2f}",
            f"{each.jitter:.3f}",
            f"{each.still:.3f}",
        ]
        for each in found
    ]
    header = ["product", "crop", "whole in", "nearest edge, px", "turn, px/frame²", "jitter", "of a still crop"]
    over = max(each.jitter / each.still for each in found)
    verdict = "at" if over <= FLOOR else "**above**"
    return (
        "\n\n".join(
            [
                "# Crops that follow the product",
                f"Written by `make reframing`.\n\n{machine()}",
                _METHOD,
                table(header, rows),
                f"The largest jitter of a moving crop is {over:.2f} times that of a still one: {verdict} the floor (≤ {FLOOR}).",
            ]
        )
        + "\n"
    )


_METHOD = """\
Clips of 1920x1080 are drawn: a bottle over a quiet ground, on a path that is known in every frame. The network finds the product
as it does in bought clips; the crop is that of `--fit follow` (decision 0157). *Whole in*: frames in which all of the product is
inside the crop, by the path that was drawn and not by what the network found. *Turn*: the largest change of the crop's speed.
*Jitter*: what is left of the paths of corners, followed through the finished segment, after a smooth path has been taken away
(docs/benchmarks.md), in px/frame²; beside it that of a crop and a product that stand still, which is the doing of codec
and tracker."""


if __name__ == "__main__":
    main()
