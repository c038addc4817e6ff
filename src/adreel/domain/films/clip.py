"""A finished clip and the segment that holds its frames."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from adreel.domain.ad import ScreenText
from adreel.domain.films.captions import ShotCaption
from adreel.domain.films.film import Fit
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.logo import LogoMark
from adreel.domain.films.scene import Scene
from adreel.domain.films.shown_words import Words

SHORTEST_SHARE = 0.9
"""A bought clip must have this share of the ordered length: providers count frames differently."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames encoded once: a closed piece of H.264 that joins any other segment of the same size without re-encoding.

    `key` is the hash of everything that the frames depend on. `sound` is WAV, 48 kHz stereo, exactly as long as the picture.
    `digest` is the SHA-256 of its packets, taken when the segment was decoded and checked; `black` and `frozen` count the
    frames that this check found black, or unchanged for a second or more. `words` are those that it shows, None where that is not
    known: a segment of an older version.
    """

    key: str
    video: Path
    sound: Path | None
    frames: int
    size: FrameSize
    digest: str
    black: int
    frozen: int
    words: Words | None = ()

    @property
    def fault(self) -> str | None:
        """The fault of the picture as the end of a sentence, or None."""
        if self.black:
            return f"is black for {self.black} frames"
        if self.frozen:
            return f"stands still for {self.frozen} frames"
        return None


@dataclass(frozen=True, slots=True)
class Clip:
    """One moving shot. `source` is the file of a bought or uploaded video; `segment` is set once the clip is encoded.

    `words` in a text style, the brand's logo (`mark`) and `captions` in a caption style are laid over `source`; a `segment` has
    them. `fit` None is the film's.
    `may_stand_still` is set for a user's own clip that is black or frozen in places: this is intended. `smooth` allows frame
    interpolation for a `source` with a low frame rate: for bought clips, never for a user's own. `image_model`
    generated the image of which the clip is made; None for a photo.
    """

    id: str
    frames: int
    source: Path | None = None
    segment: Segment | None = None
    source_image_id: str | None = None
    scene: Scene | None = None
    model: str | None = None
    cost: Decimal = Decimal("0.00")
    generation_time: float = 0.0
    may_stand_still: bool = False
    smooth: bool = False
    words: tuple[ScreenText, ...] = ()
    text_style: str = ""
    fit: Fit | None = None
    image_model: str | None = None
    mark: LogoMark | None = None
    captions: tuple[ShotCaption, ...] = ()
    caption_style: str = ""
