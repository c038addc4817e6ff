"""A film from the script of an ad: its images, clips, cards and music, before anything is rendered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from adreel.agents.options import GENRE_OF, card_frames
from adreel.agents.video_generator import ClipPlan
from adreel.catalogue.recipes import recipe
from adreel.domain.ad import USUAL_RECIPE, USUAL_STYLE, Ad, Beat, BeatShot
from adreel.domain.errors import InputError
from adreel.domain.films.film import EndCardLook, Transition
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import TRANSITION_FRAMES, to_seconds
from adreel.domain.films.scene import FRAMINGS, ApprovedImage, Mood
from adreel.domain.scripts.ad_format.reading import read_ad
from adreel.domain.scripts.ad_format.writing import to_document
from adreel.domain.scripts.ad_request import AdRequest
from adreel.domain.scripts.ad_timing import AdLengths, ad_lengths, end_frames
from adreel.domain.scripts.claims.sheet import check_ad
from adreel.providers.planning.scene_rules import read_mood
from adreel.providers.planning.script_rules import write_by_rules


@dataclass(frozen=True, slots=True)
class Storyboard:
    """The clips of a film: an image, a plan and a name for each, and the options of the film around them."""

    images: tuple[ApprovedImage, ...]
    plans: tuple[ClipPlan, ...]
    names: tuple[str, ...]
    prompt: str
    film: FilmOptions
    end_card: EndCardLook | None

    @property
    def lengths(self) -> tuple[int, ...]:
        """The frames of each clip."""
        return tuple(plan.frames for plan in self.plans)


def write_script(request: AdRequest) -> Ad:
    """Writes the script of an ad. The same request always gives the same script.

    Raises InputError for a request that cannot be used, ClaimError for a call to action or badge without a source.
    """
    _check_request(request)
    return write_by_rules(request)


def _check_request(request: AdRequest) -> None:
    """Raises InputError for texts and numbers that a script may not have, before anything is written."""
    parts = Ad(
        product=request.product,
        beats=(Beat("request", BeatShot(1)),),
        end=request.end,
        brand=request.brand,
        facts=request.facts,
        offer=request.offer,
        recipe=request.recipe or USUAL_RECIPE,
        style=request.style or USUAL_STYLE,
        prompt=request.prompt,
        photos=request.photos,
        seconds=request.seconds,
    )
    read_ad(to_document(parts), "the request")


def storyboard(ad: Ad, photos: Sequence[Path], film: FilmOptions, prompt: str, clip_seconds: float) -> Storyboard:
    """Plans the film of a script. `film` has the options that a script does not decide; `prompt` replaces the script's, if any.

    There is no intro card: the first beat opens the film. The end card lasts at least as long as its words take to read; with
    `outro_seconds` 0 there is none. Raises InputError for a script that cannot be filmed, ClaimError for words without a source.
    """
    check_ad(ad)
    prompt = prompt or ad.prompt
    lengths = script_lengths(ad, film, clip_seconds)
    return Storyboard(
        images=tuple(_image(ad, place, photos) for place in range(len(ad.beats))),
        plans=tuple(_plan(ad, place, frames) for place, frames in enumerate(lengths.beats)),
        names=tuple(f"beat {beat.name!r}" for beat in ad.beats),
        prompt=prompt,
        film=_options(ad, film, prompt, lengths.end),
        end_card=EndCardLook(_photo(ad, 0, photos), ad.end, ad.product or None, ad.style) if lengths.end else None,
    )


def script_lengths(ad: Ad, film: FilmOptions, clip_seconds: float) -> AdLengths:
    """Returns the lengths of a script's beats and end card in a film with these options. Raises InputError when the words cannot
    be read in that time."""
    overlap = TRANSITION_FRAMES if film.transition is Transition.CROSSFADE else 0
    asked = card_frames("outro", film.outro_seconds)
    end = end_frames(ad) if asked else 0
    return ad_lengths(ad, clip_seconds, overlap, max(end, asked) if end else 0)


def _options(ad: Ad, film: FilmOptions, prompt: str, end: int) -> FilmOptions:
    return replace(
        film,
        name=ad.product or None,
        cta=ad.end.cta,
        intro_seconds=0.0,
        outro_seconds=to_seconds(end),
        music=film.music or _genre(ad, prompt),
    )


def _genre(ad: Ad, prompt: str) -> str:
    """The music of the prompt's mood; of the recipe's when the prompt has none."""
    mood = read_mood(prompt)
    return GENRE_OF[recipe(ad.recipe).mood if mood is Mood.NEUTRAL else mood]


def _image(ad: Ad, place: int, photos: Sequence[Path]) -> ApprovedImage:
    framing = ad.beats[place].shot.framing or FRAMINGS[place % len(FRAMINGS)]
    return ApprovedImage(f"image_{place + 1:02d}", _photo(ad, place, photos), framing)


def _photo(ad: Ad, place: int, photos: Sequence[Path]) -> Path:
    beat = ad.beats[place]
    if beat.shot.photo > len(photos):
        raise InputError(
            f"beat {beat.name!r} shows photo {beat.shot.photo}, and there {'is' if len(photos) == 1 else 'are'} {len(photos)}; "
            "give the photo or change its number"
        )
    return photos[beat.shot.photo - 1]


def _plan(ad: Ad, place: int, frames: int) -> ClipPlan:
    beat = ad.beats[place]
    return ClipPlan(frames, beat.shot.camera, beat.shot.intensity, beat.words, ad.style)
