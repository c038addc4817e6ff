"""What tests of several rooms share: moving pictures, photos, an engine that needs no photo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from adreel.domain.films.clip import Segment
from adreel.domain.films.formats import FrameSize
from adreel.domain.ports import Shot
from adreel.media.segments.encoder import SegmentEncoder
from adreel.media.segments.store import SegmentStore, segment_key

Picture = npt.NDArray[np.uint8]
ClipMaker = Callable[..., Path]
"""``make_clip(name, *arguments of ffmpeg)``: see the fixture of that name."""

SMALL = FrameSize(320, 180)


def texture(height: int, width: int, seed: int) -> Picture:
    """Soft random blobs: encodes like a picture, and no two seeds look alike."""
    noise = np.random.default_rng(seed).integers(0, 256, (height // 8 + 1, width // 8 + 1), dtype=np.uint8)
    smooth = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(smooth, 30, 220).astype(np.uint8)


def moving(size: FrameSize, frames: int, seed: int) -> Iterator[Picture]:
    """I420 pictures of a texture that slides by two pixels a frame."""
    base = texture(size.height, size.width + 2 * frames, seed)
    for index in range(frames):
        picture = np.full((size.height * 3 // 2, size.width), 128, np.uint8)
        picture[: size.height] = base[:, 2 * index : 2 * index + size.width]
        yield picture


def flat(size: FrameSize, frames: int, luma: int) -> Iterator[Picture]:
    """I420 pictures of one grey."""
    for _ in range(frames):
        picture = np.full((size.height * 3 // 2, size.width), 128, np.uint8)
        picture[: size.height] = luma
        yield picture


def segment(store: SegmentStore, frames: int, seed: int, size: FrameSize = SMALL) -> Segment:
    """A segment of moving pictures."""

    def draw(video: Path, _sound: Path) -> None:
        with SegmentEncoder(video, size, frames) as encoder:
            for picture in moving(size, frames, seed):
                encoder.write(picture)

    return store.make(segment_key("test", size, frames, seed), size, frames, draw)


class TextureEngine:
    """A FrameEngine that draws textures. `fail_on` names an image whose clip fails."""

    name = "local"
    version = "test"

    def __init__(self, fail_on: str | None = None, error: Exception | None = None) -> None:
        self._fail_on = fail_on
        self._error = error or RuntimeError("the engine broke")
        self.drawn: list[str] = []

    def fails_on(self, image: str | None, error: Exception | None = None) -> None:
        """The image whose clip fails from now on."""
        self._fail_on, self._error = image, error or self._error

    def frames(self, shot: Shot) -> Iterator[Picture]:
        self.drawn.append(shot.image.id)
        if shot.image.id == self._fail_on:
            raise self._error
        yield from moving(shot.size, shot.frames, shot.seed)
