"""Writes the spoken lines of a script by rules: what its beats show, as it is said, and no more than that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil

from adreel.domain.ad import Ad, Beat, ScreenText, TextRole
from adreel.domain.films.formats import FPS, to_frames, to_seconds
from adreel.domain.scripts.ad_timing import end_frames, needed_frames
from adreel.domain.scripts.claims.tokens import is_quotation
from adreel.media.speech.estimate import speaking_seconds
from adreel.providers.planning.fact_lines import Allowed
from adreel.providers.planning.script_words import LANGUAGES, Language

_AROUND = 13
"""Frames of a beat before and after its line."""
_SPARE = 9
"""Frames of a film whose lines take longer to speak than to read: their lengths are estimates."""
_LONGEST = 5.2
"""Seconds of a line: a longer one holds up the film."""
_ENDS = (".", "!", "?", "…")
_ARTICLES = frozenset(("the", "a", "an", "my", "our", "your", "this", "these"))
_NAME_ENDS = re.compile(r",\s|\s[-–—|]\s|\s*[(\[]")
"""Where the name of a product in a shop ends and its size and colour begin."""
_VERBS = frozenset(
    word
    for words in (
        "absorbs adjusts blocks brews charges cleans comes connects contains converts covers cuts dries feels fits folds gives",
        "has heats helps holds includes keeps lasts lets lights makes measures needs offers opens plays protects resists",
        "reduces runs saves seals serves sits stands stays stores supports takes turns uses warms washes weighs works",
    )
    for word in words.split()
)
"""Verbs with which a statement about the product begins that leaves out what it is about."""


def with_spoken_lines(ad: Ad, language: Language, allowed: Allowed, most: float) -> Ad:
    """The script with a line for each beat that shows words, as rich as the film's length allows. `allowed` says whether a line
    claims only what has a source; `most` are the seconds to which the film may grow for its lines."""
    choices = [[*_allowed(_choices(ad, place, language), allowed), None] for place in range(len(ad.beats))]
    chosen = [0] * len(ad.beats)

    def lines() -> list[str | None]:
        return [each[place] for each, place in zip(choices, chosen, strict=True)]

    while _length(ad, lines()) > to_frames(most):
        costly = _costliest(ad, lines(), [len(each) - place for each, place in zip(choices, chosen, strict=True)])
        if costly is None:
            break
        chosen[costly] += 1
    for place in reversed(range(len(chosen))):
        # A line gave way whole where a part of it would have done.
        while chosen[place] and _length(
            ad, [*lines()[:place], choices[place][chosen[place] - 1], *lines()[place + 1 :]]
        ) <= to_frames(most):
            chosen[place] -= 1
    beats = tuple(replace(beat, spoken=line) for beat, line in zip(ad.beats, lines(), strict=True))
    return replace(ad, beats=beats, seconds=max(ad.seconds or 0, round(to_seconds(_length(ad, lines())), 2)))


def _allowed(choices: Iterator[str], allowed: Allowed) -> list[str]:
    return [line for line in dict.fromkeys(choices) if speaking_seconds(line) <= _LONGEST and allowed(line)]


def _length(ad: Ad, lines: Sequence[str | None]) -> int:
    """The frames of the shortest film in which everything is read and spoken."""
    extra = sum(_extra(ad, beat, line) for beat, line in zip(ad.beats, lines, strict=True))
    return end_frames(ad) + sum(needed_frames(beat, ad.style) for beat in ad.beats) + (extra + _SPARE if extra else 0)


def _needed(ad: Ad, beat: Beat, line: str | None) -> int:
    spoken = 0 if line is None else ceil(speaking_seconds(line) * FPS) + _AROUND
    return max(needed_frames(beat, ad.style), spoken)


def _costliest(ad: Ad, lines: Sequence[str | None], left: Sequence[int]) -> int | None:
    """The beat whose line gives way, of those that take longer to speak than to read, the longest first: one that can be said in
    fewer words, else one that is neither the opening nor the price. `left`: the choices of each, of which the last is no line.
    """
    extra = {place: _extra(ad, beat, lines[place]) for place, beat in enumerate(ad.beats)}
    costly = [place for place, frames in extra.items() if frames > 0]
    terser = [place for place in costly if left[place] > 2]
    plain = [
        place for place in costly if place and not any(text.role is TextRole.PRICE for text in ad.beats[place].words)
    ]
    return max(terser or plain or costly, key=lambda place: extra[place], default=None)


def _extra(ad: Ad, beat: Beat, line: str | None) -> int:
    return _needed(ad, beat, line) - needed_frames(beat, ad.style)


def _choices(ad: Ad, place: int, language: Language) -> Iterator[str]:
    """What may be spoken over a beat, the richest first. The last beat leads to the end card."""
    beat = ad.beats[place]
    plain = list(_said(ad, beat, language))
    if place == len(ad.beats) - 1 and ad.end.cta and not any(map(is_quotation, plain)):
        yield from (f"{line} {_sentence(ad.end.cta)}" for line in plain)
    yield from plain


def _said(ad: Ad, beat: Beat, language: Language) -> Iterator[str]:
    """A beat's texts as they are said: all of them, then the first ones, then in the fewest words. A price says what is saved."""
    saving = any(words.struck for words in beat.words)
    shown = [words for words in beat.words if not (saving and words.role is TextRole.BADGE)]
    for form in (_full, _terse):
        texts = [form(ad, words, language) for words in shown]
        for count in range(len(texts), 0, -1):
            yield " ".join(texts[:count])


def _full(ad: Ad, words: ScreenText, language: Language) -> str:
    if words.role is TextRole.PRICE and words.struck is not None:
        return language.now.format(price=words.text, was=words.struck)
    return _terse(ad, words, language) if words.text != ad.product else language.meet.format(name=_name(ad, language))


def _terse(ad: Ad, words: ScreenText, language: Language) -> str:
    if words.role is TextRole.PRICE:
        return language.price.format(price=words.text)
    return _sentence(_name(ad, language)) if words.text == ad.product else _statement(ad, words.text, language)


def _statement(ad: Ad, text: str, language: Language) -> str:
    if is_quotation(text):
        return text
    first, _, rest = text.partition(" ")
    is_several = ad.product.endswith("s") and not ad.product.endswith("ss")
    if language is LANGUAGES["en"] and not is_several and rest and first.lower() in _VERBS:
        return _sentence(f"It {first.lower()} {rest}")
    return _sentence(text)


def _name(ad: Ad, language: Language) -> str:
    """The product's name without its size and colour; in English with an article, unless it is a single word."""
    name = _NAME_ENDS.split(" ".join(ad.product.split()))[0]
    words = name.split()
    if language is not LANGUAGES["en"] or len(words) < 2 or words[0].lower() in _ARTICLES:
        return name
    return f"the {name}"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    text = text[:1].upper() + text[1:]
    return text if text.endswith(_ENDS) else f"{text}."
