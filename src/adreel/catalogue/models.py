"""What is known of a model: its input fields, lengths and prices, as typed records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from enum import StrEnum
from types import MappingProxyType

from adreel.catalogue.fields import Value
from adreel.catalogue.lengths import Length
from adreel.domain.errors import InputError

_MILL = Decimal("0.001")
_NO_INPUTS: Mapping[str, Value] = MappingProxyType({})


class OutputForm(StrEnum):
    """What a finished job's `output` is: one address, several, or a text in pieces; `FRAMES` are drawn here."""

    URI = "uri"
    URIS = "uris"
    TEXT = "text"
    FRAMES = "frames"


@dataclass(frozen=True, slots=True)
class Motion:
    """The input field that says how much moves, a whole number from `least` to `most`."""

    field: str
    least: int
    most: int

    def level(self, intensity: float) -> int:
        """For an intensity from 0 to 1; what lies outside is brought in."""
        return min(self.most, max(self.least, round(intensity * self.most)))


@dataclass(frozen=True, slots=True)
class Choice:
    """An input field and the values that it takes; the first is the one that is asked for unless the order says."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Of every model. `reference` is its name at the provider (`owner/name`, or `owner/name:version` where that is needed).

    `inputs` are sent with every order as they are. `typical_seconds` is the usual wait; `price_is_estimate` says that the
    price was not confirmed by a bill.
    """

    name: str
    title: str
    provider: str
    reference: str
    licence: str
    output: OutputForm
    typical_seconds: float
    price_is_estimate: bool
    inputs: Mapping[str, Value] = field(default_factory=lambda: _NO_INPUTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoModel(Model):
    """A model that turns one image into one clip.

    `price` is in US dollars for a clip, or for each second of the clip when `priced_by_second`. A model without
    `seed_field` is not repeatable, and its orders are told apart by their prompts. `typical_seconds_per_clip_second` is the
    usual wait for each second of clip on two cores, for estimates only.
    """

    price: Decimal
    priced_by_second: bool
    min_seconds: float
    max_seconds: float
    length: Length
    typical_seconds_per_clip_second: float = 0.0
    image_field: str | None = None
    end_image_field: str | None = None
    prompt_field: str | None = None
    seed_field: str | None = None
    motion: Motion | None = None
    resolution: Choice | None = None
    aspect: Choice | None = None

    @property
    def price_per_clip(self) -> Decimal:
        """The most that a clip can cost, whatever its length."""
        return self.price_of(self.max_seconds)

    def price_of(self, seconds: float) -> Decimal:
        """What a clip of this length costs: what the provider makes and bills may be longer than what was asked for.

        Raises InputError for a length that the model cannot make.
        """
        self.check_duration(seconds)
        if not self.priced_by_second:
            return self.price
        return (self.price * Decimal(str(self.length.ask(seconds).seconds))).quantize(_MILL, ROUND_UP)

    def typical_wait(self, seconds: float) -> float:
        """Seconds that a clip of this length usually takes."""
        return self.typical_seconds + self.typical_seconds_per_clip_second * seconds

    def check_duration(self, seconds: float) -> None:
        """Raises InputError when the model cannot make a clip of this length."""
        if not self.min_seconds <= seconds <= self.max_seconds:
            raise InputError(
                f"clips of {seconds:g} s are not possible with {self.name}; "
                f"choose between {self.min_seconds:g} and {self.max_seconds:g} seconds"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageModel(Model):
    """A model that makes pictures of a prompt. `price` in US dollars for each.

    `image_field` takes pictures to go by; it is a list where `image_is_list`.
    """

    price: Decimal
    prompt_field: str
    image_field: str | None = None
    image_is_list: bool = False
    seed_field: str | None = None
    aspect: Choice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextModel(Model):
    """A language model. `price` is what an answer of usual length costs at most, in US dollars."""

    price: Decimal
    prompt_field: str
    system_field: str | None = None
    tokens_field: str | None = None
    temperature_field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicModel(Model):
    """A model that makes music of a prompt. `price` in US dollars for a piece of up to `max_seconds`."""

    price: Decimal
    prompt_field: str
    duration_field: str
    max_seconds: float
    seed_field: str | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models by name, one table for each kind."""

    videos: Mapping[str, VideoModel]
    images: Mapping[str, ImageModel]
    texts: Mapping[str, TextModel]
    musics: Mapping[str, MusicModel]
