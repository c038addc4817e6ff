"""The catalogue's types: models with their input fields, prices and clip lengths, which are whole seconds, frames at a rate,
or free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_UP, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import cast

from adreel.catalogue.aspects import is_near, nearest
from adreel.catalogue.fields import Value
from adreel.catalogue.lengths import Length
from adreel.domain.errors import InputError

_MILL = Decimal("0.001")
_NO_INPUTS: Mapping[str, Value] = MappingProxyType({})


class OutputForm(StrEnum):
    """The form of a finished job's `output`: one URL, several, or a text in pieces; `FRAMES` are rendered locally."""

    URI = "uri"
    URIS = "uris"
    TEXT = "text"
    FRAMES = "frames"


class Status(StrEnum):
    """How reliable a model is.

    `SUPERSEDED` works, but a newer one is better; `LEGACY` may be switched off at any time; `DOUBTFUL` may already be gone. The
    last two are used only when the user names them: never by default, never as a substitute.
    """

    CURRENT = "current"
    SUPERSEDED = "superseded"
    LEGACY = "legacy"
    DOUBTFUL = "doubtful"

    @property
    def needs_naming(self) -> bool:
        return self in (Status.LEGACY, Status.DOUBTFUL)


@dataclass(frozen=True, slots=True)
class Motion:
    """The input field for the amount of motion, a whole number from `least` to `most`."""

    field: str
    least: int
    most: int

    def level(self, intensity: float) -> int:
        """Converts an intensity from 0 to 1 to the field's value; clamps values outside."""
        return min(self.most, max(self.least, round(intensity * self.most)))


@dataclass(frozen=True, slots=True)
class Choice:
    """An input field and the values that it accepts; the first is the default."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """The output resolution, as "720p". `field` is the input field that requests it, None where the model has no other."""

    value: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """The input fields for width and height, and the pixels to request for each aspect."""

    width_field: str
    height_field: str
    by_aspect: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Common to all models. `reference` is its name at the provider (`owner/name`, or `owner/name:version` where needed).

    `inputs` are sent unchanged with every order. `typical_seconds` is the usual wait; `price_is_estimate` says that neither the
    provider's page nor a bill confirmed the price. `source` is where the entry's data comes from, `seen_on` when it was read;
    None where a user's own file gives no date. `unusable` says why the model must not be ordered, None if it may.
    """

    name: str
    title: str
    provider: str
    reference: str
    licence: str
    output: OutputForm
    typical_seconds: float
    price_is_estimate: bool
    source: str
    seen_on: date | None
    status: Status = Status.CURRENT
    unusable: str | None = None
    inputs: Mapping[str, Value] = field(default_factory=lambda: _NO_INPUTS)

    def check_usable(self) -> None:
        """Raises InputError when the model must not be ordered, whatever the configuration."""
        if self.unusable is not None:
            raise InputError(f"{self.name} cannot be used: {self.unusable}")


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoModel(Model):
    """A model that turns one image into one clip.

    `price` is in US dollars for a clip, or for each second of the clip when `priced_by_second`. A model without
    `seed_field` is not repeatable, and its orders are distinguished by their prompts. `typical_seconds_per_clip_second` is the
    usual wait for each second of clip on two cores, for estimates only.

    The clip has the aspect that the `aspect` field requests; with `follows_image` it always has that of the image.
    """

    price: Decimal
    priced_by_second: bool
    min_seconds: float
    max_seconds: float
    length: Length
    typical_seconds_per_clip_second: float = 0.0
    image_field: str | None = None
    prompt_field: str | None = None
    seed_field: str | None = None
    motion: Motion | None = None
    resolution: Resolution | None = None
    aspect: Choice | None = None
    follows_image: bool = True

    def price_of(self, seconds: float) -> Decimal:
        """Returns the price of a clip of this length: the provider may make and bill a longer clip than requested.

        Raises InputError for a length that the model cannot make.
        """
        self.check_duration(seconds)
        asked = self.length.ask(seconds)
        billed = Decimal(str(asked.seconds)) if self.priced_by_second else asked.clips
        return self.price if billed == 1 else (self.price * billed).quantize(_MILL, ROUND_UP)

    def typical_wait(self, seconds: float) -> float:
        """Returns the seconds that a clip of this length usually takes."""
        return self.typical_seconds + self.typical_seconds_per_clip_second * seconds

    def check_duration(self, seconds: float) -> None:
        """Raises InputError when the model cannot make a clip of this length."""
        if not self.min_seconds <= seconds <= self.max_seconds:
            raise InputError(
                f"clips of {seconds:g} s are not possible with {self.name}; "
                f"choose between {self.min_seconds:g} and {self.max_seconds:g} seconds"
            )

    def asked_aspect(self, aspect: str) -> str | None:
        """Returns the value of the aspect field for a film's aspect; None for a model without one, whose clips follow the image.

        Raises InputError when the model supports no aspect near this one.
        """
        if self.aspect is None:
            return None
        best = nearest(self.aspect.values, aspect)
        if not self.follows_image and not is_near(best, aspect):
            raise InputError(f"{self.name} makes no clips of {aspect}; choose one of {', '.join(self.aspect.values)}")
        return best

    def image_aspect(self, aspect: str) -> str:
        """Returns the aspect in which to send the image, so that the clip fits a film of `aspect`. Raises as `asked_aspect`."""
        asked = self.asked_aspect(aspect)
        return aspect if asked is None or self.follows_image else asked

    def check(self, seconds: float, aspect: str) -> None:
        """Raises InputError for a clip that the model cannot make, or when the model must not be ordered."""
        self.check_usable()
        self.check_duration(seconds)
        self.asked_aspect(aspect)

    def aspects_of(self, aspects: Iterable[str]) -> tuple[str, ...]:
        """Returns those of `aspects` that the model supports."""
        fits = self.aspect is None or self.follows_image
        values = () if self.aspect is None else self.aspect.values
        return tuple(aspect for aspect in aspects if fits or is_near(nearest(values, aspect), aspect))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageModel(Model):
    """A model that makes images from a prompt. `price` in US dollars for each.

    `image_field` takes reference images; it is a list when `image_is_list`. `aspect` requests the aspect, or `sizes` the size in
    pixels; a model with neither chooses itself.
    """

    price: Decimal
    prompt_field: str
    image_field: str | None = None
    image_is_list: bool = False
    seed_field: str | None = None
    aspect: Choice | None = None
    sizes: Sizes | None = None

    def shape_inputs(self, aspect: str) -> Mapping[str, Value]:
        """Returns the input fields that request this aspect. Raises InputError when the model supports none near it."""
        values = self._aspects()
        if values is None:
            return {}
        best = nearest(values, aspect)
        if not is_near(best, aspect):
            raise InputError(f"{self.name} makes no pictures of {aspect}; choose one of {', '.join(values)}")
        if self.aspect:
            return {self.aspect.field: best}
        sizes = cast("Sizes", self.sizes)
        return dict(zip((sizes.width_field, sizes.height_field), sizes.by_aspect[best], strict=True))

    def aspects_of(self, aspects: Iterable[str]) -> tuple[str, ...]:
        """Returns those of `aspects` that the model supports."""
        values = self._aspects()
        return tuple(each for each in aspects if values is None or is_near(nearest(values, each), each))

    def check(self, aspect: str) -> None:
        """Raises InputError for an image that the model cannot make, or when the model must not be ordered."""
        self.check_usable()
        self.shape_inputs(aspect)

    def _aspects(self) -> tuple[str, ...] | None:
        if self.aspect:
            return self.aspect.values
        return tuple(self.sizes.by_aspect) if self.sizes else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextModel(Model):
    """A language model. `price` is the highest price of an answer of usual length, in US dollars."""

    price: Decimal
    prompt_field: str
    system_field: str | None = None
    tokens_field: str | None = None
    temperature_field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechModel(Model):
    """A model that speaks a line. `price` in US dollars for 1000 characters, of which a line has at most `max_characters`.

    `voices` are the provider's names of some voices, the usual one first; `languages` the values of `language_field` by language
    code, `any_language` its value where the model is to detect the language.
    """

    price: Decimal
    text_field: str
    voice_field: str
    voices: tuple[str, ...]
    max_characters: int
    languages: Mapping[str, str]
    language_field: str | None = None
    any_language: str | None = None

    def price_of(self, characters: int) -> Decimal:
        """Returns the price of a line of so many characters, to a tenth of a cent, upward."""
        return (self.price * characters / 1000).quantize(_MILL, ROUND_UP)

    def language_value(self, language: str | None) -> str:
        """Returns the value of the language field."""
        return (self.any_language or "") if language is None else self.languages[language]

    def check_language(self, language: str | None) -> None:
        """Raises InputError for a language that the model does not speak; None is one that it detects."""
        if language is not None and language not in self.languages:
            raise InputError(f"{self.name} does not speak {language!r}; it speaks {', '.join(sorted(self.languages))}")

    def check(self, text: str, language: str | None) -> None:
        """Raises InputError for a line that the model cannot speak, or when the model must not be ordered."""
        self.check_usable()
        self.check_language(language)
        if len(text) > self.max_characters:
            most = self.max_characters
            raise InputError(
                f"a line for {self.name} has at most {most} characters, not {len(text)}; part it into several"
            )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models by name, one mapping for each kind."""

    videos: Mapping[str, VideoModel]
    images: Mapping[str, ImageModel]
    texts: Mapping[str, TextModel]
    speeches: Mapping[str, SpeechModel] = field(default_factory=dict[str, SpeechModel])
