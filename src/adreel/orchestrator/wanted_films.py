"""The films that one job composes: one for each aspect, and one for each placement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from adreel.agents.options import NEUTRAL_COLOR, check_film, spec_of
from adreel.billing.clip_jobs import FilmJob, ImageRef
from adreel.domain.ad import Ad, EndCard
from adreel.domain.errors import InputError
from adreel.domain.films.film import EndCardLook
from adreel.domain.films.film_files import FileRef
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import ASPECTS, FrameSize, to_seconds
from adreel.domain.ports import Speaker
from adreel.domain.sessions.session import Asset, SessionView
from adreel.media.end_cards.end_card import EndCardSpec, shortest_end_card
from adreel.orchestrator.film_brands import FilmBrand, LocalFilmFiles
from adreel.orchestrator.film_speech import check_speech
from adreel.orchestrator.previews.card_previews import color_source
from adreel.orchestrator.script_jobs import check_film_words, end_look, film_for, film_of, first_image
from adreel.placements.placement import Placement


@dataclass(frozen=True, slots=True)
class WantedFilms:
    """First the films in `aspects`, then those for `placements`."""

    aspects: tuple[str, ...]
    placements: tuple[Placement, ...]

    @property
    def all_aspects(self) -> tuple[str, ...]:
        """The aspect of every film, in order."""
        return (*self.aspects, *(each.aspect for each in self.placements))

    @property
    def names(self) -> tuple[str, ...]:
        """The placement of every film, "" for none; empty when no film is for a placement."""
        if not self.placements:
            return ()
        return (*("" for _ in self.aspects), *(each.name for each in self.placements))

    def job(
        self,
        job_id: str,
        view: SessionView,
        clips: Sequence[Asset],
        film: FilmOptions,
        ad: Ad | None,
        brand: FilmBrand = FilmBrand(),  # noqa: B008 (frozen)
        recordings: Mapping[str, FileRef] = MappingProxyType({}),
    ) -> FilmJob:
        """The job that makes these films of the clips, by the session's script, if any, with its brand. Reads fonts: not for
        the event loop. Raises InputError, TextError."""
        look, film = color_source(view, clips), brand.options(film, ad)
        end = brand.end if ad is None and look is not None and film.cta else None
        film = film if end is None else _with_room(film, end)
        return FilmJob(
            job_id=job_id,
            session_id=view.session.id,
            user_id=view.session.user_id,
            clips=tuple(clip.id for clip in clips),
            options=film,
            aspects=self.all_aspects,
            prompt=view.session.video_prompt,
            look_image=None if look is None else ImageRef.of(look),
            script=brand.ad(ad),
            end_image=_end_image(ad, view, look if end else None),
            placements=self.names,
            files=brand.files,
            end=end,
            pronunciations=brand.pronunciations if film.speaks else (),
            recordings=dict(recordings) if film.speaks else {},
        )

    def check(
        self,
        job: FilmJob,
        clips: Sequence[Asset],
        draws: Mapping[str, bool],
        sizes: Mapping[str, FrameSize],
        own: LocalFilmFiles = LocalFilmFiles(),  # noqa: B008 (frozen)
        speaker: Speaker | None = None,
    ) -> list[int]:
        """Checks the films of a job before it is started; returns the lengths of its clips in frames. `draws` and `speaker` as in
        `film_of`.

        Reads fonts: not for the event loop. Raises InputError, TextError, ClipError or ClaimError for films that cannot be made,
        also as long as a placement asks for.
        """
        if len(set(self.aspects)) < len(self.aspects):
            raise InputError("give each aspect once")
        check_speech(job.options, job.script, self.placements)
        job = replace(job, options=own.options(job.options))
        film = film_of(job, clips, draws, speaker)
        frames = [clip.frames for clip in film.clips]
        look = None if job.end_image is None else end_look(job, film, Path(job.end_image.key), own.logo)
        check_film(film.options, tuple(dict.fromkeys(job.aspects)), job.prompt, frames, sizes, look)
        check_film_words(film, sizes[job.aspects[0]])
        for each in self.placements:
            spec = spec_of(replace(film.options, aspect=each.aspect), job.prompt, NEUTRAL_COLOR, sizes)
            check_film_words(film_for(each, film, job, clips, draws, replace(spec, end_card=look)), spec.size)
        return frames


def _end_image(ad: Ad | None, view: SessionView, look: Asset | None) -> ImageRef | None:
    """The image that the end card shows: that of the script's first beat, or `look`."""
    if ad is not None:
        return first_image(ad, view)
    return None if look is None else ImageRef.of(look)


def _with_room(film: FilmOptions, end: EndCard) -> FilmOptions:
    """The options with an outro that lasts at least as long as the words of the end card take to read."""
    if not film.outro_seconds:
        return film
    look = EndCardLook(Path(), end, film.name)
    least = shortest_end_card(EndCardSpec(look, film.cta, NEUTRAL_COLOR, ASPECTS[film.aspect], 1))
    return replace(film, outro_seconds=max(film.outro_seconds, to_seconds(least)))
