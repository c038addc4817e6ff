"""The length of every beat of a script, in frames: shares of the film by weight, each long enough to be read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType

from adreel.domain.ad import Ad, Beat
from adreel.domain.errors import InputError
from adreel.domain.films.formats import FPS, to_frames, to_seconds
from adreel.domain.scripts.reading_time import reading_seconds

MOVEMENT_FRAMES: Mapping[str, int] = MappingProxyType(
    {"editorial": 41, "bold": 33, "luxury": 46, "minimal": 39, "playful": 38, "technical": 38}
)
"""Frames of a beat in which its words come and go, by the style of the text; the last of them are left to a crossfade."""
_END_MOVEMENT_FRAMES = 23
"""Frames of the end card in which its words come; they stay until the end."""
_WORDLESS_SECONDS = 1.0
"""Shortest beat without words: a shot that can be taken in."""
_SHORTEST_END = 1.5
_LONGEST_END = 10.0


@dataclass(frozen=True, slots=True)
class AdLengths:
    """Lengths in frames: of every beat, in order, of the end card, 0 when the script has none, and of an intro before the first
    beat."""

    beats: tuple[int, ...]
    end: int
    intro: int = 0


def ad_lengths(ad: Ad, clip_seconds: float, overlap: int = 0, end: int | None = None, intro: int = 0) -> AdLengths:
    """Divides the film among the beats. Beats of a script without a length get `clip_seconds` on average. `overlap` frames of
    neighbours are shown at the same time, as in a crossfade. `end` is the length of the end card in frames, if not `end_frames`;
    `intro` that of an intro before the first beat.

    Raises InputError when the words cannot be read in that time, or when the lengths of all beats contradict that of the film.
    """
    end = end_frames(ad) if end is None else end
    needed = [needed_frames(beat, ad.style) for beat in ad.beats]
    joints = len(ad.beats) - (not end) + bool(intro)
    fixed = [None if beat.seconds is None else to_frames(beat.seconds) for beat in ad.beats]
    _check_fixed(ad, fixed, needed)
    if ad.seconds is None:
        total = sum(to_frames(clip_seconds) if each is None else each for each in fixed)
        total = max(total, sum(_least(fixed, needed)))
    else:
        total = to_frames(ad.seconds) - end - intro + joints * overlap
        _check_total(ad, total, fixed, _least(fixed, needed))
    return AdLengths(_shared(total, [beat.weight for beat in ad.beats], fixed, needed), end, intro)


def least_seconds(ad: Ad) -> float:
    """Returns the length of the shortest film in which all of the script can be read, without crossfades."""
    return to_seconds(sum(needed_frames(beat, ad.style) for beat in ad.beats) + end_frames(ad))


def end_frames(ad: Ad) -> int:
    """Returns the length of the end card: as long as its words take to read; the legal line is read beside the others.

    Without a call to action there is no end card: 0.
    """
    if ad.end.cta is None:
        return 0
    message = reading_seconds([ad.product, ad.end.cta, ad.end.address or ""])
    seconds = max(message, reading_seconds([ad.end.legal or ""]))
    frames = ceil(round(seconds * FPS, 6)) + _END_MOVEMENT_FRAMES
    return min(to_frames(_LONGEST_END), max(to_frames(_SHORTEST_END), frames))


def needed_frames(beat: Beat, style: str) -> int:
    """Returns the frames that a beat needs for its words to come, be read and go, in a style of text."""
    texts = [text for words in beat.words for text in (words.text, words.struck or "")]
    seconds = reading_seconds(texts)
    if not seconds:
        return to_frames(_WORDLESS_SECONDS)
    # Rounded first: 1.1 * 30 is a little more than 33.
    return ceil(round(seconds * FPS, 6)) + MOVEMENT_FRAMES.get(style, max(MOVEMENT_FRAMES.values()))


def _least(fixed: Sequence[int | None], needed: Sequence[int]) -> list[int]:
    return [least if own is None else own for own, least in zip(fixed, needed, strict=True)]


def _check_fixed(ad: Ad, fixed: Sequence[int | None], needed: Sequence[int]) -> None:
    for beat, own, least in zip(ad.beats, fixed, needed, strict=True):
        if own is not None and beat.words and own < least:
            raise InputError(
                f"beat {beat.name!r} lasts {to_seconds(own):.1f} s, and its words take {to_seconds(least):.1f} s to come, be "
                "read and go; shorten them or make the beat longer"
            )


def _check_total(ad: Ad, total: int, fixed: Sequence[int | None], least: Sequence[int]) -> None:
    if sum(least) > total or (None not in fixed and sum(least) != total):
        needed = (ad.seconds or 0) + to_seconds(sum(least) - total)
        is_short = sum(least) > total
        raise InputError(
            f"the beats and the end card take {'at least ' if None in fixed else ''}{needed:.1f} s, and the film is to last "
            f"{ad.seconds:g} s; {'shorten or remove words or beats, or ' if is_short else ''}change the film's length"
        )


def _shared(
    total: int, weights: Sequence[float], fixed: Sequence[int | None], needed: Sequence[int]
) -> tuple[int, ...]:
    """Gives every beat without a length its share by weight, but what it needs where that is more; the sum is exact."""
    lengths = [0 if own is None else own for own in fixed]
    free = [place for place, own in enumerate(fixed) if own is None]
    while free:
        left = total - sum(lengths)
        whole = sum(weights[place] for place in free)
        short = [place for place in free if left * weights[place] / whole < needed[place]]
        if not short:
            _round(lengths, left, free, weights)
            break
        for place in short:
            lengths[place] = needed[place]
        free = [place for place in free if place not in short]
    return tuple(lengths)


def _round(lengths: list[int], left: int, free: Sequence[int], weights: Sequence[float]) -> None:
    """Divides `left` whole frames by weight; those that rounding leaves go to the largest remainders."""
    whole = sum(weights[place] for place in free)
    shares = {place: left * weights[place] / whole for place in free}
    for place in free:
        lengths[place] = int(shares[place])
    rest = left - sum(int(share) for share in shares.values())
    for place in sorted(free, key=lambda place: (int(shares[place]) - shares[place], place))[:rest]:
        lengths[place] += 1
