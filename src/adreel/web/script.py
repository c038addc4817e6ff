"""What the script screen shows: the beats of a script with their words, findings and pictures, and the form to write it with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adreel.catalogue.recipes import Need, recipes
from adreel.domain.ad import Ad, Beat, EndCard, Offer, TextRole
from adreel.domain.scripts.ad_format.writing import to_document
from adreel.domain.sessions.session import AssetKind, SessionView
from adreel.media.overlays.loader import STYLE_NAMES
from adreel.orchestrator.previews.script_stills import photos_of
from adreel.web.script_review import Review, review

_ROLES: Mapping[TextRole, str] = {
    TextRole.HEADLINE: "Headline",
    TextRole.BULLET: "Benefit",
    TextRole.PRICE: "Price",
    TextRole.BADGE: "Badge",
    TextRole.LOWER_THIRD: "Line at the foot",
    TextRole.ADDRESS: "Address",
    TextRole.LEGAL: "Legal line",
}
_NEEDS: Mapping[Need, str] = {
    Need.PRICE: "needs a price",
    Need.QUOTE: "needs a fact in quotation marks",
    Need.QUESTION: "needs a fact that ends with a question mark",
}
_END: Mapping[str, str] = {"cta": "Call to action", "address": "Address of the shop", "legal": "Legal line"}

CURRENCIES = ("EUR", "USD", "GBP", "CHF", "SEK", "DKK", "NOK", "PLN", "CZK", "CAD", "AUD", "JPY", "INR", "BRL")


@dataclass(frozen=True, slots=True)
class WordsView:
    """One text that is edited. `path` is its place in the script's document; `struck` a former price beside it."""

    path: str
    label: str
    text: str
    struck: str
    problem: str


@dataclass(frozen=True, slots=True)
class BeatView:
    """`key` is unique among the beats. `spoken` is the line that is spoken over it, `is_recorded`: by a
    person. `image_id` is "" for an image that is not in the session any more."""

    place: int
    key: str
    title: str
    image_id: str
    words: tuple[WordsView, ...]
    seconds: float
    problem: str
    spoken: WordsView
    is_recorded: bool


@dataclass(frozen=True, slots=True)
class ScriptView:
    """`document` is the whole script as JSON; `problems` the number of findings. `seconds` is the length that the film is to
    have, `total` the one that it would have now, `least` the
    shortest in which all words can be read."""

    document: str
    product: str
    beats: tuple[BeatView, ...]
    end: tuple[WordsView, ...]
    end_seconds: float
    seconds: float
    total: float
    least: float
    problem: str
    problems: int
    style: str
    badge_problem: str
    is_spoken: bool


@dataclass(frozen=True, slots=True)
class WriteForm:
    """The values of the form with which a script is written: those of the script that is there, else those that are known."""

    product: str
    facts: str
    price: str
    was: str
    currency: str
    recipe: str


@dataclass(frozen=True, slots=True)
class RecipeChoice:
    name: str
    title: str


def script_view(ad: Ad, view: SessionView) -> ScriptView:
    found = review(ad)
    known = {image.id for image in view.of_kind(AssetKind.IMAGE)}
    photos = [photo if photo in known else "" for photo in photos_of(ad, view)]
    return ScriptView(
        document=json.dumps(to_document(ad)),
        product=ad.product,
        beats=tuple(_beat(beat, place, found, photos) for place, beat in enumerate(ad.beats)),
        end=tuple(_end_words(ad.end, name, found) for name in _END),
        end_seconds=found.end,
        seconds=ad.seconds or found.total,
        total=found.total,
        least=found.least,
        problem=found.problems.get("seconds", ""),
        problems=len(found.problems),
        style=ad.style,
        badge_problem=found.problems.get("offer.badge", ""),
        is_spoken=any(beat.spoken for beat in ad.beats),
    )


def write_form(ad: Ad | None, view: SessionView) -> WriteForm:
    if ad is None:
        name = str(view.session.text_overlay.get("product_name") or view.session.name or "").strip()
        return WriteForm(name, "", "", "", "EUR", "")
    price, was, currency = _amounts(ad.offer)
    return WriteForm(ad.product, "\n".join(ad.facts), price, was, currency, ad.recipe)


def recipe_choices() -> list[RecipeChoice]:
    """The recipes with what they are for, in their order."""
    return [RecipeChoice(each.name, _recipe_title(each.name, each.summary, each.needs)) for each in recipes().values()]


def style_choices() -> list[tuple[str, str]]:
    """Names and labels of the styles of text."""
    return [(name, name.capitalize()) for name in STYLE_NAMES]


def _recipe_title(name: str, summary: str, needs: Sequence[Need]) -> str:
    wanted = "".join(f", {_NEEDS[need]}" for need in needs)
    return f"{name.replace('-', ' ').capitalize()}: {summary}{wanted}"


def _beat(beat: Beat, place: int, found: Review, photos: Sequence[str]) -> BeatView:
    number = beat.shot.photo
    return BeatView(
        place=place,
        key=beat.name,
        title=beat.name.replace("-", " ").replace("_", " ").capitalize(),
        image_id=photos[number - 1] if number <= len(photos) else "",
        words=tuple(_words(beat, place, each, found) for each in range(len(beat.words))),
        seconds=found.seconds[place],
        problem=found.problems.get(f"beats.{place}.seconds", ""),
        spoken=_line(beat, place, found),
        is_recorded=beat.recording is not None,
    )


def _line(beat: Beat, place: int, found: Review) -> WordsView:
    path = f"beats.{place}.spoken"
    return WordsView(path, "Spoken line", beat.spoken or "", "", found.problems.get(path, ""))


def _words(beat: Beat, place: int, number: int, found: Review) -> WordsView:
    each = beat.words[number]
    path = f"beats.{place}.words.{number}.text"
    return WordsView(path, _ROLES[each.role], each.text, each.struck or "", found.problems.get(path, ""))


def _end_words(end: EndCard, name: str, found: Review) -> WordsView:
    path = f"end.{name}"
    return WordsView(path, _END[name], getattr(end, name) or "", "", found.problems.get(path, ""))


def _amounts(offer: Offer | None) -> tuple[str, str, str]:
    if offer is None:
        return "", "", "EUR"
    return f"{offer.price:f}", "" if offer.was is None else f"{offer.was:f}", offer.currency
