"""What differs between the films of one script: hook, opening shot, pace, text style, music, format. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product
from math import ceil
from typing import TypeVar

from adreel.domain.ad import Ad, Beat, TextRole
from adreel.domain.errors import InputError
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import ASPECTS
from adreel.domain.scripts.ad_timing import least_seconds
from adreel.media.music import GENRES
from adreel.media.overlays.loader import STYLE_NAMES

T = TypeVar("T")


class Axis(StrEnum):
    """What variants may differ in."""

    HOOK = "hook"
    SHOT = "shot"
    PACE = "pace"
    STYLE = "style"
    MUSIC = "music"
    FORMAT = "format"


USUAL_AXES = (Axis.HOOK, Axis.SHOT, Axis.PACE, Axis.STYLE, Axis.MUSIC)


class Pace(StrEnum):
    CALM = "calm"
    USUAL = "usual"
    FAST = "fast"


_TIMES: Mapping[Pace, float] = {Pace.CALM: 1.2, Pace.USUAL: 1.0, Pace.FAST: 0.8}
"""Lengths of the beats, as a multiple of those of the script."""

_INTENSITY: Mapping[Pace, float | None] = {Pace.CALM: 0.15, Pace.USUAL: None, Pace.FAST: 0.9}
"""How far the camera moves; None leaves it to the prompt."""


@dataclass(frozen=True, slots=True)
class Variant:
    """`hook` is the beat whose words open the film, `shot` the beat whose shot does: 0 is the first."""

    hook: int
    shot: int
    pace: Pace
    style: str
    music: str
    aspect: str

    def value(self, axis: Axis) -> str:
        """The value of an axis as a word of the variant's name."""
        match axis:
            case Axis.HOOK:
                return f"hook{self.hook + 1}"
            case Axis.SHOT:
                return f"shot{self.shot + 1}"
            case Axis.FORMAT:
                return self.aspect.replace(":", "x")
            case _:
                return str(getattr(self, axis.value))

    def name(self, axes: Sequence[Axis]) -> str:
        """Says what differs, such as hook2-shot1-fast-bold: the name for the test in the ad account."""
        return "-".join(self.value(axis) for axis in axes)


def usual_variant(ad: Ad, film: FilmOptions, music: str) -> Variant:
    """The film as the script has it. `music` is the genre that it would have."""
    return Variant(0, 0, Pace.USUAL, ad.style, film.music or music, film.aspect)


def all_variants(ad: Ad, usual: Variant, axes: Sequence[Axis]) -> list[Variant]:
    """Every variant that differs from `usual` in some of the axes; `usual` is the first.

    Raises InputError without an axis, and for music of the user's own that is to vary.
    """
    if not axes:
        raise InputError(f"variants differ in at least one of {', '.join(Axis)}")
    if Axis.MUSIC in axes and usual.music not in GENRES:
        raise InputError(f"the music is {usual.music!r}, so it cannot vary; leave out the axis music, or the music")
    choices = {axis: _choices(ad, usual, axis) if axis in axes else (_of(usual, axis),) for axis in Axis}
    found = [Variant(*values) for values in product(*(choices[axis] for axis in Axis))]  # pyright: ignore[reportArgumentType]
    return [usual, *(variant for variant in found if variant != usual)]


def _of(variant: Variant, axis: Axis) -> int | str:
    return variant.aspect if axis is Axis.FORMAT else getattr(variant, axis.value)


def _choices(ad: Ad, usual: Variant, axis: Axis) -> tuple[int | str, ...]:
    match axis:
        case Axis.HOOK:
            return tuple(place for place, beat in enumerate(ad.beats) if beat.words) or (0,)
        case Axis.SHOT:
            shots = [beat.shot for beat in ad.beats]
            return tuple(place for place, shot in enumerate(shots) if shot not in shots[:place])
        case Axis.PACE:
            return tuple(Pace)
        case Axis.STYLE:
            return STYLE_NAMES
        case Axis.MUSIC:
            return tuple(GENRES)
        case Axis.FORMAT:
            return (usual.aspect, *(aspect for aspect in ASPECTS if aspect != usual.aspect))


def varied_script(ad: Ad, variant: Variant) -> Ad:
    """The script of a variant. Everything is still said and shown: only what opens the film changes its place."""
    said, shots = _first(ad.beats, variant.hook), _first([beat.shot for beat in ad.beats], variant.shot)
    said[0] = _as_hook(said[0])
    times, intensity = _TIMES[variant.pace], _INTENSITY[variant.pace]
    if intensity is not None:
        shots = [replace(shot, intensity=intensity) for shot in shots]
    beats = tuple(_paced(replace(beat, shot=shot), times) for beat, shot in zip(said, shots, strict=True))
    varied = replace(ad, beats=beats, style=variant.style)
    if ad.seconds is None or least_seconds(ad) > ad.seconds:
        return varied
    # In another style, or faster, the words still take their time to come, be read and go.
    return replace(varied, seconds=max(round(ad.seconds * times, 1), ceil(least_seconds(varied) * 10) / 10))


def varied_options(film: FilmOptions, variant: Variant) -> FilmOptions:
    """The options of a variant's film."""
    return replace(film, music=variant.music, aspect=variant.aspect)


def varied_clip_seconds(clip_seconds: float, variant: Variant) -> float:
    """The usual length of a beat of a script without a length."""
    return clip_seconds * _TIMES[variant.pace]


def _as_hook(beat: Beat) -> Beat:
    """The beat whose first point is its headline: what opens a film is set large."""
    roles = [words.role for words in beat.words]
    if TextRole.HEADLINE in roles or TextRole.BULLET not in roles:
        return beat
    place = roles.index(TextRole.BULLET)
    words = list(beat.words)
    words[place] = replace(words[place], role=TextRole.HEADLINE)
    return replace(beat, words=tuple(words))


def _paced(beat: Beat, times: float) -> Beat:
    return beat if beat.seconds is None else replace(beat, seconds=round(beat.seconds * times, 2))


def _first(items: Sequence[T], place: int) -> list[T]:
    """The items with one of them before all others."""
    return [items[place], *items[:place], *items[place + 1 :]]
