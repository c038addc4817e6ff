"""A crop that follows a product: measured on the pixels of the film."""

from __future__ import annotations

import subprocess
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np
import numpy.typing as npt
import pytest

from adreel.domain.films.film import Fit
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.subject import FrameBox
from adreel.media.clips.examine import ClipExaminer
from adreel.media.ffmpeg.process import find_ffmpeg
from adreel.media.segments.decode import decode_frames
from adreel.media.segments.render import SegmentMaker, no_watch
from adreel.media.segments.store import SegmentStore

FRAMES = 46
SOURCE = (320, 180)


def find(rgb: npt.NDArray[np.uint8]) -> FrameBox | None:
    """The red product of these clips."""
    red = (rgb[:, :, 0] > 150) & (rgb[:, :, 1] < 100)
    left, top, width, height = cv2.boundingRect(red.astype(np.uint8))
    return FrameBox(left, top, left + width, top + height) if width else None


def clip(folder: Path, product: str = "40x60", rate: int = 30, speed: int = 120) -> Path:
    """A red product that goes to the right over a quiet ground."""
    path = folder / "clip.mp4"
    width, height = product.split("x")
    ground = f"gradients=s=320x180:r={rate}:d=1.6:c0=gray:c1=darkgreen:x0=0:y0=0:x1=320:y1=180:speed=0.00001"
    drawn = f"[0][1]overlay=x='20+{speed}*t':y=(H-{height})/2"
    inputs = ("-f", "lavfi", "-i", ground, "-f", "lavfi", "-i", f"color=red:s={width}x{height}:r={rate}:d=1.6")
    encoded = ("-c:v", "libx264", "-qp", "10", "-pix_fmt", "yuv420p")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *inputs, "-filter_complex", drawn, *encoded, str(path)]
    subprocess.run(command, check=True)
    return path


def followed(folder: Path, source: Path, size: FrameSize, *, smooth: bool = False) -> list[npt.NDArray[np.uint8]]:
    maker = SegmentMaker(SegmentStore(folder / "segments"), find_ffmpeg(), find=find)
    info = ClipExaminer(folder / "examined", find_ffmpeg()).info(source)
    made = maker.from_clip(source, info, size, FRAMES, Fit.FOLLOW, threads=1, on_frame=no_watch, smooth=smooth)
    return [rgb_of(frame) for frame in decode_frames(made.video)]


def rgb_of(frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_YUV2RGB_I420), np.uint8)


def middles(frames: list[npt.NDArray[np.uint8]]) -> list[FrameBox]:
    found = [find(frame) for frame in frames]
    assert all(found)
    return [box for box in found if box is not None]


def place(frame: npt.NDArray[np.uint8]) -> float:
    red = np.clip(frame[:, :, 0].astype(float) - frame[:, :, 1] - 60, 0, None)
    return float((red.sum(axis=0) * np.arange(red.shape[1])).sum() / red.sum())


@pytest.mark.parametrize("size", [FrameSize(108, 192), FrameSize(180, 180)], ids=lambda size: size.aspect)
def test_the_product_is_whole_in_every_frame_and_moves_evenly(tmp_path: Path, size: FrameSize) -> None:
    frames = followed(tmp_path, clip(tmp_path), size)
    boxes = middles(frames)
    scale = size.height / 180
    assert len(boxes) == FRAMES
    for box in boxes:
        assert box.width == pytest.approx(40 * scale, abs=3)
        assert box.left >= 0
        assert box.right <= size.width
    # The mean place of what is red; its colour has half of these few pixels.
    assert np.abs(np.diff([place(frame) for frame in frames], 2)).max() <= 0.8


def test_a_product_that_does_not_fit_is_whole_between_blurred_borders(tmp_path: Path) -> None:
    size = FrameSize(108, 192)
    frames = followed(tmp_path, clip(tmp_path, product="150x60", speed=80), size)
    for box in middles(frames):
        assert box.width <= size.width
        assert box.width / box.height == pytest.approx(150 / 60, rel=0.08)
    assert frames[20][:10].std() > 0
    assert frames[20][:10].mean() > 20


def test_slow_clips_are_smoothed_and_clips_without_a_product_shown_whole(tmp_path: Path) -> None:
    size = FrameSize(108, 192)
    boxes = middles(followed(tmp_path, clip(tmp_path, rate=12), size, smooth=True))
    assert len(boxes) == FRAMES
    empty = tmp_path / "empty"
    empty.mkdir()
    maker = SegmentMaker(SegmentStore(empty / "segments"), find_ffmpeg(), find=lambda _: None)
    source = clip(empty)
    info = ClipExaminer(empty / "examined", find_ffmpeg()).info(source)
    made = [maker.from_clip(source, info, size, 5, fit, threads=1, on_frame=no_watch) for fit in (Fit.FOLLOW, Fit.BLUR)]
    assert made[0].key != made[1].key
    assert made[0].digest == made[1].digest
