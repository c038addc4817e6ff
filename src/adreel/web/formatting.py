"""Formats amounts, lengths, times and stages for the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from adreel.domain.costs.money import dollars, dollars_needed
from adreel.domain.films.film_options import NO_MUSIC, read_request
from adreel.domain.films.formats import FrameSize
from adreel.domain.sessions.stage import Stage
from adreel.routers.schemas.common import format_amount, format_time
from adreel.routers.schemas.sessions import ComposedOptions

_STAGES: Mapping[Stage, str] = {
    Stage.CREATED: "New",
    Stage.IMAGE_GENERATION: "Making images",
    Stage.IMAGE_SELECTION: "Choosing images",
    Stage.CLIP_GENERATION: "Making clips",
    Stage.CLIP_SELECTION: "Choosing clips",
    Stage.FINAL_COMPOSITION: "Finishing",
    Stage.COMPLETE: "Film ready",
    Stage.FAILED: "Needs attention",
}
_AGENTS = {
    "image_generator": "Images",
    "video_generator": "Clips",
    "language_model": "Scene planning",
    "voice": "Voice",
    "compositor": "Film",
}
_NOUNS = {
    "image_generator": "image",
    "video_generator": "clip",
    "language_model": "plan",
    "voice": "line",
    "compositor": "film",
}
_MINUTE = 60


def sentence(text: str) -> str:
    """An error message as a sentence: capitalised, with a full stop."""
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith((".", "!", "?")) else f"{whole}."


def price(amount: Decimal) -> str:
    """The price of one unit as its provider lists it, ``$0.145``, or ``Free`` for zero."""
    return f"${format_amount(amount)}" if amount else "Free"


def cost(amount: Decimal) -> str:
    """What something has cost, in cents, or ``Free`` for zero."""
    return dollars(amount) if amount else "Free"


def pieces(noun: str, made: int, failed: int) -> str:
    """``3 clips, 3 failed``: what was made, and what was tried in vain."""
    words = f"{made} {noun}" if made == 1 else f"{made} {noun}s"
    return f"{words}, {failed} failed" if failed else words


def seconds(value: float) -> str:
    """``3 s``, ``2.5 s``, ``1 min 20 s``."""
    if value < _MINUTE:
        return f"{value:.1f}".removesuffix(".0") + " s"
    minutes, rest = divmod(round(value), _MINUTE)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def date(moment: datetime) -> str:
    """``26 Nov 2026``, shown until a script replaces it with the user's locale and time zone."""
    return f"{moment.day} {moment:%b %Y}"


def stage(value: Stage) -> str:
    return _STAGES[value]


def agent(name: str) -> str:
    """The label of an agent in the costs."""
    return _AGENTS.get(name, name.replace("_", " ").capitalize())


def noun(name: str) -> str:
    """What an agent makes."""
    return _NOUNS.get(name, "piece")


def movement(name: str | None) -> str:
    return (name or "").replace("_", " ").capitalize()


def aspect(resolution: str) -> str:
    """``16:9`` for ``1920x1080``; the ratio itself for a size that no film has."""
    width, height = map(int, resolution.split("x"))
    return FrameSize(width, height).aspect


def film_words(options: ComposedOptions) -> str:
    """``Crossfade, chill music``: tells films with the same texts apart."""
    film = read_request(options.model_dump(mode="json"))
    music = "no music" if film.music == NO_MUSIC else f"{film.music} music" if film.music else "matched music"
    return f"{film.transition.value.capitalize()}, {music}"


def scene(prompt: str) -> str:
    """A scene's prompt without the user's own words, which are sent to models behind it."""
    return prompt.partition(" Vision: ")[0]


def planning(price_of_ideas: str) -> str:
    """The most that a language model's plan costs, in cents, rounded up."""
    return dollars_needed(Decimal(price_of_ideas))


def amount(value: Decimal | None) -> str:
    """The value of an input field for an amount."""
    return "" if value is None else format_amount(value)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "price": price,
    "cost": cost,
    "usd": dollars,
    "amount": amount,
    "planning": planning,
    "seconds": seconds,
    "date": date,
    "time": format_time,
    "stage": stage,
    "agent": agent,
    "movement": movement,
    "scene": scene,
    "aspect": aspect,
    "film_words": film_words,
}
