"""The frames of the film that `adreel make` makes of photos, as they are before they are encoded. A process of its own.

Arguments: clip seconds, file for the frames, photos. Drawn by the same plan, with the same words.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from adreel.agents.options import film_spec
from adreel.agents.script import images_of
from adreel.agents.video_generator import scene_for
from adreel.domain.films.film import FilmSpec
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import to_frames
from adreel.domain.ports import Shot
from adreel.media.cards.card import CardKind, CardSpec, card_frames
from adreel.media.cards.fonts import resolve_font
from adreel.media.photos.photo import load_photo
from adreel.providers.local.engine import LocalEngine
from adreel.providers.local.photo.palette import brand_color
from adreel.providers.planning.scene_rules import RuleScenePlanner, read_mood
from benchmarks.films import CTA, NAME

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame


def main(arguments: list[str]) -> None:
    seconds, target, *photos = arguments
    paths = [Path(photo) for photo in photos]
    spec = film_spec(FilmOptions(name=NAME, cta=CTA), read_mood(""), brand_color(load_photo(paths[0])))
    with Path(target).open("wb") as file:
        file.writelines(frame.tobytes() for frame in frames(spec, paths, to_frames(float(seconds))))


def frames(spec: FilmSpec, photos: list[Path], clip_frames: int) -> Iterator[YuvFrame]:
    """I420, in the order of the film."""
    engine, images = LocalEngine(load_photo), images_of(photos)
    scenes = asyncio.run(RuleScenePlanner().plan(images, ""))
    yield from card(CardKind.INTRO, NAME, spec)
    for index, image in enumerate(images):
        scene = scene_for(image, index, scenes)
        yield from engine.frames(Shot(image, scene, spec.size, clip_frames, spec.seed + index))
    yield from card(CardKind.OUTRO, CTA, spec)


def card(kind: CardKind, text: str, spec: FilmSpec) -> Iterator[YuvFrame]:
    lengths = {CardKind.INTRO: spec.intro_frames, CardKind.OUTRO: spec.outro_frames}
    return card_frames(CardSpec(kind, text, spec.size, lengths[kind], spec.text.color, resolve_font(None)))


if __name__ == "__main__":
    main(sys.argv[1:])
