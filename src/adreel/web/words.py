"""How the page says amounts, lengths, times and stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from adreel.domain.stage import Stage
from adreel.routers.schemas.common import format_amount, format_time

_STAGES: Mapping[Stage, str] = {
    Stage.CREATED: "New",
    Stage.IMAGE_GENERATION: "Making images",
    Stage.IMAGE_SELECTION: "Choosing images",
    Stage.CLIP_GENERATION: "Making clips",
    Stage.CLIP_SELECTION: "Choosing clips",
    Stage.FINAL_COMPOSITION: "Finishing",
    Stage.COMPLETE: "Film ready",
    Stage.FAILED: "Needs a look",
}
_AGENTS = {
    "image_generator": "Images",
    "video_generator": "Clips",
    "language_model": "Ideas for scenes",
    "compositor": "Film",
}
_MINUTE = 60


def sentence(text: str) -> str:
    """An error's line as it stands on a page."""
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith((".", "!", "?")) else f"{whole}."


def price(amount: Decimal) -> str:
    """``$0.145``; what costs nothing is free."""
    return usd(amount) if amount else "Free"


def usd(amount: Decimal) -> str:
    return f"${format_amount(amount)}"


def seconds(value: float) -> str:
    """``3 s``, ``2.5 s``, ``1 min 20 s``."""
    if value < _MINUTE:
        return f"{value:.1f}".removesuffix(".0") + " s"
    minutes, rest = divmod(round(value), _MINUTE)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def date(moment: datetime) -> str:
    """``26 Nov 2026``, for those who wait for no script: scripts say it in the reader's own way and time zone."""
    return f"{moment.day} {moment:%b %Y}"


def stage(value: Stage) -> str:
    return _STAGES[value]


def view(value: str | None) -> str:
    """A framing as a heading."""
    return (value or "photo").capitalize()


def agent(name: str) -> str:
    """Part of the work, as the costs name it."""
    return _AGENTS.get(name, name.replace("_", " ").capitalize())


def movement(name: str | None) -> str:
    return (name or "").replace("_", " ").capitalize()


def amount(value: Decimal | None) -> str:
    """For a field in which an amount is typed."""
    return "" if value is None else format_amount(value)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "price": price,
    "usd": usd,
    "amount": amount,
    "seconds": seconds,
    "date": date,
    "time": format_time,
    "stage": stage,
    "view": view,
    "agent": agent,
    "movement": movement,
}
