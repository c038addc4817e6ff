"""The share of an order in a queue: its user and its amount of work, for the fair order of queues."""

from __future__ import annotations

from collections.abc import Sized
from typing import cast

from adreel.domain.sessions.session import Json
from adreel.domain.work.fairness import Share

_IMAGE = 60
"""Frames that count as much as a hosted image: a provider takes about as long for a clip of two seconds."""

_FILM_CLIP = 30
"""Frames that count as much as a clip that is joined into a film. The films of one queue are compared with each other only."""


def share_of(order: Json) -> Share:
    """The share of any job of `clip_jobs` or `image_jobs`: work in frames.

    Computed from the JSON and not from its type, so that it works for orders of all versions.
    """
    return Share(str(order.get("user_id", "")), max(1, _pieces(order) * _size(order)))


def _pieces(order: Json) -> int:
    """How many clips or images the order makes; for films, clips in all aspects."""
    if "aspects" in order:
        return _count(order, "clips") * _count(order, "aspects")
    if "index" in order:
        # One clip or image of several: `count` is how many there are together.
        return 1
    return _count(order, "images") if "images" in order else int(order.get("count", 1))


def _size(order: Json) -> int:
    if "aspects" in order:
        return _FILM_CLIP
    return int(order["frames"]) if "frames" in order else _IMAGE


def _count(order: Json, name: str) -> int:
    return len(cast("Sized", order[name]))
