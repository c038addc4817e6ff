"""How a film is to be finished, as the form shows it: what was asked for last, or what is usual."""

from __future__ import annotations

from dataclasses import dataclass

from adreel.domain.film import Transition
from adreel.domain.formats import ASPECTS
from adreel.media.cards.fonts import DEFAULT_FAMILY
from adreel.routers.schemas.sessions import ComposedOptions, FinalVideo, GeneratedClip, SessionAnswer

_USUAL_ASPECT = next(iter(ASPECTS))


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


def all_clips(session: SessionAnswer) -> list[GeneratedClip]:
    """Every take: approved clips in their order, the others by their images, newer takes after older ones."""
    first = ordered_clips(session)
    taken = {clip.id for clip in first}
    images = {image_id: place for place, image_id in enumerate(session.approved_images)}
    rest = [clip for clip in session.generated_clips if clip.id not in taken]
    return first + sorted(rest, key=lambda clip: (images.get(clip.source_image_id or "", len(images)), clip.take))


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
