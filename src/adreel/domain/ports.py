"""Protocols of the planners and engines that the agents use: implementations are interchangeable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, runtime_checkable

from adreel.domain.ad import Beat, ScreenText
from adreel.domain.errors import GenerationError
from adreel.domain.films.box import Box
from adreel.domain.films.captions import ShotCaption
from adreel.domain.films.clip import Segment
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.images import ImageOrder
from adreel.domain.films.logo import LogoMark
from adreel.domain.films.narration import LineSound
from adreel.domain.films.scene import ApprovedImage, Scene
from adreel.domain.films.subject import Subject

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    YuvFrame = npt.NDArray[np.uint8]
    """One I420 picture, shape (height * 3 / 2, width): Y plane, then U, then V; bt709, limited range."""

    FindProduct = Callable[[npt.NDArray[np.uint8]], Box | None]
    """Finds the product in an RGB picture (height, width, 3); None where there is none."""

CancelCheck = Callable[[], None]
"""Raises CancelledError when the user requested a stop; called between frames."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One clip to render: its image, scene, size in pixels, length in frames and random seed; the words laid over it, in a text
    style. `composed_for`: for a draft, the larger size of the same shape by which the engine chooses framings. `mark`: the
    brand's logo over all frames. `captions` of what is spoken, in a caption style. `words_change`: the same shot is expected with
    other words."""

    image: ApprovedImage
    scene: Scene
    size: FrameSize
    frames: int
    seed: int
    words: tuple[ScreenText, ...] = ()
    text_style: str = ""
    composed_for: FrameSize | None = None
    mark: LogoMark | None = None
    captions: tuple[ShotCaption, ...] = ()
    caption_style: str = ""
    words_change: bool = False

    @property
    def has_overlay(self) -> bool:
        """Whether anything is laid over the frames."""
        return bool(self.words or self.mark)


@dataclass(frozen=True, slots=True)
class ProductPicture:
    """A product as a picture (height, width, 4), RGBA, not premultiplied. `is_cut`: free of its ground; else a whole photo."""

    rgba: npt.NDArray[np.uint8]
    is_cut: bool


ProductPictures = Callable[[Path], ProductPicture]
"""Reads a product's photo and cuts the product out if that leaves no visible fault. Raises PhotoError."""


class Speaker(Protocol):
    """Speaks the lines of beats: a voice, or a person's recordings."""

    def say(self, beat: Beat, speed: float, /) -> LineSound:
        """Speaks the line of a beat, `speed` (1 to 1.15) times as fast as usual where it can. Uses the processor or the network:
        not for the event loop. Raises TextError for a line that it cannot speak, SoundError for a recording."""
        ...


class ScenePlanner(Protocol):
    """Plans one scene per image from the video prompt, in the order of the images. `name` identifies the planner."""

    name: str

    async def plan(self, images: Sequence[ApprovedImage], video_prompt: str) -> list[Scene]: ...


class FrameEngine(Protocol):
    """A local engine that renders frames synchronously, so that they go straight into a segment (encoded once).

    `name` and `version` are part of the cache key: the same shot of the same version always gives the same frames.
    """

    name: str
    version: str

    def frames(self, shot: Shot) -> Iterator[YuvFrame]:
        """Yields exactly ``shot.frames`` frames of ``shot.size``; thread-safe. Raises PhotoError, GenerationError."""
        ...


class StagedShot(Protocol):
    """A shot that is prepared: its frames in any order, and where its subject is; None when that is not known."""

    @property
    def subject(self) -> Subject | None: ...

    def draw(self, index: int) -> YuvFrame:
        """Frame `index` of the shot."""
        ...


@runtime_checkable
class StagingEngine(Protocol):
    """What a `FrameEngine` may offer beside its frames: words on the screen then keep clear of the subject."""

    def stage(self, shot: Shot) -> StagedShot:
        """Prepares a shot; thread-safe. `draw` gives the same frames as `FrameEngine.frames`. Raises PhotoError,
        GenerationError."""
        ...


Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Bought(Generic[Result]):
    """The end of a purchase: its result, or why it has none although it was ordered. `cost` is the billed amount, in US dollars;
    `seconds` is the time since the order, 0 for a result that was bought before.
    """

    result: Result | GenerationError
    cost: Decimal
    seconds: float


class ClipBuyer(Protocol):
    """Buys the clips of an agent, through the ledger and within its budgets.

    The same clip is not bought twice in a session: a repeated call resumes an open purchase, or returns what was bought.
    """

    async def buy(self, session_id: str, model_name: str, shot: Shot) -> Bought[Segment]:
        """Buys one clip. Raises NotFoundError for an unknown session, BudgetError, and GenerationError when nothing is ordered or
        the outcome is open."""
        ...


class ImageBuyer(Protocol):
    """Buys the images of an agent, as `ClipBuyer` does its clips."""

    async def is_held(self, session_id: str, order: ImageOrder) -> bool:
        """Whether this image is bought or ordered, so that `buy` orders nothing. Raises NotFoundError for an unknown session."""
        ...

    async def buy(
        self, session_id: str, order: ImageOrder, path: Path, examine: Callable[[Path], Result]
    ) -> Bought[Result]:
        """Buys one image and writes it to `path`; `examine` (in a thread) raises GenerationError for one of no use. The buyer
        chooses the marker of the order. Raises as `ClipBuyer.buy` does."""
        ...
