"""View models of the finish and result screens.

The finish form starts with the options of a film or of the last composition, otherwise with defaults. The result screen shows
one film, its other formats, earlier films and the costs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from typing import Any

from adreel.domain.films.captions import Captions
from adreel.domain.films.film import Fit
from adreel.domain.films.film_options import FilmOption, FilmOptions, film_option_fields, read_request
from adreel.domain.films.formats import ASPECTS
from adreel.domain.sessions.session import Asset, AssetKind, CostLine, SessionView
from adreel.domain.sessions.stage import Stage
from adreel.media.cards.fonts import DEFAULT_FAMILY
from adreel.media.overlays.caption_style import caption_styles
from adreel.routers.schemas.brands import Brand
from adreel.routers.schemas.sessions import FinalVideo, GeneratedClip, SessionAnswer
from adreel.web.formatting import agent, noun, pieces

_DEFAULT_ASPECT = next(iter(ASPECTS))


@dataclass(frozen=True, slots=True)
class Take:
    """A clip on the page: the `number`th take of its image and the `age`th clip of the session (from 0).

    `is_chosen`: the clip goes into the film. While none is approved, that is the newest take of each approved image.
    """

    clip: GeneratedClip
    number: int
    age: int
    is_chosen: bool


OWN_CONTROLS = frozenset(
    {
        "name",
        "cta",
        "font",
        "color",
        "intro_seconds",
        "outro_seconds",
        "music",
        "transition",
        "voice",
        "captions",
        "caption_style",
    }
)
"""Options with their own controls in the template; every other public option gets a generated control."""


@dataclass(frozen=True, slots=True)
class FinishForm:
    """Initial values of the form: options and formats of the film."""

    options: FilmOptions = field(default_factory=lambda: FilmOptions(font=DEFAULT_FAMILY))
    aspects: tuple[str, ...] = (_DEFAULT_ASPECT,)


@dataclass(frozen=True, slots=True)
class OptionControl:
    """A generated control of an option: `path` is its dotted path in a request; `choices`: those of a list, with labels."""

    path: str
    about: FilmOption
    value: object
    choices: tuple[tuple[str, str], ...]


def option_controls(options: FilmOptions) -> list[OptionControl]:
    """Returns controls of the options without one in the template."""
    return [
        OptionControl(".".join(about.path), about, getattr(options, each.name), _choices(each.default))
        for each, about in film_option_fields(type(options))
        if about.path and each.name not in OWN_CONTROLS
    ]


_CHOICES: Mapping[Enum, str] = {
    Fit.PAD: "Whole clip, black bars",
    Fit.BLUR: "Whole clip, blurred surroundings",
    Fit.COVER: "Fill the frame, edges cut off",
    Fit.FOLLOW: "Fill the frame, follow the product",
}
"""Labels of choices whose names say little to people who make no films."""


CAPTIONS: Mapping[Captions, str] = {
    Captions.OFF: "None",
    Captions.ON: "In the picture",
    Captions.FILE: "As files beside the film (.srt, .vtt)",
    Captions.TRACK: "As a text track in the film",
    Captions.BOTH: "As files and as a text track",
}
"""Labels of the ways in which a film may have captions."""


def caption_looks() -> list[tuple[str, str]]:
    """Names and labels of the styles of captions in the picture."""
    return [(name, f"{name.capitalize()}: {style.title}") for name, style in caption_styles().items()]


def _choices(default: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(default, Enum):
        return ()
    return tuple((str(each), _CHOICES.get(each, str(each).capitalize())) for each in type(default))


def chosen_for(session: SessionAnswer, film: FinalVideo | None, aspects: tuple[str, ...]) -> FinishForm:
    """Returns the options of `film`, in `aspects`; otherwise those of the last composition; otherwise defaults."""
    if film is not None and film.options is not None:
        return _as_composed(film.options.model_dump(mode="json"), aspects)
    if session.film_options is not None and session.text_overlay is not None:
        last = session.film_options.model_dump(mode="json")
        last_aspects = tuple(last.pop("aspects"))
        return _as_composed({**last, "text_overlay": session.text_overlay.model_dump(mode="json")}, last_aspects)
    return FinishForm(aspects=(_aspect_of(ordered_clips(session)),))


def with_brand(form: FinishForm, brand: Brand | None, session: SessionAnswer) -> FinishForm:
    """The form with what a brand leaves to be seen: no font where the brand has one, and its call to action before the first
    composition."""
    if brand is None:
        return form
    options = form.options
    if brand.font_file or brand.font:
        options = replace(options, font=None if options.font in (DEFAULT_FAMILY, brand.font) else options.font)
    if session.film_options is None:
        options = replace(options, cta=options.cta or brand.cta)
    return replace(form, options=options)


def ordered_clips(session: SessionAnswer) -> list[GeneratedClip]:
    """Returns the approved clips in playing order."""
    known = {clip.id: clip for clip in session.generated_clips}
    return [known[clip_id] for clip_id in session.clip_order if clip_id in known]


def all_clips(session: SessionAnswer) -> list[Take]:
    """Returns all clips: approved ones in their order, then the others by image, older takes first."""
    takes = {take.clip.id: take for take in _takes(session)}
    first = [takes.pop(clip.id) for clip in ordered_clips(session)]
    images = {image_id: place for place, image_id in enumerate(session.approved_images)}
    return first + sorted(takes.values(), key=lambda take: _place(take.clip, images))


def _place(clip: GeneratedClip, images: Mapping[str, int]) -> int:
    """The place of a clip's image; clips of a script's beats come in their order, before all others."""
    return -1 if clip.beat else images.get(clip.source_image_id or "", len(images))


def _takes(session: SessionAnswer) -> Iterator[Take]:
    """Yields takes in order of creation."""
    chosen = _chosen_ids(session)
    counts: Counter[tuple[str | None, str | None]] = Counter()
    for age, clip in enumerate(session.generated_clips):
        shown = (clip.source_image_id, clip.beat)
        counts[shown] += 1
        yield Take(clip, counts[shown], age, clip.id in chosen)


def _chosen_ids(session: SessionAnswer) -> set[str]:
    if session.approved_clips and session.stage in (Stage.FINAL_COMPOSITION, Stage.COMPLETE):
        return set(session.approved_clips)
    newest = {(clip.source_image_id, clip.beat): clip for clip in session.generated_clips}
    return {clip.id for clip in newest.values() if clip.beat or clip.source_image_id in session.approved_images}


def _as_composed(request: dict[str, Any], aspects: tuple[str, ...]) -> FinishForm:
    options = read_request(request)
    return FinishForm(replace(options, font=options.font or DEFAULT_FAMILY), aspects)


def _aspect_of(clips: list[GeneratedClip]) -> str:
    """The aspect of the first clip."""
    if not clips:
        return _DEFAULT_ASPECT
    by_resolution = {f"{size.width}x{size.height}": name for name, size in ASPECTS.items()}
    return by_resolution.get(clips[0].resolution, _DEFAULT_ASPECT)


@dataclass(frozen=True, slots=True)
class FilmView:
    """`together` are the formats and placements of one composition, `earlier` all other films, newest first."""

    film: FinalVideo
    together: tuple[FinalVideo, ...]
    earlier: tuple[FinalVideo, ...]


@dataclass(frozen=True, slots=True)
class Spent:
    """Total cost of one stage with one model. `pieces`: "3 clips, 3 failed"."""

    stage: str
    model: str
    pieces: str
    cost: Decimal


def film_view(view: SessionView, films: list[FinalVideo], film_id: str | None) -> FilmView | None:
    """Shows the film `film_id`; the session's final video without an id or for an unknown one. None without films."""
    if not films:
        return None
    known = {film.id: film for film in films}
    film = known.get(film_id or "") or known.get(view.session.final_video_id or "") or films[0]
    assets = {asset.id: asset for asset in view.of_kind(AssetKind.FINAL)}
    composition = _composition(assets[film.id])
    together: dict[str, FinalVideo] = {}
    for other in films:
        if _composition(assets[other.id]) == composition:
            together.setdefault(other.placement or other.aspect, other)
    together[film.placement or film.aspect] = film
    beside = {other.id for other in together.values()}
    earlier = tuple(other for other in films if other.id not in beside)
    placed = tuple(other for name, other in together.items() if name not in ASPECTS)
    return FilmView(film, (*(together[aspect] for aspect in ASPECTS if aspect in together), *placed), earlier)


def spent(lines: Iterable[CostLine]) -> list[Spent]:
    """Sums costs by stage and model, in order of their first entry."""
    groups: dict[tuple[str, str], list[CostLine]] = {}
    for line in lines:
        groups.setdefault((line.agent, line.model), []).append(line)
    return [_spent(name, model, group) for (name, model), group in groups.items()]


def _spent(name: str, model: str, lines: list[CostLine]) -> Spent:
    made = sum(line.success for line in lines)
    words = pieces(noun(name), made, len(lines) - made)
    return Spent(agent(name), model, words, sum((line.amount for line in lines), Decimal(0)))


def _composition(film: Asset) -> tuple[object, object]:
    """Films with equal options and clips are formats of one composition."""
    return film.film_details.options, film.film_details.clips
