"""The films that one job composes: one for each aspect, and one for each placement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from adreel.agents.options import NEUTRAL_COLOR, check_film, spec_of
from adreel.billing.clip_jobs import FilmJob, ImageRef
from adreel.domain.errors import InputError
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import FrameSize
from adreel.domain.sessions.session import Asset, SessionRecord
from adreel.orchestrator.flows.films import film_lengths
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

    def check(self, film: FilmOptions, prompt: str, clips: Sequence[Asset], sizes: Mapping[str, FrameSize]) -> None:
        """Raises InputError, TextError or ClipError for films that cannot be made, also as long as a placement asks for.

        Reads fonts: not for the event loop.
        """
        if len(set(self.aspects)) < len(self.aspects):
            raise InputError("give each aspect once")
        check_film(film, tuple(dict.fromkeys(self.all_aspects)), prompt, clips, sizes)
        for each in self.placements:
            spec = spec_of(replace(film, aspect=each.aspect), prompt, NEUTRAL_COLOR, sizes)
            film_lengths(clips, spec, each)

    def job(
        self, job_id: str, session: SessionRecord, clips: Sequence[Asset], film: FilmOptions, look: Asset | None
    ) -> FilmJob:
        """The job that makes these films of the clips, in the colour of the image `look`."""
        return FilmJob(
            job_id=job_id,
            session_id=session.id,
            user_id=session.user_id,
            clips=tuple(clip.id for clip in clips),
            options=film,
            aspects=self.all_aspects,
            prompt=session.video_prompt,
            look_image=None if look is None else ImageRef.of(look),
            placements=self.names,
        )
