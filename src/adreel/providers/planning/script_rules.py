"""Writes the script of an ad by rules: a recipe's beats, filled with the user's own facts and offer. Nothing is invented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TypeVar

from adreel.catalogue.recipes import Need, Recipe, RecipeBeat, RecipeWords, WordSource, recipe
from adreel.domain.ad import Ad, Beat, BeatShot, ScreenText, TextRole
from adreel.domain.errors import InputError
from adreel.domain.films.formats import to_seconds
from adreel.domain.films.scene import CameraMovement, ViewType
from adreel.domain.scripts.ad_request import AdRequest
from adreel.domain.scripts.ad_timing import end_frames, least_seconds
from adreel.domain.scripts.claims.sheet import TruthSheet, check_ad
from adreel.providers.planning.fact_lines import Allowed, Line, LineKind, fact_lines, ranked, shortened
from adreel.providers.planning.script_words import (
    Language,
    amount_text,
    badge_text,
    language_of,
    until_text,
)
from adreel.providers.planning.spoken_lines import with_spoken_lines

Choice = TypeVar("Choice", ViewType, CameraMovement)

_MOST_WORDS = {TextRole.HEADLINE: 8, TextRole.BULLET: 6, TextRole.LOWER_THIRD: 9}
"""Words of a fact in one text of a role."""
_MOST_QUOTED = 16
_CAPS = (16, 6, 5, 4, 3)
"""Words of a fact at most, tried in this order: with fewer words more beats fit."""
_TAGLINE_WORDS = 6
_LONGEST_BEAT = 4.5
"""Seconds of an average beat: fewer beats than a recipe has make a shorter film."""
_SPOKEN_STRETCH = 1.25
"""How much longer than its recipe says a film may be whose lines are spoken: speech takes longer than reading."""
_SWAY = (0.05, -0.05)
"""How the strength of the moves differs from beat to beat."""
_KINDS = {WordSource.QUESTION: LineKind.QUESTION, WordSource.QUOTE: LineKind.QUOTE}
_NEEDS = {
    Need.PRICE: "a price",
    Need.QUOTE: "a fact in quotation marks, the words of a customer",
    Need.QUESTION: "a fact that ends with a question mark, the problem that the product solves",
}


def write_by_rules(request: AdRequest) -> Ad:
    """Writes a script. The same request always gives the same script.

    Raises InputError for an unknown recipe, one that lacks what it needs, and words that cannot be read in the film's length;
    ClaimError for a call to action or badge that claims what the facts and the offer do not say.
    """
    lines = fact_lines(request.facts)
    chosen = recipe(request.recipe or _usual_recipe(request, lines))
    _check_needs(chosen, request, lines)
    material = _material(request, lines)
    drafts = [_fitted(_draft(material, chosen, cap), chosen, request.seconds) for cap in _CAPS]
    found = [draft for draft in drafts if draft is not None]
    if not found:
        shortest = least_seconds(_draft(material, chosen, _CAPS[-1]))
        raise InputError(
            f"with the recipe {chosen.name!r} the words of the ad take up to {shortest:.1f} s to read, and the film is to last "
            f"{request.seconds or chosen.seconds:g} s; make it longer, give shorter words or choose another recipe"
        )
    ad = max(found, key=_fullness)
    most = (ad.seconds or 0) * (_SPOKEN_STRETCH if request.spoken and request.seconds is None else 1)
    ad = with_spoken_lines(ad, material.language, material.allowed, most)
    check_ad(ad)
    return ad


def _usual_recipe(request: AdRequest, lines: Sequence[Line]) -> str:
    kinds = {line.kind for line in lines}
    if request.offer is not None and request.offer.was is not None:
        return "offer"
    if LineKind.QUESTION in kinds:
        return "problem-solution"
    if LineKind.QUOTE in kinds:
        return "quotes"
    return "launch" if lines or request.offer else "lookbook"


def _check_needs(chosen: Recipe, request: AdRequest, lines: Sequence[Line]) -> None:
    kinds = {line.kind for line in lines}
    given = {
        Need.PRICE: request.offer is not None,
        Need.QUOTE: LineKind.QUOTE in kinds,
        Need.QUESTION: LineKind.QUESTION in kinds,
    }
    missing = next((need for need in chosen.needs if not given[need]), None)
    if missing is not None:
        raise InputError(f"the recipe {chosen.name!r} needs {_NEEDS[missing]}; give it, or choose another recipe")


@dataclass(frozen=True, slots=True)
class _Material:
    """What the words of an ad are made of. `allowed` says whether a text has its source."""

    request: AdRequest
    lines: Sequence[Line]
    language: Language
    allowed: Allowed


def _material(request: AdRequest, lines: Sequence[Line]) -> _Material:
    sheet = TruthSheet(request.facts, request.offer, (request.product, request.brand or ""))

    @cache
    def allowed(text: str) -> bool:
        return not any(sheet.unsupported(text))

    return _Material(request, lines, language_of((*request.facts, request.prompt)), allowed)


@dataclass(slots=True)
class _Words:
    """Hands out the words of an ad; each fact is used once. Texts have at most `cap` words."""

    material: _Material
    cap: int
    tagline: str | None = None
    used: set[Line] = field(default_factory=set[Line])

    def of(self, words: RecipeWords) -> ScreenText | None:
        offer, source = self.material.request.offer, words.source
        if source is WordSource.PRICE:
            return None if offer is None else self._price()
        text = self._fact(words) if source in (WordSource.FACT, *_KINDS) else self._plain(source)
        return ScreenText(words.role, text) if text else None

    def take_tagline(self) -> None:
        """Takes the first fact of a few words, the user's own choice, away from the others."""
        self.tagline = self._next(self.material.lines, LineKind.STATEMENT, min(self.cap, _TAGLINE_WORDS))

    def _price(self) -> ScreenText:
        offer = self.material.request.offer
        assert offer is not None  # noqa: S101 (the caller has looked)
        was = None if offer.was is None else amount_text(offer.was, offer.currency, self.material.language)
        return ScreenText(TextRole.PRICE, amount_text(offer.price, offer.currency, self.material.language), was)

    def _plain(self, source: WordSource) -> str | None:
        offer = self.material.request.offer
        if source is WordSource.PRODUCT:
            return self.material.request.product
        if source is WordSource.TAGLINE:
            return self.tagline
        if offer is None:
            return None
        if source is WordSource.BADGE:
            return badge_text(offer, self.material.language)
        return None if offer.until is None else until_text(offer.until, self.material.language)

    def _fact(self, words: RecipeWords) -> str | None:
        kind = _KINDS.get(words.source, LineKind.STATEMENT)
        most = _MOST_QUOTED if kind is LineKind.QUOTE else _MOST_WORDS.get(words.role, self.cap)
        lines = ranked(self.material.lines) if kind is LineKind.STATEMENT else self.material.lines
        return self._next(lines, kind, min(self.cap, most))

    def _next(self, lines: Sequence[Line], kind: LineKind, most: int) -> str | None:
        for line in lines:
            text = shortened(line, most, self.material.allowed) if line.kind is kind and line not in self.used else None
            if text is not None:
                self.used.add(line)
                return text
        return None


def _draft(material: _Material, chosen: Recipe, cap: int) -> Ad:
    """The whole recipe as far as there are words for it, whatever time it takes."""
    request, language = material.request, material.language
    words = _Words(material, cap)
    if any(each.source is WordSource.TAGLINE for beat in chosen.beats for each in beat.words):
        words.take_tagline()
    beats = tuple(_beats(chosen, words))
    if not beats:
        raise InputError("there is nothing to say about the product; give its name, facts or a price")
    return Ad(
        product=request.product,
        beats=beats,
        end=replace(request.end, cta=language.cta if request.end.cta is None else request.end.cta or None),
        brand=request.brand,
        facts=request.facts,
        offer=request.offer,
        recipe=chosen.name,
        style=request.style or chosen.style,
        prompt=request.prompt,
        photos=request.photos,
        seconds=request.seconds or chosen.seconds,
    )


def _beats(chosen: Recipe, words: _Words) -> Iterator[Beat]:
    for beat in chosen.beats:
        texts = tuple(filter(None, map(words.of, beat.words)))
        if texts or not beat.words:
            yield Beat(beat.name, BeatShot(1), texts, weight=beat.weight)


def _fitted(ad: Ad, chosen: Recipe, seconds: float | None) -> Ad | None:
    """The draft without what does not fit: first the beats that may fall away, then bullets. None when too much is left."""
    length = seconds or chosen.seconds
    plans = {beat.name: beat for beat in chosen.beats}
    while least_seconds(ad) > length:
        shorter = _without_one_beat(ad, plans) or _without_one_text(ad)
        if shorter is None:
            return None
        ad = shorter
    return _filmed(replace(ad, seconds=seconds or usual_seconds(ad, length)), plans, chosen)


def _without_one_beat(ad: Ad, plans: dict[str, RecipeBeat]) -> Ad | None:
    droppable = [beat for beat in ad.beats if plans[beat.name].drop]
    if not droppable or len(ad.beats) == 1:
        return None
    first = min(droppable, key=lambda beat: plans[beat.name].drop)
    return replace(ad, beats=tuple(beat for beat in ad.beats if beat is not first))


def _without_one_text(ad: Ad) -> Ad | None:
    """Takes the last text from the last beat that has several."""
    beat = next((beat for beat in reversed(ad.beats) if len(beat.words) > 1), None)
    if beat is None:
        return None
    shorter = replace(beat, words=beat.words[:-1])
    return replace(ad, beats=tuple(shorter if each is beat else each for each in ad.beats))


def usual_seconds(ad: Ad, most: float) -> float:
    """The length of a film with these beats, `most` when there are enough of them; never shorter than its words take to read."""
    average = to_seconds(end_frames(ad)) + _LONGEST_BEAT * len(ad.beats)
    return round(max(min(most, average), least_seconds(ad)), 2)


def _filmed(ad: Ad, plans: dict[str, RecipeBeat], chosen: Recipe) -> Ad:
    """Gives every beat its photo, framing and move: photos in rotation, no framing or move twice in a row if avoidable."""
    beats: list[Beat] = []
    for place, beat in enumerate(ad.beats):
        last = beats[-1].shot if beats else None
        shot = BeatShot(
            photo=place % max(1, len(ad.photos)) + 1,
            framing=_other(plans[beat.name].framing, last and last.framing),
            camera=_other(plans[beat.name].camera, last and last.camera),
            intensity=round(chosen.pace.intensity + _SWAY[place % len(_SWAY)], 2),
        )
        beats.append(replace(beat, shot=shot))
    return replace(ad, beats=tuple(beats))


def _other(preferred: Sequence[Choice], last: Choice | None) -> Choice:
    """The first preference that is not the last one; the first when there is no other."""
    return next((each for each in preferred if each is not last), preferred[0])


def _fullness(ad: Ad) -> tuple[int, int]:
    """How much of the recipe a script has; of equals the first is kept, which has the longest words."""
    return len(ad.beats), sum(len(beat.words) for beat in ad.beats)
