"""What the agents need from below, as protocols: the places where a provider can be exchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from adreel.domain.formats import FrameSize
from adreel.domain.scene import ApprovedImage, Scene

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    YuvFrame = npt.NDArray[np.uint8]
    """One I420 picture, shape (height * 3 / 2, width): Y plane, then U, then V; bt709, limited range."""

CancelCheck = Callable[[], None]
"""Raises CancelledError when the person asked to stop; called between frames."""


@dataclass(frozen=True, slots=True)
class Shot:
    """An order for one clip: which image, which scene, how large, how long, from which random seed."""

    image: ApprovedImage
    scene: Scene
    size: FrameSize
    frames: int
    seed: int


class ScenePlanner(Protocol):
    """Turns images and a wish into one scene per image, in the order of the images. `name` says what plans."""

    name: str

    async def plan(self, images: Sequence[ApprovedImage], video_prompt: str) -> list[Scene]: ...


class FrameEngine(Protocol):
    """An engine that draws frames here and now, so that they go straight into a segment (encoded once).

    `name` and `version` take part in the cache key of what it draws: one shot from one version is always one picture.
    """

    name: str
    version: str

    def frames(self, shot: Shot) -> Iterator[YuvFrame]:
        """Exactly ``shot.frames`` pictures of ``shot.size``; several threads may call. Raises PhotoError, GenerationError."""
        ...
