"""How a film is to be finished, as the form shows it: what was asked for last, or what is usual."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from adreel.domain.film import Transition
from adreel.domain.formats import ASPECTS
from adreel.domain.stage import Stage
from adreel.media.cards.fonts import DEFAULT_FAMILY
from adreel.routers.schemas.sessions import ComposedOptions, FinalVideo, GeneratedClip, SessionAnswer

_USUAL_ASPECT = next(iter(ASPECTS))


@dataclass(frozen=True, slots=True)
class Take:
    """A clip as it is shown: the `number`th of its image, made as the `age`th of the session (from 0).

    `is_chosen` when it goes into the film: as it was approved; while the choice is open, the newest of each approved image.
    """

    clip: GeneratedClip
    number: int
    age: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """Lengths in seconds. Without `genre` the music suits the scene; without `color` it is the product's."""

    product_name: str | None = None
    cta: str | None = None
    font: str = DEFAULT_FAMILY
    color: str | None = None
    enabled: bool = True
    genre: str | None = None
    intro_duration: float = 1.0
    outro_duration: float = 1.0
    transition: Transition = Transition.CUT
    aspects: tuple[str, ...] = (_USUAL_ASPECT,)


def chosen_for(session: SessionAnswer, film: FinalVideo | None, aspects: tuple[str, ...]) -> Chosen:
    """As `film` was made, in `aspects`; else as the last composition was asked for; else what is usual."""
    if film is not None and film.options is not None:
        return _as_composed(film.options, aspects)
    if session.film_options is not None and session.text_overlay is not None:
        last = session.film_options
        options = ComposedOptions(
            text_overlay=session.text_overlay,
            audio=last.audio,
            intro_duration=last.intro_duration,
            outro_duration=last.outro_duration,
            transition=last.transition,
        )
        return _as_composed(options, tuple(last.aspects))
    return Chosen(aspects=(_shape_of(ordered_clips(session)),))


def ordered_clips(session: SessionAnswer) -> list[GeneratedClip]:
    """The approved clips as they are to be seen."""
    known = {clip.id: clip for clip in session.generated_clips}
    return [known[clip_id] for clip_id in session.clip_order if clip_id in known]


def all_clips(session: SessionAnswer) -> list[Take]:
    """Every clip: those that are approved in their order, the others by their images, newer ones after older ones."""
    takes = {take.clip.id: take for take in _takes(session)}
    first = [takes.pop(clip.id) for clip in ordered_clips(session)]
    images = {image_id: place for place, image_id in enumerate(session.approved_images)}
    return first + sorted(takes.values(), key=lambda take: images.get(take.clip.source_image_id or "", len(images)))


def _takes(session: SessionAnswer) -> Iterator[Take]:
    """In the order in which they were made."""
    chosen = _chosen_ids(session)
    seen: Counter[str | None] = Counter()
    for age, clip in enumerate(session.generated_clips):
        seen[clip.source_image_id] += 1
        yield Take(clip, seen[clip.source_image_id], age, clip.id in chosen)


def _chosen_ids(session: SessionAnswer) -> set[str]:
    if session.approved_clips and session.stage in (Stage.FINAL_COMPOSITION, Stage.COMPLETE):
        return set(session.approved_clips)
    newest = {clip.source_image_id: clip.id for clip in session.generated_clips}
    return {newest[image_id] for image_id in session.approved_images if image_id in newest}


def _as_composed(options: ComposedOptions, aspects: tuple[str, ...]) -> Chosen:
    words = options.text_overlay
    return Chosen(
        product_name=words.product_name,
        cta=words.cta,
        font=words.font or DEFAULT_FAMILY,
        color=words.color,
        enabled=options.audio.enabled,
        genre=options.audio.genre,
        intro_duration=options.intro_duration,
        outro_duration=options.outro_duration,
        transition=options.transition,
        aspects=aspects,
    )


def _shape_of(clips: list[GeneratedClip]) -> str:
    """The aspect that the first clip was drawn in."""
    if not clips:
        return _USUAL_ASPECT
    shapes = {f"{size.width}x{size.height}": name for name, size in ASPECTS.items()}
    return shapes.get(clips[0].resolution, _USUAL_ASPECT)
