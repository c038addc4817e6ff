"""The specification of a finished film: size, cards, music, transition, fit; and the results of its checks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from adreel.domain.ad import EndCard
from adreel.domain.films.color import Color
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.formats import FrameSize, draft_size
from adreel.domain.films.logo import BrandLogo
from adreel.domain.films.narration import VoiceRecord


class Fit(StrEnum):
    """How a picture of another aspect is fitted: PAD adds bars, BLUR a blurred copy behind it, COVER crops to fill. FOLLOW
    crops a clip where the product is, and is BLUR where none is found."""

    PAD = "pad"
    BLUR = "blur"
    COVER = "cover"
    FOLLOW = "follow"


class Transition(StrEnum):
    CUT = "cut"
    CROSSFADE = "crossfade"


class IntroStyle(StrEnum):
    """How a film opens: PLAIN with a card of the name; each other with the product and the name over it, in the text style of
    this name."""

    PLAIN = "plain"
    EDITORIAL = "editorial"
    BOLD = "bold"
    MINIMAL = "minimal"
    LUXURY = "luxury"
    PLAYFUL = "playful"
    TECHNICAL = "technical"


@dataclass(frozen=True, slots=True)
class TextOverlay:
    """Texts of the cards. A card without text is left out. `font` is a family name or a font file."""

    product_name: str | None
    cta: str | None
    color: Color
    font: str | None = None


@dataclass(frozen=True, slots=True)
class SpokenPart:
    """A line that is spoken from the film's frame `start`: the sound of a file, or by the offline voice, `speed` times as fast as
    usual and with the pronunciations `said`. `voice` is the one that spoke the file, None for a person; `span` as in
    `LineSound`."""

    text: str
    start: int
    speed: float = 1.0
    said: tuple[tuple[str, str], ...] = ()
    sound: Path | None = None
    voice: VoiceRecord | None = None
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """Background music: the user's `file`, else the composed `genre`, else none. `bpm`: the tempo of composed music, for a film
    whose cuts were moved to its beats; `strong`: the frames of those cuts that it stresses. `speech` is spoken over it."""

    genre: str | None = None
    file: Path | None = None
    bpm: float | None = None
    strong: tuple[int, ...] = ()
    speech: tuple[SpokenPart, ...] = ()


@dataclass(frozen=True, slots=True)
class EndCardLook:
    """An end card in the place of the plain outro: the product's `photo` with `name`, words and a text style. Without a call to
    action of its own it has that of the film. The brand's `logo` stands in a corner."""

    photo: Path
    words: EndCard = field(default_factory=EndCard)
    name: str | None = None
    style: str = ""
    logo: BrandLogo | None = None


@dataclass(frozen=True, slots=True)
class FilmSpec:
    """All settings of a film except its clips; lengths in frames. `music_seed` chooses the composed music. `end_card`: None for
    the plain outro. `product_photo` is the photo of the product that an intro in another style than PLAIN shows.
    `composed_for`: for a draft, the size of the film by which everything is framed."""

    size: FrameSize
    text: TextOverlay
    audio: AudioConfig
    transition: Transition
    fit: Fit
    intro_frames: int
    outro_frames: int
    seed: int
    music_seed: int
    end_card: EndCardLook | None = None
    intro_style: IntroStyle = IntroStyle.PLAIN
    product_photo: Path | None = None
    profile: EncoderProfile = EncoderProfile.STANDARD
    composed_for: FrameSize | None = None

    def as_draft(self) -> FilmSpec:
        """The specification of a draft of this film: about half the size, quickly encoded."""
        return replace(self, size=draft_size(self.size), profile=EncoderProfile.DRAFT, composed_for=self.size)

    @property
    def shows_product_first(self) -> bool:
        """Whether the intro shows the product."""
        return self.has_intro and self.intro_style is not IntroStyle.PLAIN

    @property
    def has_intro(self) -> bool:
        return bool(self.text.product_name and self.intro_frames)

    @property
    def has_outro(self) -> bool:
        return bool((self.end_card or self.text.cta) and self.outro_frames)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check of the finished film; `detail` holds the measured values."""

    name: str
    passed: bool
    detail: str
