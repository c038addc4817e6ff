"""Problems of a script while it is written: claims without a source, words that take longer to read than there is time.

The same checks refuse a film; here every finding is kept, with the text that it is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType

from adreel.domain.ad import Ad, Beat
from adreel.domain.errors import ClaimError, InputError
from adreel.domain.films.formats import to_frames, to_seconds
from adreel.domain.scripts.ad_timing import AdLengths, ad_lengths, end_frames, least_seconds, needed_frames
from adreel.domain.scripts.claims.sheet import Claim, TruthSheet, check_ad
from adreel.web.formatting import sentence

CLIP_SECONDS = 3.0
"""Average length of a beat in a script without a length."""

_ROUNDING = 0.01


@dataclass(frozen=True, slots=True)
class Review:
    """`problems`: sentences by the path of what they are about, as ``beats.0.words.1.text``, ``seconds`` for the film's length.
    `seconds`: the length of every beat, in order; `end` that of the end card, `total` that of the film; `least` that of the
    shortest film in which all words can be read."""

    seconds: tuple[float, ...]
    end: float
    total: float
    least: float
    problems: Mapping[str, str]


def review(ad: Ad) -> Review:
    """Reviews a script."""
    problems = dict(_problems(ad))
    lengths = _lengths(ad)
    least = ceil(2 * least_seconds(ad) - 0.001) / 2
    return Review(
        seconds=tuple(map(_shown, lengths.beats)),
        end=_shown(lengths.end),
        total=_shown(sum(lengths.beats) + lengths.end),
        least=least,
        problems=MappingProxyType(problems),
    )


def _problems(ad: Ad) -> Iterator[tuple[str, str]]:
    """Later findings about the same text replace earlier ones."""
    yield from _whole(ad)
    for place, beat in enumerate(ad.beats):
        yield from _hurried(beat, place, ad.style)
    yield from _claims(ad)


def _whole(ad: Ad) -> Iterator[tuple[str, str]]:
    """What concerns the script as a whole, such as its length or the offer's badge."""
    try:
        check_ad(ad)
    except ClaimError as error:
        if error.where == "the offer's badge":
            yield "offer.badge", _claim_words(error.sentence, error.words)
    if ad.seconds is not None and least_seconds(ad) > ad.seconds + _ROUNDING:
        yield "seconds", _too_short(ad, ad.seconds)
        return
    try:
        ad_lengths(ad, CLIP_SECONDS)
    except InputError as error:
        if all(_lasts(beat, ad.style) for beat in ad.beats):
            yield "seconds", sentence(str(error))


def _too_short(ad: Ad, seconds: float) -> str:
    longest = max(ad.beats, key=lambda beat: needed_frames(beat, ad.style))
    said = " / ".join(words.text for words in longest.words)
    return (
        f"All words take {least_seconds(ad):.1f} s to read, and the film lasts {seconds:g} s. Make it longer, or shorten words; "
        f"the longest are “{said}”."
    )


def _hurried(beat: Beat, place: int, style: str) -> Iterator[tuple[str, str]]:
    if beat.seconds is not None and beat.words and not _lasts(beat, style):
        yield f"beats.{place}.seconds", _too_hurried(to_seconds(needed_frames(beat, style)), beat.seconds)


def _too_hurried(needed: float, seconds: float) -> str:
    return (
        f"These words take {needed:.1f} s to come, be read and go, and are shown for {seconds:g} s. Shorten them, or give them "
        "more time."
    )


def _lasts(beat: Beat, style: str) -> bool:
    return beat.seconds is None or to_frames(beat.seconds) >= needed_frames(beat, style)


def _claims(ad: Ad) -> Iterator[tuple[str, str]]:
    sheet = TruthSheet(ad.facts, ad.offer, (ad.product, ad.brand or ""))
    for path, text in _texts(ad):
        found = next(sheet.unsupported(text), None)
        if found is not None:
            yield path, _unsupported(*found)


def _texts(ad: Ad) -> Iterator[tuple[str, str]]:
    for place, beat in enumerate(ad.beats):
        for number, words in enumerate(beat.words):
            if words.text not in (ad.end.address, ad.end.legal):
                yield f"beats.{place}.words.{number}.text", words.text
        if beat.spoken:
            yield f"beats.{place}.spoken", beat.spoken
    if ad.end.cta:
        yield "end.cta", ad.end.cta


def _unsupported(said: str, claim: Claim) -> str:
    return _claim_words(said, claim.words)


def _claim_words(said: str, words: str) -> str:
    claimed = words.strip()
    about = f"“{said}”" if claimed in ("", said) else f"“{claimed}” in “{said}”"
    return f"None of your facts says {about}. Add it to the facts, or say it otherwise."


def _lengths(ad: Ad) -> AdLengths:
    """As in the film; where the words do not fit in it, as long as they need."""
    try:
        return ad_lengths(ad, CLIP_SECONDS)
    except InputError:
        beats = tuple(max(to_frames(beat.seconds or 0), needed_frames(beat, ad.style)) for beat in ad.beats)
        return AdLengths(beats, end_frames(ad))


def _shown(frames: int) -> float:
    return round(to_seconds(frames), 1)
