"""Makes variants of a film, and keeps those whose first seconds differ."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Protocol

from adreel.agents.film_orders import Delivery, MakeOrder
from adreel.agents.output import Existing
from adreel.agents.script import script_film, usual_genre
from adreel.domain.ad import Ad
from adreel.domain.errors import ConflictError, InputError
from adreel.domain.films.formats import FPS
from adreel.media import thumbnails
from adreel.services.storage.atomic import whole_file
from adreel.variants.choosing import farthest_first
from adreel.variants.opening import SECONDS, Distance, Opening, distance, look_at
from adreel.variants.report import REPORT, write_report
from adreel.variants.result import KeptVariant, RefusedVariant, VariantsResult
from adreel.variants.variant import (
    USUAL_AXES,
    Axis,
    Variant,
    all_variants,
    usual_variant,
    varied_clip_seconds,
    varied_options,
    varied_script,
)

MOST = 48
LEAST_DISTANCE = 0.15
"""Films whose first seconds differ less are near-twins: a test between them measures chance (decision 0162)."""

_TRIES = 3
"""So many candidates are made for each variant that is asked for, at most."""

STILLS = "stills"


class Maker(Protocol):
    """What makes the films: `adreel.agents.maker.FilmMaker`."""

    async def make(self, order: MakeOrder) -> Delivery: ...


@dataclass(frozen=True, slots=True)
class VariantsOrder:
    """`count` films of one script into the folder `out`, which differ in the `axes` and by `least`. `base` has the script and
    everything that does not vary; its `out` is not used."""

    base: MakeOrder
    out: Path
    count: int = 6
    axes: tuple[Axis, ...] = USUAL_AXES
    least: float = LEAST_DISTANCE


@dataclass(frozen=True, slots=True)
class VariantEvent:
    """A candidate has ended: the `kept`th of `count`, or refused as a near-twin."""

    kept: int
    count: int
    name: str
    refused: RefusedVariant | None = None


VariantSink = Callable[[VariantEvent], None]


def ignore_events(_event: VariantEvent) -> None:
    """The sink of callers that do not follow the work."""


async def make_variants(order: VariantsOrder, maker: Maker, sink: VariantSink = ignore_events) -> VariantsResult:
    """Makes films until there are `count` that differ, or no candidates are left. Nothing is bought: clips are drawn from photos.

    Raises InputError for an order without a script, ConflictError for a folder that has variants, and the errors of films.
    """
    ad = _checked(order)
    usual = usual_variant(ad, order.base.film, usual_genre(ad, order.base.prompt or ad.prompt))
    candidates = farthest_first(all_variants(ad, usual, order.axes))
    (order.out / STILLS).mkdir(parents=True, exist_ok=True)
    run = _Run(order, ad, maker, sink)
    result = await run.make(candidates)
    await asyncio.to_thread(write_report, order.out, result)
    return result


def _checked(order: VariantsOrder) -> Ad:
    if order.base.script is None:
        raise InputError("variants are made of a script; give one, or facts to write it from")
    if not 2 <= order.count <= MOST:
        raise InputError(f"{order.count} variants are not made; choose 2 to {MOST}")
    if (order.out / REPORT).exists() and order.base.existing is Existing.REFUSE:
        raise ConflictError(f"{order.out} has variants already; choose another folder, or allow that they are replaced")
    return order.base.script


class _Run:
    def __init__(self, order: VariantsOrder, ad: Ad, maker: Maker, sink: VariantSink) -> None:
        self._order = order
        self._ad = ad
        self._maker = maker
        self._sink = sink
        self._kept: list[tuple[KeptVariant, Opening]] = []
        self._refused: list[RefusedVariant] = []

    async def make(self, candidates: Iterator[Variant]) -> VariantsResult:
        for _, variant in zip(range(_TRIES * self._order.count), candidates, strict=False):
            await self._candidate(variant)
            if len(self._kept) == self._order.count:
                break
        return VariantsResult(tuple(kept for kept, _ in self._kept), tuple(self._refused), self._order.least)

    async def _candidate(self, variant: Variant) -> None:
        name = variant.name(self._order.axes)
        path = self._order.out / f"{name}.mp4"
        order = _order_of(self._order.base, self._ad, variant, path)
        try:
            made = await self._maker.make(order)
        except InputError as error:
            if not self._kept and not self._refused:
                # The film as the script has it cannot be made either.
                raise
            # At this pace or in this style the words of the script cannot be read.
            self._refuse(RefusedVariant(name, str(error)))
            return
        if made.failed:
            raise made.failed[0]
        await asyncio.to_thread(self._compare, variant, name, made, order)

    def _compare(self, variant: Variant, name: str, made: Delivery, order: MakeOrder) -> None:
        opening = look_at(made.path, opening_words(order))
        found = [(kept.name, distance(opening, seen)) for kept, seen in self._kept]
        twin, nearest = min(found, key=lambda each: each[1].whole, default=("", None))
        if nearest is not None and nearest.whole < self._order.least:
            made.path.unlink(missing_ok=True)
            self._refuse(_twin(name, twin, nearest))
            return
        with whole_file(self._order.out / STILLS / f"{name}.webp") as still:
            still.write_bytes(thumbnails.of_film(made.path))
        seconds = made.film.frames / made.film.rate
        self._kept.append((KeptVariant(name, variant, made.path, round(seconds, 3), twin, nearest), opening))
        self._sink(VariantEvent(len(self._kept), self._order.count, name))

    def _refuse(self, refused: RefusedVariant) -> None:
        self._refused.append(refused)
        self._sink(VariantEvent(len(self._kept), self._order.count, refused.name, refused))


def _twin(name: str, twin: str, found: Distance) -> RefusedVariant:
    return RefusedVariant(name, f"its first {SECONDS:g} seconds are too much like those of {twin}", twin, found)


def _order_of(base: MakeOrder, ad: Ad, variant: Variant, path: Path) -> MakeOrder:
    return replace(
        base,
        out=path,
        script=varied_script(ad, variant),
        film=varied_options(base.film, variant),
        clip_seconds=varied_clip_seconds(base.clip_seconds, variant),
    )


def opening_words(order: MakeOrder) -> frozenset[str]:
    """The words that a film of a script shows in its first seconds."""
    ad = order.script
    if ad is None:
        return frozenset()
    lengths = script_film(ad, order.film, order.prompt, order.clip_seconds).lengths
    starts = accumulate(lengths.beats, initial=lengths.intro)
    shown = [
        each.text for beat, start in zip(ad.beats, starts, strict=False) if start < SECONDS * FPS for each in beat.words
    ]
    named = [ad.product] if lengths.intro else []
    return frozenset(word for text in (*named, *shown) for word in text.lower().split())
